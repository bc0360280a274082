"""Daily snapshots of the index, previews of decisions, and indexes from which measuring reads."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE snapshot (
        level text NOT NULL,
        name text NOT NULL,
        day date NOT NULL,
        at timestamptz NOT NULL,
        open bigint NOT NULL,
        index double precision NOT NULL,
        measures json NOT NULL,
        PRIMARY KEY (level, name, day)
    )
    """,
    """
    CREATE TABLE decision_preview (
        id uuid PRIMARY KEY,
        at timestamptz NOT NULL,
        made_by text NOT NULL,
        filter json NOT NULL,
        findings uuid[] NOT NULL
    )
    """,
    "CREATE INDEX decision_preview_at ON decision_preview (at)",
    "CREATE INDEX snapshot_day ON snapshot (day)",
    "ALTER TABLE finding ADD COLUMN refs_key bigint GENERATED ALWAYS AS (hash_array_extended(refs, 0)) STORED",
    """
    CREATE INDEX finding_measured ON finding (asset_id, refs_key, facet) INCLUDE (team, score, first_seen_at, id)
        WHERE status = 'open'
    """,
    """
    CREATE INDEX finding_ended ON finding (resolved_at)
        INCLUDE (asset_id, team, risk_class, sla_state, opened_at, first_seen_at) WHERE status = 'resolved'
    """,
    "DROP INDEX finding_resolved",
    """
    CREATE INDEX finding_detected ON finding (first_seen_at) INCLUDE (asset_id, team, risk_class, published_at)
        WHERE published_at IS NOT NULL
    """,
    """
    CREATE INDEX finding_returned ON finding (opened_at) INCLUDE (asset_id, team) WHERE clock > 0 AND status = 'open'
    """,
    "CREATE INDEX coverage_practice ON coverage (scanner, kind)",
)
DROPPED = ("finding_measured", "finding_ended", "finding_detected", "finding_returned", "coverage_practice")


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for name in DROPPED:
        op.execute(f"DROP INDEX {name}")
    op.execute("ALTER TABLE finding DROP COLUMN refs_key")
    op.execute("CREATE INDEX finding_resolved ON finding (team, resolved_at) WHERE status = 'resolved'")
    op.execute("DROP TABLE decision_preview")
    op.execute("DROP TABLE snapshot")
