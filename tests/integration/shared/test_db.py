"""A transaction is one thing, whichever way its statements are written."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import func, select
from tests.integration.shared.db_kit import SCHEMA, Jar, Spoilt, add, labels, within

from sluice_shared.db import Database, Tx
from sluice_shared.errors import Unavailable


async def test_what_is_copied_is_gone_when_the_transaction_fails(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await tx.copy("jar", ["id", "label"], [(1, "plum"), (2, "pear")])
        assert await tx.fetchval("SELECT count(*) FROM jar") == 2
        raise Spoilt

    with pytest.raises(Spoilt):
        await within(database, work)
    assert await labels(database) == []


async def test_plain_sql_and_the_session_share_one_transaction(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await tx.copy("jar", ["id", "label"], [(1, "plum")])
        tx.session.add(Jar(id=2, label="pear"))
        assert await tx.fetchval("SELECT count(*) FROM jar") == 2, "the session is flushed before plain SQL"
        assert [jar.label for jar in (await tx.session.exec(select(Jar).order_by("id"))).all()] == ["plum", "pear"]
        raise Spoilt

    with pytest.raises(Spoilt):
        await within(database, work)
    assert await labels(database) == []


async def test_both_are_committed_together(database: Database) -> None:
    async with database.transaction() as tx:
        tx.session.add(Jar(id=2, label="pear"))
        await tx.copy("jar", ["id", "label"], [(1, "plum")])
        assert await tx.execute("UPDATE jar SET label = upper(label) WHERE id = ANY($1::int[])", [1]) == "UPDATE 1"
    assert await labels(database) == ["PLUM", "pear"]


async def test_a_savepoint_of_the_session_covers_plain_sql(database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, 1)
        with suppress(asyncpg.UniqueViolationError):
            async with tx.session.begin_nested():
                await add(tx, 2)
                await add(tx, 1)
        await add(tx, 3, "pear")
    assert await labels(database) == ["plum", "pear"]


async def test_an_error_that_was_swallowed_does_not_pass_for_a_commit(database: Database) -> None:
    followed: list[str] = []

    async def follow() -> None:
        followed.append("published")

    async def work(tx: Tx) -> None:
        tx.after_commit(follow)
        await add(tx, 1)
        with suppress(asyncpg.UniqueViolationError):
            await add(tx, 1)

    with pytest.raises(DBAPIError, match="nothing was committed"):
        await within(database, work)
    assert await labels(database) == []
    assert followed == []


async def test_a_broken_rule_is_the_works_own_fault(database: Database) -> None:
    async def plainly(tx: Tx) -> None:
        await tx.copy("jar", ["id", "label"], [(1, None)])

    async def by_the_session(tx: Tx) -> None:
        await add(tx, 1)
        tx.session.add(Jar(id=1, label="again"))

    with pytest.raises(asyncpg.NotNullViolationError):
        await within(database, plainly)
    with pytest.raises(IntegrityError):
        await within(database, by_the_session)


async def test_json_is_text_in_plain_sql_and_objects_in_models(database: Database) -> None:
    details = {"sugar": [1, 2.5], "note": "süß", "lid": None}
    async with database.transaction() as tx:
        await tx.copy("jar", ["id", "label", "details"], [(1, "plum", json.dumps(details))])
        tx.session.add(Jar(id=2, label="pear", details=details))
    async with database.transaction() as tx:
        for number in (1, 2):
            text = await tx.fetchval("SELECT details FROM jar WHERE id = $1", number)
            assert isinstance(text, str)
            assert json.loads(text) == details
            jar = await tx.session.get_one(Jar, number)
            assert jar.details == details
        row = await tx.fetchrow("SELECT id, label FROM jar WHERE details @> $1::jsonb ORDER BY id", '{"note": "süß"}')
        assert row is not None
        assert dict(row) == {"id": 1, "label": "plum"}


async def test_a_read_only_transaction_writes_nothing_and_the_next_one_may(database: Database) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await within(database, lambda tx: add(tx, 1), read_only=True)
    async with database.transaction() as tx:
        await add(tx, 1)
    assert await labels(database) == ["plum"]


async def test_the_session_is_set_up_on_purpose(database: Database) -> None:
    wanted = {
        "application_name": "sluice-larder",
        "search_path": '"larder", public',
        "statement_timeout": "1min",
        "lock_timeout": "1s",
        "idle_in_transaction_session_timeout": "2min",
        "jit": "off",
        "TimeZone": "UTC",
    }
    async with database.transaction() as tx:
        assert {name: await tx.fetchval("SELECT current_setting($1)", name) for name in wanted} == wanted


async def test_a_statement_that_takes_too_long_is_ended(create_database: Callable[[], str]) -> None:
    database = Database(create_database(), SCHEMA, statement_timeout=0.1)
    with pytest.raises(asyncpg.QueryCanceledError):
        await within(database, lambda tx: tx.fetchval("SELECT pg_sleep(5)"))
    await database.stop()


@pytest.mark.parametrize("during", ["plain SQL", "the session", "neither"])
async def test_a_cancelled_task_leaves_nothing_and_gives_its_connection_back(database: Database, during: str) -> None:
    began = asyncio.Event()

    async def work(tx: Tx) -> None:
        await add(tx, 1)
        began.set()
        if during == "plain SQL":
            await tx.fetchval("SELECT pg_sleep(30)")
        elif during == "the session":
            await tx.session.exec(select(func.pg_sleep(30)))
        else:
            await asyncio.sleep(30)

    for _ in range(4):
        began.clear()
        task = asyncio.create_task(database.run(work))
        await began.wait()
        await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.wait({task}, timeout=5)
        assert task.cancelled()
    assert await labels(database) == []


async def test_what_is_to_follow_a_commit_follows_it_in_order(database: Database) -> None:
    seen: list[object] = []

    async def look() -> None:
        seen.append(await labels(database))

    async def remember() -> None:
        seen.append("second")

    async with database.transaction() as tx:
        await add(tx, 1)
        tx.after_commit(look)
        tx.after_commit(remember)
        assert seen == []
    assert seen == [["plum"], "second"]


async def test_its_failure_harms_neither_the_commit_nor_what_comes_next(database: Database) -> None:
    seen: list[str] = []

    async def fail() -> None:
        raise Unavailable("redis", "connection refused")

    async def remember() -> None:
        seen.append("second")

    async with database.transaction() as tx:
        await add(tx, 1)
        tx.after_commit(fail)
        tx.after_commit(remember)
    assert seen == ["second"]
    assert await labels(database) == ["plum"]


async def test_nothing_follows_a_rollback(database: Database) -> None:
    seen: list[str] = []

    async def remember() -> None:
        seen.append("called")

    async def work(tx: Tx) -> None:
        tx.after_commit(remember)
        raise Spoilt

    with pytest.raises(Spoilt):
        await within(database, work)
    assert seen == []


async def test_a_lock_excludes_until_the_transaction_ends(database: Database) -> None:
    async with database.transaction() as first:
        assert await first.try_lock("scope", "a")
        async with database.transaction() as second:
            assert not await second.try_lock("scope", "a")
            assert await second.try_lock("scope", "b")
            assert await second.try_lock("sco", "pea")
    async with database.transaction() as third:
        assert await third.try_lock("scope", "a")


async def test_who_waits_for_a_lock_gets_it_next(database: Database) -> None:
    order: list[str] = []

    async def wait() -> None:
        async with database.transaction() as tx:
            await tx.lock("scope", "a")
            order.append("second")

    async with database.transaction() as tx:
        await tx.lock("scope", "a")
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0.1)
        order.append("first")
    await waiting
    assert order == ["first", "second"]


async def test_a_lock_that_is_not_had_in_time_is_unavailable(database: Database) -> None:
    async with database.transaction() as first:
        await first.lock("scope", "a")
        with pytest.raises(Unavailable, match="lock timeout"):
            await within(database, lambda second: second.lock("scope", "a"))


async def test_services_that_share_a_database_do_not_share_locks(database: Database, larder: str) -> None:
    other = Database(larder, "cellar")
    async with database.transaction() as tx, other.transaction() as others:
        assert await tx.try_lock("a")
        assert await others.try_lock("a")
    await other.stop()
