"""A configuration that follows its files: read again when they change, and kept when the new one is wrong."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Generic, TypeVar

from sluice_shared.config.problems import ConfigError
from sluice_shared.logging import get_logger
from sluice_shared.metrics import CONFIG_RELOADS, CONFIG_VALID

M = TypeVar("M")
Signature = tuple[tuple[str, int, int, int], ...]
log = get_logger(__name__)


class Watched(Generic[M]):
    """Holds the value that `load` made of the files in `paths`.

    The first load happens at once and raises :class:`ConfigError`: there is no last good value to keep yet. Files are
    compared by time, size and inode every `interval` seconds, which also sees the swapped links of a Kubernetes
    ConfigMap; `load` then runs in a thread of its own.
    """

    def __init__(
        self, name: str, load: Callable[[], M], paths: Callable[[], list[Path]], *, interval: float = 2.0
    ) -> None:
        self.name = name
        self._load = load
        self._paths = paths
        self._interval = interval
        self._callbacks: list[Callable[[M], Awaitable[None] | None]] = []
        self._problem: ConfigError | None = None
        self._seen = self._signature()
        self._value = load()
        self.loaded_at = time.time()
        CONFIG_VALID.labels(name).set(1)

    @property
    def value(self) -> M:
        """The last good value."""
        return self._value

    @property
    def problem(self) -> ConfigError | None:
        """What is wrong with the files as they are now, or None when they are in use."""
        return self._problem

    def on_change(self, callback: Callable[[M], Awaitable[None] | None]) -> None:
        """Call this with each new value; it may be a coroutine function, and its failure is logged."""
        self._callbacks.append(callback)

    async def watch(self) -> None:
        """Look at the files every `interval` seconds, until cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.refresh()
            except Exception:  # a fault in a service's loader must not end the watching
                CONFIG_RELOADS.labels(self.name, "failed").inc()
                log.exception("configuration could not be read, the last good one stays in use", config=self.name)

    async def refresh(self) -> bool:
        """Read the files again if they changed; return whether there is a new value.

        Raises what `load` raises beside :class:`ConfigError`.
        """
        signature = await asyncio.to_thread(self._signature)
        if signature == self._seen:
            return False
        # Taken before loading: a file that changes meanwhile is seen as changed again next time.
        self._seen = signature
        try:
            value = await asyncio.to_thread(self._load)
        except ConfigError as error:
            self._keep(error)
            return False
        self._value, self._problem, self.loaded_at = value, None, time.time()
        CONFIG_RELOADS.labels(self.name, "loaded").inc()
        CONFIG_VALID.labels(self.name).set(1)
        log.info("configuration loaded", config=self.name)
        await self._tell(value)
        return True

    def _keep(self, error: ConfigError) -> None:
        self._problem = error
        CONFIG_RELOADS.labels(self.name, "rejected").inc()
        CONFIG_VALID.labels(self.name).set(0)
        log.error(
            "configuration is wrong, the last good one stays in use",
            config=self.name,
            problems=[str(problem) for problem in error.problems],
        )

    async def _tell(self, value: M) -> None:
        for callback in self._callbacks:
            try:
                waiting = callback(value)
                if inspect.isawaitable(waiting):
                    await waiting
            except Exception:  # each callback is told, whatever another one did
                log.exception("a part could not take over the new configuration", config=self.name)

    def _signature(self) -> Signature:
        signature = []
        for path in sorted(self._paths()):
            try:
                stat = path.stat()
            except OSError:
                signature.append((str(path), 0, -1, 0))
            else:
                signature.append((str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino))
        return tuple(signature)
