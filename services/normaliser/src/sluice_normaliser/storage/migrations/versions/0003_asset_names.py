"""Assets may be renamed: their former keys, and who renamed them when and why."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE asset ADD COLUMN renames integer NOT NULL DEFAULT 0;
CREATE TABLE asset_alias (
    key varchar PRIMARY KEY,
    asset_id uuid NOT NULL
);
CREATE INDEX asset_alias_asset ON asset_alias (asset_id);
CREATE TABLE asset_rename (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asset_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    was varchar NOT NULL,
    is_now varchar NOT NULL,
    absorbed uuid,
    action_id uuid NOT NULL,
    actor varchar NOT NULL,
    reason varchar NOT NULL
);
CREATE INDEX asset_rename_asset ON asset_rename (asset_id, id)
"""


def upgrade() -> None:
    for statement in filter(str.strip, TABLES.split(";")):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE asset_rename")
    op.execute("DROP TABLE asset_alias")
    op.execute("ALTER TABLE asset DROP COLUMN renames")
