"""Decisions of people, kept apart from what scanners say, and the audit trail."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    ALTER TABLE finding
        ADD COLUMN decision text NOT NULL DEFAULT 'open',
        ADD COLUMN decided text NOT NULL DEFAULT 'open',
        ADD COLUMN decided_until timestamptz,
        ADD COLUMN exception_id text,
        ADD COLUMN paused_at timestamptz,
        ADD COLUMN paused_for interval NOT NULL DEFAULT '0'
    """,
    "CREATE INDEX finding_decided_until ON finding (decided_until) WHERE decided_until IS NOT NULL",
    "CREATE INDEX finding_exception ON finding (exception_id) WHERE exception_id IS NOT NULL",
    "ALTER TABLE facet ADD COLUMN decision text NOT NULL DEFAULT 'open'",
    "ALTER TABLE facet DROP CONSTRAINT facet_values_key",
    """
    ALTER TABLE facet ADD CONSTRAINT facet_values_key
        UNIQUE (status, risk_class, severity, kind, sla_state, tier, decision, scanners)
    """,
    """
    CREATE TABLE decision (
        asset_id uuid NOT NULL,
        finding_id uuid NOT NULL,
        id uuid NOT NULL,
        state text NOT NULL,
        reason text NOT NULL,
        until timestamptz,
        decided_by text NOT NULL,
        decided_at timestamptz NOT NULL,
        PRIMARY KEY (asset_id, finding_id, id)
    )
    """,
    """
    CREATE TABLE audit (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        action text NOT NULL,
        subject text NOT NULL,
        reason text NOT NULL,
        detail json NOT NULL
    )
    """,
    "CREATE INDEX audit_subject ON audit (subject, id)",
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'what was decided stays on record: % only grows', TG_TABLE_NAME;
    END $$
    """,
    """
    CREATE TRIGGER decision_only_grows BEFORE UPDATE OR DELETE ON decision
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change()",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE audit")
    op.execute("DROP TABLE decision")
    op.execute("DROP FUNCTION refuse_change")
    op.execute("ALTER TABLE facet DROP CONSTRAINT facet_values_key")
    # Facets that differ in the decision alone stay: findings name them by number.
    op.execute("ALTER TABLE facet DROP COLUMN decision")
    op.execute(
        "ALTER TABLE finding DROP COLUMN decision, DROP COLUMN decided, DROP COLUMN decided_until,"
        " DROP COLUMN exception_id, DROP COLUMN paused_at, DROP COLUMN paused_for"
    )
