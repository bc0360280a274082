"""The tables in the code are those that the migrations make."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from tests.integration.ingest.ingest_kit import Ingest

from sluice_ingest.storage.tables import SCHEMA, Base


async def test_models_and_migrations_agree(ingest: Ingest) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, _: name == SCHEMA if kind == "schema" else name != "alembic_version",
            "compare_type": True,
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))

    async with ingest.database._engine.connect() as connection:
        assert await connection.run_sync(differences) == []
