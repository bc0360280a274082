"""Alembic history of the schema ``notifier``."""
