"""The risk index over many open findings: lists, gate, index, metrics, snapshot.

Usage: python bench/index.py [--size 100000] [--data DIR] [--rounds 20] [--only NAME]
Loads a made-up portfolio once (``--data`` keeps it for the next run), then asks the whole service, HTTP layer included,
and prints the median and the 95th percentile of each question in milliseconds.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import orjson
from rich.console import Console
from rich.table import Table

import portfolio
from sluice_risk_index.main import MIGRATIONS, build
from sluice_risk_index.settings import Settings
from sluice_risk_index.storage.tables import SCHEMA
from sluice_shared.auth import Principal, Scope
from sluice_shared.db import Database
from sluice_shared.embedded import EmbeddedStack
from sluice_shared.logging import configure_logging

Ask = tuple[str, dict[str, Any]]
SORTS = ("-score", "score", "due", "-due", "first_seen", "-first_seen")
FILTERS: dict[str, dict[str, Any]] = {
    "no filter": {},
    "severity": {"severity": "critical,high"},
    "class + team": {"class": "act,attend", "team": "team-3"},
    "team": {"team": "team-7"},
    "kind + scanner": {"kind": "sca", "scanner": "trivy"},
    "sla breached": {"sla": "breached"},
    "rare: secret, info": {"kind": "secret", "severity": "info"},
    "status resolved": {"status": "resolved"},
    "decision": {"decision": "false_positive"},
    "asset": {"asset": portfolio.shop(77)},
    "largest asset": {"asset": portfolio.shop(0)},
    "ref": {"ref": "feature"},
    "identifier CVE": {"identifier": "CVE-2014-10044"},
    "identifier CWE": {"identifier": "CWE-79"},
    "q rare word": {"q": "gamma37"},
    "q common word": {"q": "injection"},
    "q very common": {"q": "request"},
    "q prefix": {"q": "inj"},
    "q two words": {"q": "injection request"},
    "q common, filters": {"q": "injection", "severity": "high", "kind": "sast"},
    "q common, team": {"q": "injection", "team": "team-7"},
    "q rare, filters": {"q": "gamma37", "severity": "high"},
}


class OneToken:
    """Knows one token, in ingest's place."""

    async def verify(self, _token: str) -> Principal:
        """Return somebody who may do everything."""
        return Principal(uuid4(), "bench", frozenset({Scope.ADMIN}), ())


@contextmanager
def folder(kept: Path | None) -> Iterator[Path]:
    """Yield the folder of the data: one that is kept, or one that is not."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as made:
        yield Path(made)


def write_catalogue(place: Path) -> Path:
    """Write the portfolio's teams and assets as a configuration folder (JSON is YAML)."""
    catalogue = portfolio.rules().rules.catalogue
    (place / "catalog").mkdir(parents=True, exist_ok=True)
    entries = [*catalogue.teams.values(), *catalogue.assets.values()]
    documents = [entry.model_dump_json(exclude_none=True, exclude={"contact"}) for entry in entries]
    (place / "catalog" / "all.yaml").write_text("\n---\n".join(documents), encoding="utf-8")
    return place


async def fill(url: str, size: int) -> None:
    """Load the portfolio unless it is there."""
    database = Database(url, SCHEMA, statement_timeout=600)
    await database.start()
    await database.migrate(MIGRATIONS)
    async with database.transaction() as tx:
        there = await tx.fetchval("SELECT count(*) FROM finding WHERE status = 'open'")
    if not there:
        start = time.perf_counter()
        await portfolio.load(database, size, portfolio.rules())
        print(f"loaded {size:,} open findings in {time.perf_counter() - start:.0f} s", flush=True)
        # What PostgreSQL does by itself in the background.
        connection = await asyncpg.connect(url)
        await connection.execute("VACUUM ANALYZE")
        await connection.close()
    async with database.transaction(read_only=True) as tx:
        row = await tx.fetchrow(
            "SELECT count(*) FILTER (WHERE status = 'open') AS open, count(*) AS all,"
            " pg_size_pretty(pg_total_relation_size('finding')) AS size FROM finding"
        )
    assert row is not None  # noqa: S101 - counts always have a row
    print(f"{row['open']:,} open findings of {row['all']:,}, {row['size']} with indexes", flush=True)
    await database.stop()


@asynccontextmanager
async def service(stack: EmbeddedStack, place: Path) -> Any:
    """Run the whole service without its background work, and yield a client of it and its runtime."""
    settings = Settings.read(
        database_url=stack.postgres.url,
        redis_url=stack.redis.url,
        blob_url=(place / "blobs").as_uri(),
        secret_key="0123456789abcdef",  # noqa: S106 - of the benchmark
        config_dir=write_catalogue(place / "config"),
        snapshot_interval=1.0,
        port=0,
        log_level="WARNING",
    )
    configure_logging(settings)
    app = build(settings)
    runtime = app.state.runtime
    await runtime.verifier.stop()
    runtime.verifier = OneToken()
    background = {sweeper.name: sweeper for sweeper in runtime.sweepers}
    runtime.sweepers.clear()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        headers = {"Authorization": "Bearer bench"}
        async with httpx.AsyncClient(transport=transport, base_url="http://bench", headers=headers) as client:
            while (await client.get("/readyz")).status_code != httpx.codes.OK:  # noqa: ASYNC110 - asked over HTTP
                await asyncio.sleep(0.05)
            yield client, background


