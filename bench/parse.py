"""Parsing and preparing alone: observations a second on one core, by file.

Usage: python bench/parse.py [FILE…]; without files, a generated SARIF report of 10,000 results.
"""

import gc
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

import generate
from sluice_normaliser.domain.prepare import prepare
from sluice_normaliser.kit import ParseContext, parse_report

ROUNDS = 3


def measure(file: Path) -> tuple[str, int, float, float]:
    """Return the scanner, the observations, and the best of three: seconds of CPU for parsing, and for preparing."""
    body = file.read_bytes()
    context = ParseContext(secret_key=b"bench", filename=file.name)
    parsing, preparing = [], []
    found = 0
    for _ in range(ROUNDS):
        start = time.process_time()
        report = parse_report(body, context)
        middle = time.process_time()
        found = len(report.observations)
        prepare(report)
        parsing.append(middle - start)
        preparing.append(time.process_time() - middle)
    return report.scanner, found, min(parsing), min(preparing)


def main() -> int:
    """Run the benchmark."""
    # As in the service's worker: a report is millions of objects that all live until its end.
    gc.disable()
    table = Table("file", "scanner", "observations", "parse /s", "prepare /s", "both /s", box=None)
    with tempfile.TemporaryDirectory() as temporary:
        files = [Path(name) for name in sys.argv[1:]]
        if not files:
            generate.write(Path(temporary), 10_000)
            files = [Path(temporary) / "sarif-10000.json"]
        for file in files:
            scanner, count, parsing, preparing = measure(file)
            rates = (count / seconds for seconds in (parsing, preparing, parsing + preparing))
            table.add_row(file.name, scanner, str(count), *(f"{rate:,.0f}" for rate in rates))
    Console(width=140).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
