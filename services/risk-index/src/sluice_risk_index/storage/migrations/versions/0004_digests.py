"""What a change of rules means to each owner, added up while it is applied, and told once at its end."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE digest (
        team text PRIMARY KEY,
        breached integer NOT NULL,
        earlier integer NOT NULL,
        later integer NOT NULL,
        gained integer NOT NULL,
        lost integer NOT NULL,
        reclassed integer NOT NULL,
        worst_asset uuid NOT NULL,
        worst_finding uuid NOT NULL,
        worst_rank double precision NOT NULL
    )
    """,
    "ALTER TABLE recalculation ADD COLUMN tells boolean NOT NULL DEFAULT false",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE recalculation DROP COLUMN tells")
    op.execute("DROP TABLE digest")
