"""Assets may be renamed: their former keys, and how often it happened, so that a late event brings no old key back."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE asset ADD COLUMN aliases text[] NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE asset ADD COLUMN renames integer NOT NULL DEFAULT 0")
    op.execute("CREATE INDEX asset_aliases ON asset USING gin (aliases)")


def downgrade() -> None:
    op.execute("ALTER TABLE asset DROP COLUMN renames")
    op.execute("ALTER TABLE asset DROP COLUMN aliases")
