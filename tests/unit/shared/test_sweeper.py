"""A sweeper goes round and round, whatever its work does."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from prometheus_client import REGISTRY

from sluice_shared.errors import Unavailable
from sluice_shared.sweeper import Sweeper

LONG = 3600.0


class Rounds:
    """Work that follows a script, one entry a round, and then handles nothing."""

    def __init__(self, *script: int | Exception) -> None:
        self._script = list(script)
        self.count = 0
        self._changed = asyncio.Condition()

    async def __call__(self) -> int:
        async with self._changed:
            self.count += 1
            self._changed.notify_all()
        outcome = self._script.pop(0) if self._script else 0
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(lambda: self.count >= count)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def counted(name: str, outcome: str) -> float:
    return REGISTRY.get_sample_value("sluice_sweeps_total", {"name": name, "outcome": outcome}) or 0.0


async def test_the_first_round_comes_at_once_and_the_next_after_the_interval() -> None:
    work = Rounds()
    sweeper = Sweeper("first", LONG, work)
    sweeper.start()
    await work.reach(1)
    await settle()
    assert work.count == 1
    await sweeper.stop()


async def test_rounds_repeat() -> None:
    work = Rounds()
    sweeper = Sweeper("repeat", 0.001, work)
    sweeper.start()
    await work.reach(5)
    await sweeper.stop()


async def test_while_there_is_work_the_next_round_comes_after_the_busy_interval() -> None:
    work = Rounds(500, 500, 3)
    sweeper = Sweeper("busy", LONG, work, busy_interval=0.0)
    sweeper.start()
    await work.reach(4)
    await settle()
    assert work.count == 4, "an empty round is followed by the long interval"
    assert REGISTRY.get_sample_value("sluice_sweep_handled_total", {"name": "busy"}) == 1003
    await sweeper.stop()


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(RuntimeError("bad row"), "failed"), (Unavailable("database", "connection refused"), "unavailable")],
)
async def test_a_failing_round_is_counted_and_followed_by_another(error: Exception, outcome: str) -> None:
    before = counted("failing", outcome)
    work = Rounds(error, error)
    sweeper = Sweeper("failing", 0.001, work)
    sweeper.start()
    await work.reach(3)
    await sweeper.stop()
    assert counted("failing", outcome) == before + 2


async def test_waking_brings_the_next_round_forward() -> None:
    work = Rounds()
    sweeper = Sweeper("wake", LONG, work)
    sweeper.start()
    await work.reach(1)
    await settle()
    sweeper.wake()
    await work.reach(2)
    await sweeper.stop()


async def test_stopping_lets_the_current_round_finish() -> None:
    began, release, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> int:
        began.set()
        await release.wait()
        ended.set()
        return 1

    sweeper = Sweeper("stop", 0.0, work)
    sweeper.start()
    await began.wait()
    stopping = asyncio.create_task(sweeper.stop())
    await settle()
    assert not stopping.done()
    began.clear()
    release.set()
    await stopping
    assert ended.is_set()
    assert not began.is_set(), "no further round began"


async def test_a_round_that_outlasts_the_grace_is_cancelled() -> None:
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> int:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return 0

    sweeper = Sweeper("grace", LONG, work)
    sweeper.start()
    await began.wait()
    await sweeper.stop(grace=0.01)
    assert cancelled.is_set()


async def test_a_stopped_sweeper_can_be_started_again() -> None:
    work = Rounds()
    sweeper = Sweeper("again", LONG, work)
    for count in (1, 2):
        sweeper.start()
        await work.reach(count)
        await sweeper.stop()


async def test_starting_twice_sweeps_once() -> None:
    running, most = 0, 0

    async def work() -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return 0

    wrapped: Callable[[], Awaitable[int]] = work
    sweeper = Sweeper("twice", 0.0, wrapped)
    sweeper.start()
    sweeper.start()
    await settle()
    await sweeper.stop()
    assert most == 1
