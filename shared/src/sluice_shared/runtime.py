"""The life of a service: what is started in which order, retried until it is there, watched, and stopped again."""

import asyncio
import gc
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI

from sluice_shared.auth import Verifier
from sluice_shared.blobs import BlobStore
from sluice_shared.bus import Bus
from sluice_shared.config import ConfigError, Watched
from sluice_shared.db import Database
from sluice_shared.errors import Unavailable
from sluice_shared.logging import adopt_loggers, configure_logging, get_logger
from sluice_shared.redaction import redact_text
from sluice_shared.settings import ServiceSettings, load_settings, refuse
from sluice_shared.sweeper import Sweeper, backoff
from sluice_shared.tracing import configure_tracing, flush_tracing

log = get_logger(__name__)
Hook = Callable[[], Awaitable[None]]
S = TypeVar("S", bound=ServiceSettings)
_RETRY_BASE = 0.25  # seconds
_RETRY_CAP = 10.0
_CHECK_SECONDS = 3.0
_HEAD_START = 1.0
_GC_THRESHOLDS = (20_000, 50, 100)
_HTTP_SHARE = 0.25  # of the grace, for requests at work; the rest is for everything behind them


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the service can do its work, and how each part is: `ok`, `starting`, `failing` or `outdated`."""

    ready: bool
    checks: dict[str, dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Return the body of `/readyz`."""
        return {"status": "ready" if self.ready else "not_ready", "checks": self.checks}


@dataclass(eq=False)
class Runtime:
    """All parts of a service that have a life.

    Started: database, migrations, `on_start` in order, bus, sweepers, watchers. Stopped: watchers, sweepers, bus,
    `on_stop` from the last to the first, verifier, database. So a handler of the bus finds what `on_start` set up until
    it has ended, and `on_start` cannot publish. `metrics_hooks` run before metrics are shown. With
    `bus_optional` the service starts, and is ready, while the bus is away: for one that keeps its promises in the
    database and whose callers would otherwise be turned away for nothing.
    """

    settings: ServiceSettings
    database: Database
    migrations: Path
    bus: Bus
    verifier: Verifier
    blobs: BlobStore | None = None
    watched: list[Watched[Any]] = field(default_factory=list)
    sweepers: list[Sweeper] = field(default_factory=list)
    on_start: list[Hook] = field(default_factory=list)
    on_stop: list[Hook] = field(default_factory=list)
    metrics_hooks: list[Hook] = field(default_factory=list)
    bus_optional: bool = False
    _done: set[str] = field(default_factory=set, init=False)
    _failing: dict[str, str] = field(default_factory=dict, init=False)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list, init=False)
    _checking: asyncio.Task[Readiness] | None = field(default=None, init=False)

    async def start(self) -> None:
        """Begin to start everything in the background and return at once; :meth:`readiness` tells how far it is."""
        self._tasks.append(asyncio.create_task(self._start(), name="starter"))

    async def stop(self) -> None:
        """Stop everything within the settings' `shutdown_grace` seconds; what fails to stop is logged."""
        deadline = time.monotonic() + self.settings.shutdown_grace * (1 - _HTTP_SHARE)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._end("sweepers", self._stop_sweepers(deadline), deadline)
        # A little is kept back for what is stopped after the bus.
        await self._end("bus", self.bus.stop(max(0.0, 0.8 * (deadline - time.monotonic()))), deadline)
        for hook in reversed(self.on_stop):
            await self._end(_name(hook), hook(), deadline)
        verifier_stop = getattr(self.verifier, "stop", None)
        if verifier_stop is not None:
            await self._end("verifier", verifier_stop(), deadline)
        await self._end("database", self.database.stop(), deadline)
        self._done.clear()
        log.info("stopped")

    async def readiness(self) -> Readiness:
        """Look at every part now; callers at the same time share one look."""
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(self._check(), name="readiness")
        return await asyncio.shield(self._checking)

    async def _start(self) -> None:
        await self._until_done("database", self.database.start)
        await self._until_done("migrations", lambda: self.database.migrate(self.migrations))
        for hook in self.on_start:  # before the bus, whose handlers need what the hooks set up
            await self._until_done(_name(hook), hook)
        if self.bus_optional:
            starting = asyncio.create_task(self._start_bus(), name="bus-starter")
            self._tasks.append(starting)
            # Where it is there, as nearly always, the sweepers need not find it missing first.
            await asyncio.wait({starting}, timeout=_HEAD_START)
        else:
            await self._start_bus()
        for sweeper in self.sweepers:
            sweeper.start()
        self._tasks += [asyncio.create_task(w.watch(), name=f"watch-{w.name}") for w in self.watched]
        self._done.add("start")
        log.info("started", port=self.settings.port)

    async def _start_bus(self) -> None:
        await self._until_done("bus", self.bus.start)
        adopt_loggers()  # FastStream gives its loggers handlers of their own

    async def _until_done(self, part: str, step: Hook) -> None:
        """Run a step of the start again and again until it succeeds; log each failure once, until it changes."""
        attempt = 0
        while True:
            attempt += 1
            try:
                await step()
            except Exception as error:  # whatever keeps the service from starting is shown, and tried again
                message = str(error) if isinstance(error, Unavailable) else f"{type(error).__name__}: {error}"
                if self._failing.get(part) != message:
                    log.warning(
                        "waiting to start",
                        part=part,
                        reason=message,
                        exc_info=None if isinstance(error, Unavailable) else error,
                    )
                self._failing[part] = message
                await asyncio.sleep(backoff(attempt, base=_RETRY_BASE, cap=_RETRY_CAP))
            else:
                break
        self._done.add(part)
        if self._failing.pop(part, None) is not None:
            log.info("no longer waiting", part=part, attempts=attempt)

    async def _stop_sweepers(self, deadline: float) -> None:
        grace = max(0.0, (deadline - time.monotonic()) / 2)
        await asyncio.gather(*(sweeper.stop(grace) for sweeper in self.sweepers))

    async def _end(self, part: str, step: Awaitable[None], deadline: float) -> None:
        try:
            async with asyncio.timeout(max(0.1, deadline - time.monotonic())):
                await step
        except Exception:  # the next part has to be stopped in any case
            log.exception("could not be stopped in order", part=part)

    async def _check(self) -> Readiness:
        pings: dict[str, Hook] = {"database": self.database.ping, "bus": self.bus.ping}
        if self.blobs is not None:
            pings["blobs"] = self.blobs.ping
        results = await asyncio.gather(*(self._check_part(part, ping) for part, ping in pings.items()))
        checks = dict(zip(pings, results, strict=True))
        checks["start"] = self._start_check()
        needed = [part for part in checks if not (part == "bus" and self.bus_optional)]
        ready = all(checks[part]["status"] == "ok" for part in needed)
        checks["config"] = self._config_check()
        return Readiness(ready, checks)

    async def _check_part(self, part: str, ping: Hook) -> dict[str, Any]:
        if part in self._failing:
            return {"status": "failing", "detail": _public(self._failing[part])}
        if part != "blobs" and part not in self._done:
            return {"status": "starting", "detail": "waiting for its turn"}
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await ping()
        except TimeoutError:
            return {"status": "failing", "detail": f"no answer within {_CHECK_SECONDS:.0f} s"}
        except Unavailable as error:
            return {"status": "failing", "detail": _public(str(error))}
        return {"status": "ok"}

    def _start_check(self) -> dict[str, Any]:
        if "start" in self._done:
            return {"status": "ok"}
        waiting = {part: why for part, why in self._failing.items() if part not in ("database", "bus")}
        if waiting:
            return {"status": "failing", "detail": _public("; ".join(f"{k}: {v}" for k, v in waiting.items()))}
        return {"status": "starting", "detail": "not every part has started yet"}

    def _config_check(self) -> dict[str, Any]:
        """Say which files are wrong; the last good configuration is in use, so the service is ready all the same."""
        wrong = {w.name: [str(p) for p in w.problem.problems] for w in self.watched if w.problem is not None}
        if wrong:
            return {"status": "outdated", "detail": "the last good configuration stays in use", "problems": wrong}
        return {"status": "ok"}


