"""Matching and writing one large scope: first scan, unchanged, one hundredth changed, every line shifted.

Usage: python bench/scope.py [--size 100000]
Only the normaliser's own part: problems are prepared beforehand, and applied as it applies them.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from uuid import uuid4

from rich.console import Console
from rich.table import Table

import sluice_normaliser
from pipeline import TABLES
from sluice_normaliser.application.apply_scan import AppliedScan, apply_scan
from sluice_normaliser.domain.algorithms import RELEASED, Algorithm
from sluice_normaliser.domain.lifecycle import Hold
from sluice_normaliser.domain.scan import Position, Prepared, PreparedScan
from sluice_normaliser.storage import names
from sluice_shared.contracts.assets import asset_id
from sluice_shared.db import Database
from sluice_shared.embedded import EmbeddedPostgres

MIGRATIONS = Path(sluice_normaliser.__file__).parent / "storage" / "migrations"
START = datetime(2026, 1, 1, tzinfo=UTC)
ASSET = "repo:github.com/bench/large"
PER_FILE = 50
PAYLOAD = b'{"scanner":"bench","kind":"sast","rule_id":"r","title":"t","message":"' + b"x" * 600 + b'"}'


def digest(*parts: object) -> bytes:
    """Hash anything."""
    return blake2b(repr(parts).encode(), digest_size=16).digest()


def problem(number: int, shift: int = 0) -> Prepared:
    """Make the problem of this number; ``shift`` moves its line."""
    path, line = f"src/{number // PER_FILE}.py", 10 * (number % PER_FILE) + 10 + shift
    keys = tuple((int(a), digest(a, number)) for a in (Algorithm.SNIPPET_1, Algorithm.MESSAGE_1, Algorithm.PATHLESS_1))
    exact = digest(number, line)
    return Prepared(exact, keys, exact, 3, PAYLOAD, rule="r", path=path, line=line)


async def scan(database: Database, problems: list[Prepared], sequence: int) -> tuple[AppliedScan, float, int]:
    """Apply a scan; returns what it came to, its seconds, and the rows it wrote."""
    prepared = PreparedScan(
        asset=None,
        scanner="bench",
        scanner_version=None,
        category="",
        scanned_at=None,
        complete=True,
        successful=True,
        failure=None,
        commit=None,
        ref=None,
        problems=problems,
        observations=len(problems),
    )
    identifier = asset_id(ASSET)
    async with database.transaction() as tx:
        before = int(await tx.fetchval("SELECT pg_current_xact_id()::text"))
        tables = [row[0] for row in await tx.fetch(TABLES)]
    start = time.perf_counter()
    async with database.transaction() as tx:
        await tx.lock("asset", str(identifier))
        await names.ensure(tx, identifier, ASSET)
        applied = await apply_scan(
            tx,
            prepared,
            asset_id=identifier,
            ref="main",
            position=Position(START + timedelta(days=sequence), sequence),
            report_id=uuid4(),
            hold=Hold(),
            force=RELEASED,
        )
    seconds = time.perf_counter() - start
    async with database.transaction() as tx:
        counts = [
            await tx.fetchval(f"SELECT count(*) FROM {t} WHERE xmin::text::bigint > $1", before)  # noqa: S608 - fixed names
            for t in tables
            if not t.endswith(".scope")
        ]
    return applied, seconds, sum(counts)


async def run(url: str, size: int) -> Table:
    """Run the four scans."""
    database = Database(url, "normaliser")
    await database.start()
    await database.migrate(MIGRATIONS)
    everything = [problem(n) for n in range(size)]
    changed = [problem(n) for n in range(size) if n % 100] + [problem(size + n) for n in range(size // 100)]
    moved = [problem(n, shift=7) for n in range(size) if n % 100] + [
        problem(size + n, shift=7) for n in range(size // 100)
    ]
    steps = (("first", everything), ("unchanged", everything), ("1 % changed", changed), ("every line shifted", moved))
    table = Table("scan", "findings", "seconds", "findings/s", "new", "resolved", "updated", "rows written", box=None)
    for sequence, (name, problems) in enumerate(steps):
        applied, seconds, rows = await scan(database, problems, sequence)
        counts = applied.counts
        figures = (len(problems), f"{seconds:.2f}", f"{len(problems) / seconds:,.0f}", counts.new, counts.resolved)
        table.add_row(name, *map(str, figures), str(counts.updated), str(rows))
    await database.stop()
    return table


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as folder, EmbeddedPostgres(Path(folder)) as server:
        Console(width=140).print(asyncio.run(run(server.url, arguments.size)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
