"""Parsing in worker processes: off the event loop, and apart from the service if a report brings its parser down."""

import asyncio
import gc
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait

from sluice_normaliser.domain.prepare import prepare
from sluice_normaliser.domain.scan import PreparedReport
from sluice_normaliser.kit import ParseContext, ReportError, parse_report, registry
from sluice_normaliser.metrics import PARSE_SECONDS
from sluice_shared.contracts.events import RejectReason
from sluice_shared.logging import get_logger

log = get_logger(__name__)


class Workers:
    """A pool of parsing processes, replaced as a whole when one of them dies. ``timeout`` is in seconds."""

    def __init__(self, *, processes: int, secret_key: bytes, timeout: float) -> None:
        self._processes = processes
        self._secret_key = secret_key
        self._timeout = timeout
        self._pool: ProcessPoolExecutor | None = None

    async def start(self) -> None:
        """Start the pool, so that the first report does not wait for it."""
        await asyncio.wrap_future(self._started().submit(_warm))

    async def stop(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._discard(self._pool)

    async def prepare(self, body: bytes, *, scanner: str | None, filename: str | None, asset: str) -> PreparedReport:
        """Parse and prepare a report of any size without holding up the event loop.

        Raises ReportError; with reason ``internal`` when the parser's process died or took more than the time-out.
        """
        context = ParseContext(secret_key=self._secret_key, filename=filename, scanner=scanner, asset=asset)
        with PARSE_SECONDS.time():
            pool = self._started()
            try:
                return await self._run(pool, body, context)
            except BrokenProcessPool:
                self._discard(pool)
            log.warning("a parsing process died; the report is tried again by itself", filename=filename)
            return await self._run_alone(body, context)

    async def _run(self, pool: ProcessPoolExecutor, body: bytes, context: ParseContext) -> PreparedReport:
        try:
            return await asyncio.wait_for(asyncio.wrap_future(pool.submit(_prepare, body, context)), self._timeout)
        except TimeoutError:
            self._discard(pool)
            raise ReportError(
                RejectReason.INTERNAL,
                f"parsing took longer than {self._timeout:.0f} s; its body is kept: split the report, or raise"
                " SLUICE_PARSE_TIMEOUT and replay it",
            ) from None

    async def _run_alone(self, body: bytes, context: ParseContext) -> PreparedReport:
        """Try a report in a process of its own: whoever brings that one down is the culprit, not a bystander."""
        pool = _new_pool(1)
        try:
            return await self._run(pool, body, context)
        except BrokenProcessPool:
            raise ReportError(
                RejectReason.INTERNAL,
                "the parser's process died on this report, twice; its body is kept: report the defect, then replay it",
            ) from None
        finally:
            _end(pool)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = _new_pool(self._processes)
        return self._pool

    def _discard(self, pool: ProcessPoolExecutor) -> None:
        if self._pool is pool:
            self._pool = None
        _end(pool)


def _new_pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        processes, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_the_service
    )


def _end(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):  # noqa: SLF001 - the pool has no way to end a busy worker
        process.kill()
    pool.shutdown(wait=False, cancel_futures=True)


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
