"""Parsing in worker processes: off the event loop, and apart from the service if a report brings its parser down."""

import asyncio
import gc
import multiprocessing
import os
import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait

from sluice_normaliser.domain.prepare import prepare
from sluice_normaliser.domain.scan import PreparedReport
from sluice_normaliser.kit import ParseContext, ReportError, declare, parse_report, registry
from sluice_normaliser.mappings import Mappings, Source, compile_sources
from sluice_normaliser.metrics import PARSE_SECONDS
from sluice_shared.contracts.events import RejectReason
from sluice_shared.logging import get_logger

_IDLE_SECONDS = 60.0

log = get_logger(__name__)


class Workers:
    """Two pools of parsing processes, one for each lane, so that a small report never waits for a large one's parsing.

    That of the large ones starts with the first of them and ends some time after the last. ``timeout`` is in seconds,
    and is for a report's own parsing, not for what it waits for. ``mappings`` are the scanners of one's own.
    """

    def __init__(self, *, processes: int, secret_key: bytes, timeout: float, mappings: Mappings | None = None) -> None:
        self._secret_key = secret_key
        self._timeout = timeout
        self._sources = () if mappings is None else mappings.sources
        self._small = _Pool(processes, self._sources)
        self._large = _Pool(1, self._sources, idle_seconds=_IDLE_SECONDS)

    async def start(self) -> None:
        """Start the pool for small reports, so that the first one does not wait for it."""
        await self._small.warm()

    async def take_over(self, mappings: Mappings) -> None:
        """Parse what comes from now on with these mappings; reports that are being parsed are finished as begun."""
        self._sources = mappings.sources
        for pool in (self._small, self._large):
            pool.renew(mappings.sources)
        await self._small.warm()

    async def stop(self) -> None:
        """End the processes."""
        self._small.end()
        self._large.end()

    async def prepare(
        self, body: bytes, *, scanner: str | None, filename: str | None, asset: str, large: bool = False
    ) -> PreparedReport:
        """Parse and prepare a report of any size without holding up the event loop.

        Raises ReportError; with reason ``internal`` when the parser's process died or took more than the time-out.
        """
        context = ParseContext(secret_key=self._secret_key, filename=filename, scanner=scanner, asset=asset)
        with PARSE_SECONDS.time():
            try:
                return await self._run(self._large if large else self._small, body, context)
            except BrokenProcessPool:
                log.warning("a parsing process died; the report is tried again by itself", filename=filename)
            return await self._run_alone(body, context)

    async def _run(self, pool: "_Pool", body: bytes, context: ParseContext) -> PreparedReport:
        try:
            return await pool.run(body, context, self._timeout)
        except TimeoutError:
            raise ReportError(
                RejectReason.INTERNAL,
                f"parsing took longer than {self._timeout:.0f} s; its body is kept: split the report, or raise"
                " SLUICE_PARSE_TIMEOUT and replay it",
            ) from None

    async def _run_alone(self, body: bytes, context: ParseContext) -> PreparedReport:
        """Try a report in a process of its own: whoever brings that one down is the culprit, not a bystander."""
        pool = _Pool(1, self._sources)
        try:
            return await self._run(pool, body, context)
        except BrokenProcessPool:
            raise ReportError(
                RejectReason.INTERNAL,
                "the parser's process died on this report, twice; its body is kept: report the defect, then replay it",
            ) from None
        finally:
            pool.end()


class _Pool:
    """Parsing processes that are replaced together when one of them dies; after ``idle_seconds`` unused they end."""

    def __init__(self, processes: int, sources: tuple[Source, ...], *, idle_seconds: float | None = None) -> None:
        self._processes = processes
        self._sources = sources
        self._idle_seconds = idle_seconds
        self._free = asyncio.Semaphore(processes)
        self._busy: Counter[ProcessPoolExecutor] = Counter()
        self._executor: ProcessPoolExecutor | None = None
        self._ending: asyncio.TimerHandle | None = None

    async def warm(self) -> None:
        """Start, and wait until a process is ready to work."""
        await asyncio.wrap_future(self._started().submit(_warm))

    async def run(self, body: bytes, context: ParseContext, timeout: float) -> PreparedReport:  # noqa: ASYNC109
        """Parse once a process is free. Raises BrokenProcessPool; TimeoutError after ``timeout`` seconds of work."""
        async with self._free:
            is_new = self._executor is None
            executor = self._started()
            self._busy[executor] += 1
            try:
                if is_new:
                    # Starting is not the report's own time.
                    await asyncio.wrap_future(executor.submit(_warm))
                return await asyncio.wait_for(asyncio.wrap_future(executor.submit(_prepare, body, context)), timeout)
            except (BrokenProcessPool, TimeoutError):
                self._discard(executor)
                raise
            finally:
                self._released(executor)
                self._rest()

    def renew(self, sources: tuple[Source, ...]) -> None:
        """Start processes of these mappings for what comes; those at work end with it."""
        self._sources = sources
        old, self._executor = self._executor, None
        if old is not None and not self._busy[old]:
            _end(old)

    def end(self) -> None:
        """End the processes, busy or not."""
        if self._ending is not None:
            self._ending.cancel()
        for executor in {*self._busy, *([self._executor] if self._executor is not None else [])}:
            self._discard(executor)

    def _released(self, executor: ProcessPoolExecutor) -> None:
        self._busy[executor] -= 1
        if not self._busy[executor]:
            del self._busy[executor]
            if executor is not self._executor:
                _end(executor)

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = _new_pool(self._processes, self._sources)
        return self._executor

    def _discard(self, executor: ProcessPoolExecutor) -> None:
        if self._executor is executor:
            self._executor = None
        _end(executor)

    def _rest(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
        if self._idle_seconds is not None:
            self._ending = asyncio.get_running_loop().call_later(self._idle_seconds, self._end_if_idle)

    def _end_if_idle(self) -> None:
        if not self._busy:
            self.end()


def _new_pool(processes: int, sources: tuple[Source, ...]) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        processes, mp_context=multiprocessing.get_context("spawn"), initializer=_begin, initargs=(sources,)
    )


def _end(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):  # noqa: SLF001 - the pool has no way to end a busy worker
        process.kill()
    pool.shutdown(wait=False, cancel_futures=True)


def _begin(sources: tuple[Source, ...]) -> None:
    _end_with_the_service()
    declare(compile_sources(sources))


def _end_with_the_service() -> None:
    """Have the worker end when the service does: by itself it would wait for ever for work of one that was killed."""
    service = multiprocessing.parent_process()
    if service is not None:
        threading.Thread(target=_wait_and_end, args=(service.sentinel,), daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _warm() -> int:
    scanners = len(registry())
    gc.freeze()
    return scanners


def _prepare(body: bytes, context: ParseContext) -> PreparedReport:
    # A report is millions of objects that all live until its end: searching them for cycles meanwhile finds none.
    gc.disable()
    try:
        return prepare(parse_report(body, context))
    finally:
        gc.enable()
