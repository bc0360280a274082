"""Reports, which are their own outbox, and tokens."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_UP = (
    """
    CREATE TABLE report (
        id uuid PRIMARY KEY,
        sequence bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT report_sequence_key UNIQUE,
        asset text NOT NULL,
        asset_id uuid NOT NULL,
        ref text NOT NULL,
        commit text,
        scanner text,
        category text NOT NULL,
        complete boolean NOT NULL,
        scanned_at timestamptz,
        received_at timestamptz NOT NULL,
        filename text,
        source text NOT NULL,
        sender text NOT NULL,
        idempotency_key text,
        fingerprint text NOT NULL,
        body_ref text NOT NULL,
        body_sha256 text NOT NULL,
        body_bytes bigint NOT NULL,
        wire_bytes bigint NOT NULL,
        body_deleted_at timestamptz,
        lane text NOT NULL,
        status text NOT NULL,
        reason text,
        detail text,
        detected_scanner text,
        counts jsonb,
        attempts integer NOT NULL,
        published_at timestamptz,
        due_at timestamptz,
        finished_at timestamptz,
        duplicate_of uuid,
        CONSTRAINT report_status_known CHECK (status IN ('accepted', 'indexed', 'rejected', 'stuck')),
        CONSTRAINT report_due_while_accepted CHECK ((status = 'accepted') = (due_at IS NOT NULL))
    )
    """,
    "CREATE UNIQUE INDEX report_idempotency_key ON report (sender, idempotency_key) WHERE idempotency_key IS NOT NULL",
    """
    CREATE UNIQUE INDEX report_under_way ON report (fingerprint)
    WHERE status = 'accepted' AND idempotency_key IS NULL
    """,
    "CREATE INDEX report_due ON report (lane, due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX report_fingerprint ON report (fingerprint, sequence)",
    "CREATE INDEX report_body ON report (body_sha256)",
    "CREATE INDEX report_body_kept ON report (received_at) WHERE body_deleted_at IS NULL",
    "CREATE INDEX report_asset ON report (asset, sequence)",
    "CREATE INDEX report_status ON report (status, sequence)",
    "CREATE INDEX report_scanner ON report (coalesce(detected_scanner, scanner), sequence)",
    """
    CREATE TABLE token (
        id uuid PRIMARY KEY,
        digest text NOT NULL CONSTRAINT token_digest_key UNIQUE,
        name text NOT NULL,
        scopes text[] NOT NULL,
        assets text[] NOT NULL,
        created_at timestamptz NOT NULL,
        created_by text,
        expires_at timestamptz,
        revoked_at timestamptz,
        last_used_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX token_name ON token (name) WHERE revoked_at IS NULL",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables."""
    op.execute("DROP TABLE token, report")
