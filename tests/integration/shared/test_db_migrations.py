"""However many replicas of however many services start together, each schema is migrated once."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError
from tests.integration.shared.db_kit import SCHEMA, labels

from sluice_shared.db import Database

FIRST = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade():
    op.create_table("jar", sa.Column("id", sa.Integer, primary_key=True), sa.Column("label", sa.Text))
    op.execute("INSERT INTO jar (label) SELECT 'plum'")
"""
SECOND = """
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade():
    op.execute("SELECT pg_sleep(0.2)")
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY jar_label ON jar (label)")
    op.execute("INSERT INTO jar (label) SELECT 'pear'")
"""
BROKEN = """
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade():
    op.execute("INSERT INTO jar (label) SELECT 'peach'")
    op.execute("SELECT 1/0")
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    versions = tmp_path / "a folder: 100%" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_first.py").write_text(FIRST)
    (versions / "0002_second.py").write_text(SECOND)
    return versions.parent


@pytest.fixture
async def replicas(create_database: Callable[[], str]) -> AsyncIterator[list[Database]]:
    url = create_database()
    replicas = [Database(url, SCHEMA) for _ in range(3)]
    yield replicas
    for replica in replicas:
        await replica.stop()


async def revisions(database: Database) -> list[str]:
    async with database.transaction() as tx:
        return [row[0] for row in await tx.fetch("SELECT version_num FROM larder.alembic_version")]


async def test_migrating_builds_the_schema_and_migrating_again_changes_nothing(
    replicas: list[Database], migrations: Path
) -> None:
    for _ in range(2):
        await replicas[0].migrate(migrations)
        assert await revisions(replicas[0]) == ["0002"]
        assert await labels(replicas[0]) == ["plum", "pear"]
    async with replicas[0].transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


async def test_replicas_that_start_together_migrate_once(replicas: list[Database], migrations: Path) -> None:
    await asyncio.gather(*(replica.migrate(migrations) for replica in replicas))
    assert await labels(replicas[0]) == ["plum", "pear"]


async def test_replicas_of_other_processes_wait_for_each_other(
    migrations: Path, create_database: Callable[[], str]
) -> None:
    url = create_database()
    script = (
        "import asyncio, pathlib, sys; from sluice_shared.db import Database; "
        f"asyncio.run(Database(sys.argv[1], {SCHEMA!r}).migrate(pathlib.Path(sys.argv[2])))"
    )
    started = [await asyncio.create_subprocess_exec(sys.executable, "-c", script, url, migrations) for _ in range(2)]
    assert [await process.wait() for process in started] == [0, 0]
    database = Database(url, SCHEMA)
    assert await labels(database) == ["plum", "pear"]
    await database.stop()


async def test_services_of_one_process_migrate_side_by_side(
    replicas: list[Database], migrations: Path, create_database: Callable[[], str]
) -> None:
    other = Database(create_database(), "cellar")
    await asyncio.gather(replicas[0].migrate(migrations), other.migrate(migrations))
    for database in (replicas[0], other):
        async with database.transaction() as tx:
            assert await tx.fetchval("SELECT count(*) FROM jar") == 2
    await other.stop()


async def test_a_broken_migration_is_raised_and_leaves_the_earlier_ones(
    replicas: list[Database], migrations: Path
) -> None:
    (migrations / "versions" / "0003_broken.py").write_text(BROKEN)
    for _ in range(2):
        with pytest.raises(DBAPIError, match="division by zero"):
            await replicas[0].migrate(migrations)
        assert await revisions(replicas[0]) == ["0002"]
        assert await labels(replicas[0]) == ["plum", "pear"]


async def test_a_schema_of_a_newer_program_is_left_alone(replicas: list[Database], migrations: Path) -> None:
    await replicas[0].migrate(migrations)
    (migrations / "versions" / "0002_second.py").unlink()
    await replicas[1].migrate(migrations)
    assert await revisions(replicas[0]) == ["0002"]


async def test_a_schema_that_was_prepared_needs_no_right_to_create_one(
    replicas: list[Database], migrations: Path
) -> None:
    async with replicas[0].transaction() as tx:
        await tx.execute(f"CREATE SCHEMA {SCHEMA}")
        await tx.execute("""
            DO $$ BEGIN
                EXECUTE format('REVOKE CREATE ON DATABASE %I FROM PUBLIC, CURRENT_USER', current_database());
            END $$
        """)
    await replicas[0].migrate(migrations)
    assert await labels(replicas[0]) == ["plum", "pear"]
