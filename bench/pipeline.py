"""The whole line, embedded: findings a second, rows written, and peak memory of each process.

Usage: python bench/pipeline.py [FOLDER] [--size N]
Pushes each report three times as a client would (first import, unchanged, changed by ``-delta`` when there is one) and
waits for its receipt each time. Exit status 1 when a report is not indexed or an unchanged scan writes a finding row.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import asyncpg
import httpx
import orjson
import psutil
from rich.console import Console
from rich.table import Table

import generate
from sluice_shared.embedded import EmbeddedStack

FINDING_TABLES = ("normaliser.finding", "normaliser.observation", "normaliser.presence", "risk_index.finding")
TABLES = """
    SELECT schemaname || '.' || relname FROM pg_stat_user_tables
    WHERE relname <> 'alembic_version' AND schemaname !~ '^pg_'
"""
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """One push: what it was, its receipt's counts, how long until indexed (seconds), and rows written by table."""

    report: str
    step: str
    counts: dict[str, int]
    seconds: float
    rows: dict[str, int]

    @property
    def finding_rows(self) -> int:
        """Rows written in the tables that hold findings."""
        return sum(self.rows.get(table, 0) for table in FINDING_TABLES)


class Line:
    """A running platform with servers of the benchmark's own."""

    def __init__(self, folder: Path) -> None:
        self._stack = EmbeddedStack(folder / "servers")
        self._folder = folder

    def __enter__(self) -> Self:
        self._stack.start()
        environment = {
            **os.environ,
            "SLUICE_DATABASE_URL": self._stack.postgres.url,
            "SLUICE_REDIS_URL": self._stack.redis.url,
            "SLUICE_LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "sluice_cli.main", "up", "--json", "--data", str(self._folder / "data")]
        self._process = subprocess.Popen([*command, "--base-port", "18080"], stdout=subprocess.PIPE, env=environment)
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the platform did not start; see its messages above")
        ready = orjson.loads(line)
        self.ingest = httpx.Client(
            base_url=ready["urls"]["ingest"],
            headers={"Authorization": f"Bearer {ready['admin_token']}"},
            timeout=600,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(60)
        self._stack.stop()

    def push(self, file: Path, asset: str) -> tuple[dict[str, Any], float]:
        """Push a report; returns it as indexed, and the seconds from the first byte sent to that."""
        body = file.read_bytes()
        start = time.perf_counter()
        accepted = self.ingest.post("/v1/reports", params={"asset": asset}, content=body)
        accepted.raise_for_status()
        while True:
            report = self.ingest.get(f"/v1/reports/{accepted.json()['report_id']}", params={"wait": 30}).json()
            if report["status"] != "accepted":
                return report, time.perf_counter() - start

    def now(self) -> int:
        """The number of the last transaction, to count from."""
        return asyncio.run(_transaction(self._stack.postgres.url))

    def rows_written_since(self, transaction: int) -> dict[str, int]:
        """Rows that transactions after this one have inserted or updated, by table."""
        return asyncio.run(_rows_written(self._stack.postgres.url, transaction))

    def errors(self) -> list[str]:
        """Lines of the services' logs that tell of an error."""
        logs = (self._folder / "data" / "logs").glob("*.log")
        return [line for log in logs for line in log.read_text().splitlines() if '"level":"error"' in line]

    def memory(self) -> list[tuple[str, float, float]]:
        """Name, present and peak resident memory (MiB) of each process of the platform and its servers."""
        found = []
        for process in psutil.process_iter(["pid", "cmdline"]):
            name = _role(process.info["cmdline"] or [])
            if name and _belongs(process, self._process.pid, self._stack):
                status = Path(f"/proc/{process.pid}/status").read_text()
                fields = dict(line.split(":", 1) for line in status.splitlines() if line.startswith("Vm"))
                present, peak = (int(fields[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))
                found.append((name, present, peak))
        return sorted(found)


async def _transaction(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("SELECT pg_current_xact_id()::text"))
    finally:
        await connection.close()


async def _rows_written(url: str, transaction: int) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    try:
        tables = [row[0] for row in await connection.fetch(TABLES)]
        newer = "xmin::text::bigint > $1"  # a new database has not wrapped round
        return {t: await connection.fetchval(f"SELECT count(*) FROM {t} WHERE {newer}", transaction) for t in tables}  # noqa: S608
    finally:
        await connection.close()


def _role(command: list[str]) -> str | None:
    line = " ".join(command)
    for service in ("ingest", "normaliser", "risk_index", "notifier"):
        if f"-m sluice_{service}.main" in line:
            return service.replace("_", "-")
    if "multiprocessing.spawn" in line:
        return "normaliser (parser)"
    if "redis-server" in line:
        return "redis"
    return "postgres (parent)" if line.endswith("postgres") or "/postgres -D" in line else None


def _belongs(process: psutil.Process, platform: int, stack: EmbeddedStack) -> bool:
    if process.pid in (stack.postgres.pid, stack.redis.pid):
        return True
    return any(parent.pid == platform for parent in process.parents())


def run(line: Line, folder: Path) -> list[Measured]:
    """Push every report of the folder; returns what was measured."""
    measured = []
    reports = [f for f in sorted(folder.iterdir()) if f.suffix in {".json", ".sarif"} and not f.stem.endswith("-delta")]
    for file in reports:
        steps = [("first import", file), ("unchanged", file)]
        delta = file.with_name(f"{file.stem}-delta{file.suffix}")
        if delta.exists():
            steps.append(("1 % changed", delta))
        for step, body in steps:
            before = line.now()
            report, seconds = line.push(body, f"repo:github.com/bench/{file.stem}")
            if report["status"] != "indexed":
                raise SystemExit(f"{body.name} is {report['status']}: {report['reason']}")
            rows = line.rows_written_since(before)
            measured.append(Measured(file.name, step, report["counts"], seconds, rows))
    return measured


def show(console: Console, measured: list[Measured], memory: list[tuple[str, float, float]]) -> None:
    """Print both tables."""
    table = Table(
        "report",
        "step",
        "observations",
        "seconds",
        "findings/s",
        "new",
        "resolved",
        "finding rows",
        "all rows",
        box=None,
    )
    for m in measured:
        rate = m.counts["observations"] / m.seconds
        values = (m.counts["observations"], f"{m.seconds:.2f}", f"{rate:,.0f}", m.counts["new"], m.counts["resolved"])
        table.add_row(m.report, m.step, *map(str, values), str(m.finding_rows), str(sum(m.rows.values())))
    console.print(table)
    table = Table("process", "resident MiB", "peak MiB", box=None)
    for name, resident, peak in memory:
        table.add_row(name, f"{resident:.0f}", f"{peak:.0f}")
    console.print(table)


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--size", type=int, default=10_000)
    arguments = parser.parse_args()
    console = Console(width=140)
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as temporary:
        folder = arguments.folder
        if folder is None:
            folder = Path(temporary) / "reports"
            folder.mkdir()
            generate.write(folder, arguments.size)
        with Line(Path(temporary)) as line:
            idle = line.memory()
            measured = run(line, folder)
            show(console, measured, line.memory())
            for error in line.errors():
                console.print(error[-1500:], markup=False)
            console.print("idle, in MiB: " + ", ".join(f"{name} {resident:.0f}" for name, resident, _ in idle))
    wrote = [m for m in measured if m.step == "unchanged" and m.finding_rows]
    for m in wrote:
        console.print(f"{m.report}: an unchanged scan wrote {m.finding_rows} finding rows")
    return 1 if wrote else 0


if __name__ == "__main__":
    sys.exit(main())
