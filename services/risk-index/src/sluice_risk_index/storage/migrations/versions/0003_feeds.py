"""What the feeds say, of which edition it is, and which findings have yet to be scored by it."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE feed (
        name text PRIMARY KEY,
        version text NOT NULL,
        released_at timestamptz NOT NULL,
        entries integer NOT NULL,
        etag text,
        last_modified text,
        taken_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE epss (
        cve text PRIMARY KEY,
        score double precision NOT NULL,
        percentile double precision NOT NULL,
        applied double precision NOT NULL
    )
    """,
    """
    CREATE TABLE kev (
        cve text PRIMARY KEY,
        added date NOT NULL,
        due date NOT NULL,
        ransomware boolean NOT NULL,
        news boolean NOT NULL
    )
    """,
    """
    CREATE TABLE rescoring (
        asset_id uuid NOT NULL,
        finding_id uuid NOT NULL,
        PRIMARY KEY (asset_id, finding_id)
    )
    """,
    "ALTER TABLE finding ADD COLUMN known_exploited boolean NOT NULL DEFAULT false",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE finding DROP COLUMN known_exploited")
    for table in ("rescoring", "kev", "epss", "feed"):
        op.execute(f"DROP TABLE {table}")
