"""Evidence about assets (CODEOWNERS, VEX, proofs), exceptions by API, and the reviews that were reminded of."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE codeowners (
        asset_id uuid PRIMARY KEY,
        asset text NOT NULL,
        digest text NOT NULL,
        body text NOT NULL,
        ref text NOT NULL,
        commit text,
        source text,
        evidence_id uuid NOT NULL,
        made_at timestamptz NOT NULL,
        sequence bigint NOT NULL
    )
    """,
    """
    CREATE TABLE vex_document (
        asset_id uuid NOT NULL,
        id text NOT NULL,
        author text NOT NULL,
        asset text NOT NULL,
        form text NOT NULL,
        version text,
        statements integer NOT NULL,
        unused integer NOT NULL,
        source text,
        evidence_id uuid NOT NULL,
        issued_at timestamptz NOT NULL,
        sequence bigint NOT NULL,
        PRIMARY KEY (asset_id, id, author)
    )
    """,
    """
    CREATE TABLE vex_statement (
        asset_id uuid NOT NULL,
        identifier text NOT NULL,
        document text NOT NULL,
        author text NOT NULL,
        number integer NOT NULL,
        status text NOT NULL,
        stated_at timestamptz NOT NULL,
        justification text,
        statement text,
        packages text[] NOT NULL,
        PRIMARY KEY (asset_id, identifier, document, author, number)
    )
    """,
    """
    CREATE TABLE proof (
        asset_id uuid NOT NULL,
        practice text NOT NULL,
        ref text NOT NULL,
        form text NOT NULL,
        commit text,
        entries integer NOT NULL,
        source text,
        evidence_id uuid NOT NULL,
        made_at timestamptz NOT NULL,
        sequence bigint NOT NULL,
        PRIMARY KEY (asset_id, practice, ref)
    )
    """,
    """
    CREATE TABLE exception (
        id text PRIMARY KEY,
        entry json NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        ended_at timestamptz,
        ended_by text
    )
    """,
    """
    CREATE TABLE exception_review (
        exception_id text NOT NULL,
        due date NOT NULL,
        raised_at timestamptz NOT NULL,
        told boolean NOT NULL,
        PRIMARY KEY (exception_id, due)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("exception_review", "exception", "proof", "vex_statement", "vex_document", "codeowners"):
        op.execute(f"DROP TABLE {table}")