def connect(settings: ServiceSettings, schema: str) -> tuple[Database, Bus]:
    """Return the database (with its schema) and the bus that the settings name; neither is connected yet."""
    database = Database(
        settings.database_url.get_secret_value(),
        schema,
        pool_size=settings.database_pool_size,
        statement_timeout=settings.statement_timeout,
        lock_timeout=settings.lock_timeout,
    )
    bus = Bus(
        settings.redis_url.get_secret_value(),
        service=settings.service,
        consumer=settings.consumer_name,
        partitions=settings.partitions,
        claim_scale=settings.claim_scale,
    )
    return database, bus


async def calm_garbage_collection() -> None:
    """Leave what lives as long as the process out of collections, and collect more rarely; a hook for `on_start`.

    By default the collector looks at everything again for each 700 new objects: a third of the work on a chunk of
    findings, and pauses that are felt in the 99th percentile of requests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def _public(message: str) -> str:
    """Shorten a failure to its first line without secrets: `/readyz` is open to everybody."""
    return redact_text(message.splitlines()[0] if message else "")[:300]


def _name(hook: Hook) -> str:
    return getattr(hook, "__qualname__", repr(hook))


def serve(app: FastAPI, settings: ServiceSettings) -> None:
    """Answer HTTP on the settings' host and port until SIGTERM or SIGINT, then stop in order and return."""
    configure_logging(settings)
    configure_tracing(settings.service)
    # Uvicorn stops in order and then raises the signal again, which would end the process before its clean-up.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=max(1, int(settings.shutdown_grace * _HTTP_SHARE)),
    )
    flush_tracing()


def run_service(settings_class: type[S], build: Callable[[S], FastAPI]) -> None:
    """Be the `main` of a service: read the settings, build, serve.

    Ends the process with exit status 2 and a plain message when settings or configuration files are wrong.
    """
    settings = load_settings(settings_class)
    configure_logging(settings)
    configure_tracing(settings.service)
    try:
        app = build(settings)
    except ConfigError as error:
        refuse(error)
    serve(app, settings)
