"""When a change of identity was published, so that what may still be in line is told from what nobody confirms."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE action ADD COLUMN published_at timestamptz")
    # They were published again without bound, and say nothing about what is wrong now.
    op.execute("UPDATE action SET attempts = 0")


def downgrade() -> None:
    op.execute("ALTER TABLE action DROP COLUMN published_at")
