"""Alembic's entry for every service; run by `sluice_shared.db.migrations.upgrade`, never imported."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema=context.config.attributes["schema"],
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
