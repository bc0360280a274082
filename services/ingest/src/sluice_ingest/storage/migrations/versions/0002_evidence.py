"""Evidence: what is handed in and kept due as a report, but goes to the risk index as it is."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tell evidence from reports."""
    op.execute("ALTER TABLE report ADD COLUMN evidence text")
    op.execute("CREATE INDEX report_evidence ON report (sequence) WHERE evidence IS NOT NULL")


def downgrade() -> None:
    """Forget evidence; what is due of it would otherwise be taken for reports."""
    op.execute("DELETE FROM report WHERE evidence IS NOT NULL")
    op.execute("ALTER TABLE report DROP COLUMN evidence")