async def timed(work: Callable[[], Awaitable[Any]], rounds: int) -> list[float]:
    """Return how long each round took, in milliseconds; the first one, which warms up, does not count."""
    times = []
    for number in range(rounds + 1):
        start = time.perf_counter()
        await work()
        if number:
            times.append((time.perf_counter() - start) * 1000)
    return sorted(times)


def p95(times: list[float]) -> float:
    """Return the 95th percentile of sorted times."""
    return times[min(len(times) - 1, int(len(times) * 0.95))]


async def ask(client: httpx.AsyncClient, path: str, **given: Any) -> httpx.Response:
    """Ask, and insist on an answer."""
    answer = await client.get(path, **given)
    if answer.status_code != httpx.codes.OK:
        raise SystemExit(f"{answer.url} answered {answer.status_code}: {answer.text[:500]}")
    return answer


async def page(client: httpx.AsyncClient, wanted: dict[str, Any], sort: str, pages: int) -> None:
    """Read the first page, and some after it."""
    cursor: dict[str, str] = {}
    for _ in range(pages):
        body = orjson.loads((await ask(client, "/v1/findings", params={**wanted, "sort": sort, **cursor})).content)
        if body["next_cursor"] is None:
            return
        cursor = {"cursor": body["next_cursor"]}


async def lists(client: httpx.AsyncClient, rounds: int, only: str) -> Table:
    """Time pages of 100: each filter in each order; first pages, and the three after them together."""
    table = Table("list: ms a page", *SORTS, "median of all", "p95 of all", box=None)
    everything: list[float] = []
    for name, wanted in FILTERS.items():
        if only not in name:
            continue
        of_filter: list[float] = []
        cells = []
        for sort in SORTS:
            times = await timed(partial(page, client, wanted, sort, 1), rounds)
            times += [t / 3 for t in await timed(partial(page, client, wanted, sort, 3), max(rounds // 4, 1))]
            cells.append(f"{p95(sorted(times)):.0f}")
            of_filter += times
        everything += of_filter
        table.add_row(name, *cells, f"{statistics.median(of_filter):.1f}", f"{p95(sorted(of_filter)):.1f}")
    if everything:
        table.add_row(
            "all", *[""] * len(SORTS), f"{statistics.median(everything):.1f}", f"{p95(sorted(everything)):.1f}"
        )
    return table


async def others(client: httpx.AsyncClient, background: dict[str, Any], rounds: int, only: str) -> Table:
    """Time the gate, the index, a scrape, and what runs in the background."""
    chance = random.Random(3)
    some = [portfolio.shop(portfolio.asset_of(chance)) for _ in range(50)]
    gate = {"ref": "feature", "base": "main"}
    questions: dict[str, Callable[[], Awaitable[Any]]] = {
        "gate": lambda: ask(client, "/v1/gate", params={**gate, "asset": chance.choice(some)}),
        "gate, largest asset": lambda: ask(client, "/v1/gate", params={**gate, "asset": portfolio.shop(0)}),
        "gate, all of the largest asset": lambda: ask(
            client, "/v1/gate", params={**gate, "asset": portfolio.shop(0), "count": "total"}
        ),
        "gate as SARIF": lambda: ask(
            client, "/v1/gate", params={**gate, "asset": chance.choice(some), "format": "sarif"}
        ),
        "GET /metrics": lambda: ask(client, "/metrics"),
        "GET /v1/index": lambda: ask(client, "/v1/index"),
        "GET /v1/index?by=team": lambda: ask(client, "/v1/index", params={"by": "team"}),
        "GET /v1/index?by=programme": lambda: ask(client, "/v1/index", params={"by": "programme"}),
        "GET /v1/index?by=asset": lambda: ask(client, "/v1/index", params={"by": "asset"}),
        "GET /v1/index/trend": lambda: ask(client, "/v1/index/trend", params={"by": "team", "group": "team-7"}),
        "GET /v1/assets": lambda: ask(client, "/v1/assets"),
        "GET /v1/teams": lambda: ask(client, "/v1/teams"),
    }
    table = Table("question: ms", "median", "p95", "most", box=None)
    for name in ("risk-metrics", "snapshot-index"):
        if only in name or "index" in only:
            # Measured anew each time; in the service every few seconds or minutes.
            times = await timed(background[name]._work, 3)  # noqa: SLF001
            table.add_row(f"sweeper {name}", f"{statistics.median(times):.1f}", f"{p95(times):.1f}", f"{times[-1]:.1f}")
    for name, question in questions.items():
        if only in name:
            times = await timed(question, rounds)
            table.add_row(name, f"{statistics.median(times):.1f}", f"{p95(times):.1f}", f"{times[-1]:.1f}")
    return table


async def run(stack: EmbeddedStack, place: Path, size: int, rounds: int, only: str) -> None:
    """Load, ask, print."""
    await fill(stack.postgres.url, size)
    async with service(stack, place) as (client, background):
        console = Console(width=160)
        console.print(await others(client, background, rounds, only))
        console.print(await lists(client, rounds, only))


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    with folder(arguments.data) as place, EmbeddedStack(place / "servers") as stack:
        asyncio.run(run(stack, place, arguments.size, arguments.rounds, arguments.only))
    return 0


if __name__ == "__main__":
    sys.exit(main())
