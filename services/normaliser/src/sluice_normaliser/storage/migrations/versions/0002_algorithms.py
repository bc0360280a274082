"""Which key algorithms a scope's findings have keys of, so that those of a new one are written once."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FIRST = "{10,20,30,32,34,36,40,50,60,90,110,120,130,140}"
"""Those of the first release: what is stored has keys of these, and so has what an older replica writes meanwhile."""


def upgrade() -> None:
    op.execute(f"ALTER TABLE scope ADD COLUMN algorithms smallint[] NOT NULL DEFAULT '{FIRST}'")


def downgrade() -> None:
    op.execute("ALTER TABLE scope DROP COLUMN algorithms")
