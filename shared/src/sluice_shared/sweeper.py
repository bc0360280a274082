"""Work that is done again and again for as long as the service lives, and the pauses between attempts."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from sluice_shared.errors import Unavailable
from sluice_shared.logging import get_logger
from sluice_shared.metrics import SWEEP_HANDLED, SWEEP_SECONDS, SWEEPS

log = get_logger(__name__)

_JITTER = 0.1
_MAX_DOUBLINGS = 64


class Sweeper:
    """Calls `work` every `interval` seconds, give or take a tenth, until it is stopped.

    `work` returns how many it handled. As long as that is more than none and `busy_interval` is given, the next round
    comes after `busy_interval` seconds already. What `work` raises is logged and counted, and never ends the sweeper.
    Rounds do not overlap. `name` is a metric label.
    """

    def __init__(
        self, name: str, interval: float, work: Callable[[], Awaitable[int]], *, busy_interval: float | None = None
    ) -> None:
        self.name = name
        self._interval = interval
        self._busy_interval = interval if busy_interval is None else busy_interval
        self._work = work
        self._woken = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin in the running loop; the first round comes at once. A second call does nothing."""
        if self._task is None:
            self._stopping = False
            self._task = asyncio.create_task(self.run(), name=f"sweeper-{self.name}")

    async def stop(self, grace: float = 5.0) -> None:
        """Begin no further round, and return when the current one is over; it is cancelled after `grace` seconds."""
        self._stopping = True
        self._woken.set()
        task, self._task = self._task, None
        if task is None:
            return
        _, unfinished = await asyncio.wait({task}, timeout=grace)
        if unfinished:
            task.cancel()
            await asyncio.wait(unfinished)

    def wake(self) -> None:
        """Have the next round begin at once, or right after the current one."""
        self._woken.set()

    async def run(self) -> None:
        """Go round until `stop`; for whoever keeps the task. Ends with CancelledError when it is cancelled."""
        while not self._stopping:
            self._woken.clear()
            handled = await self._round()
            pause = self._busy_interval if handled else self._interval
            await self._rest(random.uniform(1 - _JITTER, 1 + _JITTER) * pause)  # noqa: S311 (no secret)

    async def _round(self) -> int:
        """Return how many were handled; none when the round failed."""
        began = time.perf_counter()
        try:
            handled = await self._work()
        except Unavailable as away:
            SWEEPS.labels(self.name, "unavailable").inc()
            log.warning("sweep must wait", sweeper=self.name, reason=str(away))
            return 0
        except Exception:
            SWEEPS.labels(self.name, "failed").inc()
            log.exception("sweep failed", sweeper=self.name)
            return 0
        finally:
            SWEEP_SECONDS.labels(self.name).observe(time.perf_counter() - began)
        SWEEPS.labels(self.name, "done").inc()
        SWEEP_HANDLED.labels(self.name).inc(handled)
        return handled

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return


def backoff(attempt: int, *, base: float = 5.0, cap: float = 900.0, jitter: float = 0.2) -> float:
    """Return the seconds to wait after the failed `attempt`, the first being 1.

    `base` doubles with each attempt up to `cap`; then chance moves it by at most the share `jitter` either way, so
    that those who failed together do not come back together.
    """
    doublings = min(max(attempt, 1) - 1, _MAX_DOUBLINGS)
    return min(cap, base * 2.0**doublings) * random.uniform(1 - jitter, 1 + jitter)  # noqa: S311 (no secret)
