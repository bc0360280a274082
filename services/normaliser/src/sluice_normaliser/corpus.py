"""Judges the scanners against a corpus of real reports with expected figures.

``python -m sluice_normaliser.corpus FOLDER [--tool NAME]`` reads ``FOLDER/expectations.json`` and the reports under
``FOLDER/reports/``, and prints a table by tool. Its exit status is 1 when a count of an implemented tool differs and
``ScannerSpec.differences`` does not say why, when a report that must be refused is not, or when one is not read.

What is compared: the number of observations with the number of records in the raw file (else with what the reference
parser made of it); identifiers, CWEs, paths, lines, packages and hosts as recall; severities only where the report
itself says critical, high, medium, low or info.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sluice_normaliser.kit import ParseContext, ReportError, ScannerSpec, detect, parse_report
from sluice_normaliser.kit.body import Body
from sluice_normaliser.kit.packages import read_purl
from sluice_normaliser.kit.registry import find
from sluice_shared.contracts.finding import Observation, ObservationStatus

_VERBATIM = frozenset({"critical", "high", "medium", "low", "info"})
_KEY = b"corpus"
_MEASURES = ("identifiers", "cwes", "paths", "lines", "components", "hosts")
_SHOWN = 6


@dataclass
class Judgement:
    """What came of one report."""

    file: str
    expected: int | None = None
    counts: tuple[int, ...] = ()
    error: str | None = None
    detected: str | None = None
    explained: str | None = None
    exact: bool = False
    wrong: str | None = None
    severities: tuple[int, int] = (0, 0)
    recall: dict[str, tuple[int, int]] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)


def judge(entry: dict[str, Any], reports: Path, spec: ScannerSpec) -> Judgement:
    """Return how a report fares against its entry."""
    result = Judgement(entry["file"])
    body = (reports / entry["file"]).read_bytes()
    result.explained = next((why for name, why in spec.differences.items() if fnmatch(entry["file"], f"*{name}")), None)
    result.detected = _detection(body, entry, spec)
    try:
        report = parse_report(body, ParseContext(secret_key=_KEY, filename=entry["file"], scanner=spec.name))
    except ReportError as error:
        result.error = f"{error.reason.value}: {error.detail}"
        result.exact = entry["kind"] == "negative"
        if entry["kind"] != "negative":
            result.wrong = f"is not read ({result.error})"
        return result
    observations = report.observations
    result.counts = _counts(observations)
    if entry["kind"] == "negative":
        failed = bool(report.scans) and not any(scan.successful for scan in report.scans)
        result.exact = failed
        result.wrong = None if failed else f"must be refused, but gives {len(observations)} observations"
        return result
    result.expected = entry["occurrences"] if entry["occurrences"] is not None else entry["reference_count"]
    result.exact = result.expected in result.counts
    if not result.exact:
        result.wrong = f"{result.counts[0]} observations instead of {result.expected}"
    result.severities = _severities(observations)
    for name, wanted, found in _facts(entry, observations):
        missing = [item for item in wanted if not found(item)]
        result.recall[name] = (len(wanted) - len(missing), len(wanted))
        if missing:
            result.misses.append(f"{name}: {', '.join(str(item) for item in missing[:_SHOWN])}")
    return result


def _detection(body: bytes, entry: dict[str, Any], spec: ScannerSpec) -> str | None:
    """Return what the report is wrongly taken for, or None; bodies without content are not judged."""
    if Body(body).trivial is not None or entry["kind"] == "negative":
        return None
    try:
        seen = detect(body, entry["file"])
    except ReportError as error:
        return error.detail
    return None if seen in {spec.name, "sarif"} else f"taken for {seen}"


def _counts(observations: list[Observation]) -> tuple[int, ...]:
    """Return the numbers a corpus may count: all results, all but passed ones, open ones."""
    listed = [each for each in observations if each.status is not ObservationStatus.PASSED]
    return len(observations), len(listed), sum(each.is_open_problem for each in observations)


def _severities(observations: list[Observation]) -> tuple[int, int]:
    said = [each for each in observations if (each.scanner_severity or "").strip().lower() in _VERBATIM]
    right = sum(each.severity.value == (each.scanner_severity or "").strip().lower() for each in said)
    return right, len(said)


def _facts(entry: dict[str, Any], observations: list[Observation]) -> Iterator[tuple[str, list[Any], Any]]:
    names = {each.value.upper() for item in observations for each in item.identifiers}
    names |= {item.rule_id.upper() for item in observations}
    numbers = {number for item in observations for number in item.cwes}
    places = [place for item in observations for place in _places(item)]
    paths = {path for path, _ in places}
    packages = {name for item in observations for name in _components(item)}
    hosts = {host for item in observations for host in _hosts(item)}
    yield "identifiers", [*entry["cves"], *entry["other_vuln_ids"]], lambda item: item.upper() in names
    yield "cwes", entry["cwes"], numbers.__contains__
    yield "paths", entry["paths"], lambda item: _found_path(_bare(item), paths)
    yield "lines", entry["path_lines"], lambda item: _found_line(item, places)
    yield "components", entry["components"], lambda item: item.rstrip("@").lower() in packages
    yield "hosts", entry["hosts"], lambda item: item.lower() in hosts


def _places(item: Observation) -> Iterator[tuple[str, int | None]]:
    for place in (item.location, *item.related_locations):
        path = getattr(place, "path", None)
        if path:
            yield _bare(path), getattr(place, "start_line", None) or getattr(place, "line", None)


def _bare(path: str) -> str:
    return path.removeprefix("file:").replace("\\", "/").lstrip("./")


def _found_path(path: str, paths: Iterable[str]) -> bool:
    return any(path == other or other.endswith(f"/{path}") or path.endswith(f"/{other}") for other in paths)


def _found_line(item: str, places: list[tuple[str, int | None]]) -> bool:
    path, _, line = item.rpartition(":")
    return _found_path(_bare(path), {other for other, number in places if str(number) == line})


def _components(item: Observation) -> Iterator[str]:
    for place in (item.location, *item.related_locations):
        if place is None or place.type != "package":
            if place is not None and place.type == "resource":
                yield place.resource.lower()
            continue
        read = read_purl(place.purl) if place.purl else None
        names = {place.name, *(filter(None, (read.name if read else None,)))}
        for space in {place.namespace, read.namespace if read else None} - {None}:
            names |= {f"{space}:{name}" for name in list(names)} | {f"{space}/{name}" for name in list(names)}
        for name in names:
            yield f"{name}@{place.version or ''}".rstrip("@").lower()


def _hosts(item: Observation) -> Iterator[str]:
    for place in (item.location, *item.related_locations):
        if place is not None and place.type == "host":
            yield from (name.lower() for name in (place.host, place.ip) if name)
        elif place is not None and place.type == "url":
            yield (urlsplit(place.url).hostname or place.url).lower()


def _line(tool: str, judged: list[Judgement]) -> str:
    """Return the line of a tool in the table."""
    exact = sum(each.exact for each in judged)
    right, said = (sum(each.severities[i] for each in judged) for i in (0, 1))
    cells = [f"{tool:<32}", f"{len(judged):>4}", f"{exact:>4}", f"{right}/{said}".rjust(11)]
    for name in _MEASURES:
        got = sum(each.recall.get(name, (0, 0))[0] for each in judged)
        wanted = sum(each.recall.get(name, (0, 0))[1] for each in judged)
        cells.append((f"{got}/{wanted}" if wanted else "-").rjust(11))
    return " ".join(cells)


def main(arguments: list[str] | None = None) -> int:
    """Judge a corpus and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="corpus", description="Judges the scanners against a corpus of reports.")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--tool", action="append", metavar="NAME", help="only this tool; may be repeated")
    parser.add_argument("--quiet", action="store_true", help="leave out what is missed in single reports")
    given = parser.parse_args(arguments)
    entries = json.loads((given.folder / "expectations.json").read_text("utf-8"))
    by_tool: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        if not given.tool or entry["tool"] in given.tool:
            by_tool.setdefault(entry["tool"], []).append(entry)
    write = sys.stdout.write
    write(
        " ".join([f"{'tool':<32}", "rep.", " =n ", "severities".rjust(11), *(name.rjust(11) for name in _MEASURES)])
        + "\n"
    )
    missing: list[str] = []
    faults: list[str] = []
    judged_all: list[Judgement] = []
    for tool, of_tool in sorted(by_tool.items()):
        spec = find(tool)
        if spec is None:
            missing.append(tool)
            continue
        judged = [judge(entry, given.folder / "reports", spec) for entry in of_tool]
        judged_all += judged
        write(_line(tool, judged) + "\n")
        for each in judged:
            told = list(_remarks(each, quiet=given.quiet))
            if told:
                write("".join(f"    {each.file}: {words}\n" for words in told))
            if (each.wrong or each.detected) and not each.explained:
                faults.append(each.file)
    write(_line("all", judged_all) + "\n")
    if missing:
        write(f"not implemented ({len(missing)}): {' '.join(missing)}\n")
    if faults:
        write(f"unexplained ({len(faults)}): {' '.join(faults)}\n")
    return 1 if faults else 0


def _remarks(judgement: Judgement, *, quiet: bool) -> Iterator[str]:
    if judgement.wrong:
        yield f"explained: {judgement.wrong}: {judgement.explained}" if judgement.explained else judgement.wrong
    if judgement.detected:
        yield f"not recognised: {judgement.detected}"
    right, said = judgement.severities
    if right != said:
        yield f"{said - right} severities differ from what the report says"
    if not quiet:
        yield from (f"misses {words}" for words in judgement.misses)


if __name__ == "__main__":
    sys.exit(main())
