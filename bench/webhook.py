"""How long a sender waits for its 202, at a steady rate, while a bulk import runs and without.

Usage: python bench/webhook.py [--rate 200] [--seconds 10]
"""

import argparse
import asyncio
import sys
import tempfile
import time
import uuid
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

import generate
from pipeline import Line

BULK_SIZE = 10_000
SMALL_SIZE = 20


async def send_steadily(http: httpx.AsyncClient, body: bytes, rate: float, seconds: float) -> list[float]:
    """Push a small report ``rate`` times a second; returns the milliseconds of each answer, ascending."""
    waits: list[float] = []

    async def send() -> None:
        start = time.perf_counter()
        answer = await http.post(
            "/v1/reports", params={"asset": f"repo:github.com/bench/{uuid.uuid4().hex}"}, content=body
        )
        answer.raise_for_status()
        waits.append((time.perf_counter() - start) * 1e3)

    began = time.perf_counter()
    tasks = []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(send()))
    await asyncio.gather(*tasks)
    return sorted(waits)


async def measure(line: Line, folder: Path, rate: float, seconds: float) -> list[tuple[str, list[float]]]:
    """Measure alone, then beside a bulk import that is pushed again and again."""
    small, bulk = ((folder / f"sarif-{n}.json").read_bytes() for n in (SMALL_SIZE, BULK_SIZE))
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    headers = dict(line.ingest.headers)
    async with httpx.AsyncClient(base_url=line.ingest.base_url, headers=headers, limits=limits, timeout=60) as http:
        alone = await send_steadily(http, small, rate, seconds)
        stop = asyncio.Event()

        async def import_bulk() -> None:
            while not stop.is_set():
                asset = f"repo:github.com/bench/bulk-{uuid.uuid4().hex}"
                answer = await http.post("/v1/reports", params={"asset": asset}, content=bulk)
                status_url = f"/v1/reports/{answer.json()['report_id']}"
                await http.get(status_url, params={"wait": 30})

        importing = asyncio.create_task(import_bulk())
        beside = await send_steadily(http, small, rate, seconds)
        stop.set()
        await importing
    return [("alone", alone), ("beside a bulk import", beside)]


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as temporary:
        folder = Path(temporary)
        for size in (SMALL_SIZE, BULK_SIZE):
            generate.write(folder, size)
        with Line(folder) as line:
            measured = asyncio.run(measure(line, folder, arguments.rate, arguments.seconds))
    table = Table("reports accepted", "number", "p50 ms", "p95 ms", "p99 ms", "longest ms", box=None)
    for name, waits in measured:
        cuts = (waits[int(len(waits) * share)] for share in (0.5, 0.95, 0.99))
        table.add_row(name, str(len(waits)), *(f"{cut:.1f}" for cut in cuts), f"{waits[-1]:.1f}")
    Console(width=140).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
