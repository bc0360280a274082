"""What passes by itself is run again, and a server's absence has one name."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from tests.integration.shared.db_kit import SCHEMA, Jar, add, end_own_backend, labels, within

from sluice_shared.db import Database, Tx, retry_transient
from sluice_shared.embedded import EmbeddedPostgres, free_port
from sluice_shared.errors import Unavailable


class Wire:
    """What lies between a service and its server; it may be cut off without either end being told."""

    def __init__(self, url: str) -> None:
        self._server = urlsplit(url)
        self._carries = asyncio.Event()
        self._carries.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._clients: list[asyncio.StreamWriter] = []

    async def at_port(self) -> tuple[str, asyncio.Server]:
        """Return the URL that leads over the wire."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        user = self._server.netloc.rpartition("@")[0]
        return urlunsplit(self._server._replace(netloc=f"{user}@127.0.0.1:{port}")), server

    async def at_socket(self, socket: Path) -> asyncio.Server:
        return await asyncio.start_unix_server(self._serve, socket)

    def say(self, message: bytes) -> None:
        """Say something to the clients that the server did not."""
        for client in self._clients:
            client.write(message)

    def fall_silent(self) -> None:
        self._carries.clear()

    def carry_again(self) -> None:
        self._carries.set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._server.hostname, self._server.port or 5432)
        self._clients.append(writer)
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pump(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self._carries.wait()
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    """A server that a test may kill."""
    folder = Path(tempfile.mkdtemp(prefix="sluice-db-tests-"))
    with EmbeddedPostgres(folder) as server:
        yield server
    shutil.rmtree(folder)


async def test_a_deadlock_is_run_again(larder: str) -> None:
    # The server looks for deadlocks after a second, so the lock time-out must leave it time.
    database = Database(larder, SCHEMA, lock_timeout=10.0)
    async with database.transaction() as tx:
        await add(tx, 1)
        await add(tx, 2)
    both_hold_one = asyncio.Barrier(2)
    runs = 0

    def swap(first: int, second: int) -> Callable[[Tx], Awaitable[int]]:
        async def work(tx: Tx) -> int:
            nonlocal runs
            runs += 1
            await tx.execute("UPDATE jar SET label = label || '!' WHERE id = $1", first)
            if runs <= 2:
                await both_hold_one.wait()
            await tx.execute("UPDATE jar SET label = label || '!' WHERE id = $1", second)
            return first

        return work

    assert await asyncio.gather(database.run(swap(1, 2)), database.run(swap(2, 1))) == [1, 2]
    assert runs == 3
    assert await labels(database) == ["plum!!", "plum!!"]
    await database.stop()


async def test_a_serialisation_failure_in_the_session_is_run_again(database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, 1)
    runs = 0

    @retry_transient
    async def relabel() -> None:
        nonlocal runs
        runs += 1
        async with database.transaction() as tx:
            await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            jar = await tx.session.get_one(Jar, 1)
            if runs == 1:
                async with database.transaction() as other:
                    await other.execute("UPDATE jar SET label = 'pear'")
            jar.label += " jam"

    await relabel()
    assert runs == 2
    assert await labels(database) == ["pear jam"]


async def test_a_mistake_is_not_run_again(database: Database) -> None:
    runs = 0

    async def work(tx: Tx) -> None:
        nonlocal runs
        runs += 1
        await tx.execute("SELECT 1/0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await database.run(work)
    assert runs == 1


async def test_another_dependencys_absence_is_not_run_again(database: Database) -> None:
    runs = 0

    async def work(_: Tx) -> None:
        nonlocal runs
        runs += 1
        raise Unavailable("blobs", "away")

    with pytest.raises(Unavailable, match="blobs"):
        await database.run(work)
    assert runs == 1


async def test_what_stays_transient_ends_as_unavailable(database: Database) -> None:
    runs = 0

    async def work(tx: Tx) -> None:
        nonlocal runs
        runs += 1
        await tx.execute("DO $$ BEGIN RAISE EXCEPTION 'no luck' USING ERRCODE = 'serialization_failure'; END $$")

    with pytest.raises(Unavailable, match="no luck \\(after 3 attempts\\)"):
        await database.run(work, attempts=3)
    assert runs == 3


async def test_a_table_changed_under_a_prepared_statement_is_no_failure(database: Database) -> None:
    async def read(tx: Tx) -> list[list[object]]:
        return [list(row) for row in await tx.fetch("SELECT * FROM jar")]

    async with database.transaction() as tx:
        await add(tx, 1)
    assert await database.run(read) == [[1, "plum", "{}"]]
    async with database.transaction() as tx:
        await tx.execute("ALTER TABLE jar ADD COLUMN shelf int DEFAULT 3")
    assert await database.run(read) == [[1, "plum", "{}", 3]]


async def test_a_terminated_connection_is_replaced_and_the_work_run_again(database: Database) -> None:
    runs = 0

    async def work(tx: Tx) -> None:
        nonlocal runs
        runs += 1
        await add(tx, 1)
        if runs == 1:
            await end_own_backend(database, tx)
        await add(tx, 2, "pear")

    await database.run(work)
    assert runs == 2
    assert await labels(database) == ["plum", "pear"]


async def test_a_connection_lost_in_the_session_is_unavailable(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await add(tx, 1)
        await end_own_backend(database, tx)
        await tx.session.get(Jar, 1)

    with pytest.raises(Unavailable, match="database"):
        await within(database, work)
    assert await labels(database) == []


async def test_a_connection_lost_before_the_commit_is_unavailable(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await add(tx, 1)
        await end_own_backend(database, tx)

    with pytest.raises(Unavailable, match="database"):
        await within(database, work)
    assert await labels(database) == []


async def test_the_works_own_failure_to_reach_something_is_not_the_databases(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await add(tx, 1)
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        await within(database, work)
    assert await labels(database) == []


async def test_a_connection_that_ended_while_it_was_idle_is_replaced_unnoticed(database: Database, larder: str) -> None:
    async def own_pid(tx: Tx) -> int:
        pid: int = await tx.fetchval("SELECT pg_backend_pid()")
        return pid

    before = await within(database, own_pid)
    connection = await asyncpg.connect(larder)
    assert await connection.fetchval("SELECT pg_terminate_backend($1, 5000)", before)
    await connection.close()
    assert await within(database, own_pid) != before


@pytest.mark.parametrize("ask", ["plain SQL", "the session", "the commit"])
async def test_a_server_that_fell_silent_is_unavailable_before_long(
    larder: str, monkeypatch: pytest.MonkeyPatch, ask: str
) -> None:
    for name in ("_ANSWER_MARGIN", "_CONNECT_TIMEOUT"):
        monkeypatch.setattr(f"sluice_shared.db.engine.{name}", 0.2)
    async with Wire(larder) as wire:
        url, server = await wire.at_port()
        database = Database(url, SCHEMA, statement_timeout=0.3)

        async def work(tx: Tx) -> None:
            await add(tx, 1)
            wire.fall_silent()
            if ask == "plain SQL":
                await add(tx, 2)
            elif ask == "the session":
                await tx.session.get(Jar, 1)

        async with server, asyncio.timeout(10):
            await database.start()
            with pytest.raises(Unavailable, match="database"):
                await within(database, work)
            with pytest.raises(Unavailable, match="database"):
                await database.ping()
            wire.carry_again()
            await database.ping()
            await database.stop()


GOODBYE = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"


@pytest.mark.parametrize("ask", ["plain SQL", "the session", "the commit"])
async def test_a_server_that_said_goodbye_and_has_yet_to_hang_up_is_asked_again_on_another_connection(
    larder: str, ask: str
) -> None:
    runs = 0
    async with Wire(larder) as wire:
        url, server = await wire.at_port()
        database = Database(url, SCHEMA)

        async def work(tx: Tx) -> None:
            nonlocal runs
            runs += 1
            await add(tx, 1)
            if runs == 1:
                wire.say(b"E" + (len(GOODBYE) + 4).to_bytes(4, "big") + GOODBYE)
                await asyncio.sleep(0.1)
            if ask == "plain SQL":
                await add(tx, 2)
            elif ask == "the session":
                await tx.session.get(Jar, 1)

        async with server, asyncio.timeout(10):
            await database.run(work)
            assert runs == 2
            assert (await labels(database))[0] == "plum"
            await database.stop()


@pytest.mark.parametrize("during", ["plain SQL", "the session"])
async def test_a_cancelled_task_stays_cancelled_when_the_server_fell_silent(
    larder: str, monkeypatch: pytest.MonkeyPatch, during: str
) -> None:
    monkeypatch.setattr("sluice_shared.db.engine._ROLLBACK_TIMEOUT", 0.2)
    async with Wire(larder) as wire:
        url, server = await wire.at_port()
        database = Database(url, SCHEMA)
        silent = asyncio.Event()

        async def work(tx: Tx) -> None:
            await add(tx, 1)
            wire.fall_silent()
            silent.set()
            if during == "plain SQL":
                await add(tx, 2)
            else:
                await tx.session.get(Jar, 1)

        async with server, asyncio.timeout(10):
            task = asyncio.create_task(database.run(work))
            await silent.wait()
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.wait({task}, timeout=5)
            assert task.cancelled()
            wire.carry_again()
            assert await labels(database) == []
            await database.stop()


async def test_a_refused_connection_is_unavailable() -> None:
    database = Database(f"postgresql://u:hunter2@127.0.0.1:{free_port()}/s", SCHEMA)
    for attempt in (database.start, database.ping):
        with pytest.raises(Unavailable) as refused:
            await attempt()
        assert refused.value.what == "database"
        assert "hunter2" not in str(refused.value)
    with pytest.raises(Unavailable):
        await database.migrate(Path())


async def test_a_wrong_password_or_name_is_unavailable_with_its_reason(database_url: str) -> None:
    parts = urlsplit(database_url)
    for url, reason in (
        (urlunsplit(parts._replace(path="/nowhere")), 'database "nowhere" does not exist'),
        (urlunsplit(parts._replace(netloc=f"nobody:wrong@{parts.netloc.rpartition('@')[2]}")), "nobody"),
    ):
        database = Database(url, SCHEMA)
        with pytest.raises(Unavailable, match=reason):
            await database.start()


async def test_an_exhausted_pool_is_unavailable(
    create_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sluice_shared.db.engine._POOL_TIMEOUT", 0.1)
    database = Database(create_database(), SCHEMA, pool_size=1)
    async with database.transaction():
        with pytest.raises(Unavailable, match="every connection of the pool is in use"):
            await database.ping()
    await database.ping()
    await database.stop()


async def test_a_killed_server_is_unavailable_until_it_is_back(own_server: EmbeddedPostgres) -> None:
    database = Database(own_server.url, SCHEMA)
    await database.start()

    async def work(tx: Tx) -> None:
        await tx.fetchval("SELECT 1")
        own_server.kill()
        await tx.fetchval("SELECT 1")

    with pytest.raises(Unavailable):
        await within(database, work)
    with pytest.raises(Unavailable):
        await database.ping()
    with pytest.raises(Unavailable, match="after 2 attempts"):
        await database.run(lambda tx: tx.fetchval("SELECT 1"), attempts=2)

    own_server.start()
    assert await database.run(lambda tx: tx.fetchval("SELECT 1")) == 1
    await database.stop()


async def test_a_unix_socket_is_reached_through_the_urls_host_option(database_url: str, tmp_path: Path) -> None:
    parts = urlsplit(database_url)
    async with Wire(database_url) as wire, await wire.at_socket(tmp_path / ".s.PGSQL.5433"):
        user = parts.netloc.rpartition("@")[0]
        database = Database(f"postgresql://{user}@{parts.path}?host={tmp_path}&port=5433&sslmode=prefer", SCHEMA)
        await database.ping()
        await database.stop()
