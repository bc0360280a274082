"""Every format grown to thousands of records: observations a second, peak memory, and how long detection takes.

Usage: python bench/formats.py [NAME…] [--corpus DIR [--tier A1]…] [--observations 5000]

Without a corpus the samples in the scanners' folders are grown, the richest of each format; with one, the largest
report of each tool, whose records have the size of real ones. Each format runs in a process of its own. Memory is what
the process grew by at its peak, the report's own bytes included, as a multiple of those bytes: for parsing and mapping,
and until the observations are prepared, too, as the service's worker does. Seconds are of the CPU, for parsing.
Detection is measured on a report of a MiB, with the JSON that it parses and that the reading uses again, and without.
"""

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grow import LARGEST, grower
from sluice_normaliser import golden
from sluice_normaliser.domain.prepare import prepare
from sluice_normaliser.kit import ParseContext, ReportError, parse_report
from sluice_normaliser.kit.body import Body
from sluice_normaliser.kit.detection import recognise
from sluice_normaliser.kit.registry import find, registry

ROUNDS = 3
LARGEST_SEED = 96 * 1024
"""Bytes of a report that is grown."""

SLOWEST, FATTEST, LATEST = 5_000.0, 12.0, 5.0
"""Observations a second, multiples of the report, milliseconds a MiB: what is beyond is marked."""


def measure(scanner: str, file: Path, mebibyte: Path, small: Path) -> dict[str, float]:
    """Return the figures of one report, in this process, which has done nothing else."""
    # As in the service's worker: a report is millions of objects that all live until its end.
    gc.disable()
    context = ParseContext(secret_key=b"bench", scanner=scanner)
    parse_report(small.read_bytes(), context)
    before = _memory("VmRSS")
    # ru_maxrss would still know the parent's peak, which a new process inherits
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    body = file.read_bytes()
    seconds = []
    peak, prepared, found = 0.0, 0.0, 0
    for number in range(ROUNDS):
        start = time.process_time()
        report = parse_report(body, context)
        seconds.append(time.process_time() - start)
        found = len(report.observations)
        if number == 0:
            peak = _memory("VmHWM") - before
            prepare(report)
            prepared = _memory("VmHWM") - before
        del report
    size = len(body) / (1 << 20)
    throughput, multiple, whole_multiple = size / min(seconds), peak / len(body), prepared / len(body)
    whole, beyond = [], []
    body = mebibyte.read_bytes()
    for _ in range(ROUNDS * 5):
        start = time.process_time()
        content = Body(body)
        opened = time.process_time()
        if "json" in content.containers:
            with suppress(ReportError):
                _ = content.json
        parsed = time.process_time()
        with suppress(ReportError):  # a body that only a name makes plain takes as long
            recognise(content)
        end = time.process_time()
        whole.append(end - start)
        beyond.append(end - parsed + opened - start)
    per_mib = 1000 / (len(body) / (1 << 20))
    return {
        "observations": found,
        "mib": size,
        "rate": found / min(seconds),
        "throughput": throughput,
        "memory": multiple,
        "prepared": whole_multiple,
        "detection": min(whole) * per_mib,
        "beyond": min(beyond) * per_mib,
    }


def _memory(name: str) -> int:
    """Return what this process has (VmRSS) or had at its peak (VmHWM), in bytes. Linux only."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024


def of_folders(names: list[str]) -> Iterator[tuple[str, str, Path]]:
    """Yield the richest sample of each format in the scanners' folders: scanner, format, file."""
    for name in names or sorted(registry()):
        richest: dict[str, tuple[int, Path]] = {}
        for sample in golden.samples(name):
            try:
                report = parse_report(sample.read_bytes(), ParseContext(secret_key=b"bench", scanner=name))
            except ReportError:
                continue
            if len(report.observations) > richest.get(report.format, (0, sample))[0]:
                richest[report.format] = len(report.observations), sample
        yield from ((name, form, sample) for form, (_, sample) in sorted(richest.items()))


def of_corpus(folder: Path, tiers: list[str], names: list[str]) -> Iterator[tuple[str, str, Path]]:
    """Yield a report of each tool and of each kind of file: the largest that does not take long to grow."""
    largest: dict[tuple[str, str], Path] = {}
    for entry in json.loads((folder / "expectations.json").read_text("utf-8")):
        spec = find(entry["tool"])
        if entry["kind"] != "report" or spec is None or (tiers and entry["tier"] not in tiers):
            continue
        if names and entry["tool"] not in names:
            continue
        file = folder / "reports" / entry["file"]
        key = (spec.name, file.suffix)
        if key not in largest or _suits(file) > _suits(largest[key]):
            largest[key] = file
    yield from ((name, suffix, file) for (name, suffix), file in sorted(largest.items()))


def _suits(file: Path) -> int:
    size = file.stat().st_size
    return size if size <= LARGEST_SEED else -size


def marked(words: str, *, bad: bool) -> str:
    """Return a cell, marked when its value is out of bounds."""
    return f"[bold red]{words} ![/]" if bad else words


def main() -> int:
    """Run the benchmark; the exit status is 1 when a figure is out of bounds."""
    parser = argparse.ArgumentParser(description="Measures parsing, format by format.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--corpus", type=Path, metavar="DIR")
    parser.add_argument("--tier", action="append", default=[], metavar="TIER")
    parser.add_argument("--observations", type=int, default=5_000)
    parser.add_argument("--child", nargs=4, metavar=("SCANNER", "FILE", "MEBIBYTE", "SMALL"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        scanner, *files = given.child
        print(json.dumps(measure(scanner, *map(Path, files))))
        return 0
    found = of_corpus(given.corpus, given.tier, given.names) if given.corpus else of_folders(given.names)
    columns = (
        "scanner",
        "format",
        "MiB",
        "observations",
        "per second",
        "MiB/s",
        "memory x",
        "prepared x",
        "detection ms/MiB",
        "beyond JSON",
    )
    table = Table(*columns, box=None)
    beyond = 0
    skipped: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        for name, form, sample in found:
            build = grower(sample.read_bytes(), name)
            if build is None:
                skipped.append(f"{name} {form}")
                continue
            file, mebibyte = Path(temporary) / "grown", Path(temporary) / "mebibyte"
            file.write_bytes(build(given.observations, LARGEST))
            mebibyte.write_bytes(build(1 << 20, 1 << 20))
            command = [sys.executable, __file__, "--child", name, str(file), str(mebibyte), str(sample)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seen = json.loads(done.stdout)
            slow, fat, late = seen["rate"] < SLOWEST, seen["memory"] > FATTEST, seen["detection"] > LATEST
            beyond += slow or fat
            table.add_row(
                name,
                form,
                f"{seen['mib']:.1f}",
                f"{seen['observations']:,}",
                marked(f"{seen['rate']:,.0f}", bad=slow),
                f"{seen['throughput']:.1f}",
                marked(f"{seen['memory']:.1f}", bad=fat),
                f"{seen['prepared']:.1f}",
                marked(f"{seen['detection']:.1f}", bad=late),
                f"{seen['beyond']:.1f}",
            )
    console = Console(width=160)
    console.print(table)
    if skipped:
        console.print(f"not grown ({len(skipped)}): {', '.join(skipped)}")
    console.print(f"{table.row_count} formats, {beyond} slower than {SLOWEST:,.0f}/s or above {FATTEST:.0f} times")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
