"""The tables in the code are those that the migrations make; an older database keeps its rows."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.integration.normaliser.scan_kit import problem

from sluice_normaliser.domain.algorithms import Algorithm, computed
from sluice_normaliser.storage.tables import SCHEMA, Table


async def test_models_and_migrations_agree(database):
    def differences(connection):
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, _: name == SCHEMA if kind == "schema" else name != "alembic_version",
            "compare_type": True,
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Table.metadata))

    async with database._engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_scope_of_an_older_release_is_known_to_lack_the_newer_keys(line):
    await line.scan(0, problem("a"))
    async with line.database.transaction() as tx:
        await tx.execute("UPDATE scope SET algorithms = DEFAULT WHERE asset_id = $1", line.id)
    (before,) = await line.rows("SELECT algorithms FROM scope WHERE asset_id = $1")
    assert computed() - set(before["algorithms"]) == {Algorithm.SHARED_CONTROL_1}
    await line.scan(1, problem("a"), complete=False)
    (partial,) = await line.rows("SELECT algorithms FROM scope WHERE asset_id = $1")
    assert partial["algorithms"] == before["algorithms"]
    await line.scan(2, problem("a"))
    (after,) = await line.rows("SELECT algorithms FROM scope WHERE asset_id = $1")
    assert set(after["algorithms"]) == computed()
