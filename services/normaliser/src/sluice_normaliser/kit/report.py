"""Parsing a report: recognise it, read it, and give every observation, or the one error that says why not."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from sluice_normaliser.kit import detection
from sluice_normaliser.kit.body import Body
from sluice_normaliser.kit.collector import collector_paused
from sluice_normaliser.kit.containers import json
from sluice_normaliser.kit.containers.csv import rows
from sluice_normaliser.kit.containers.xml import XmlDocument
from sluice_normaliser.kit.detection import Candidate
from sluice_normaliser.kit.model import ParseContext, ParsedReport, ParsedScan, ReportError
from sluice_normaliser.kit.path import Frame
from sluice_normaliser.kit.reading import UNNAMED, Reading
from sluice_normaliser.kit.registry import canonical, find, registry
from sluice_normaliser.kit.rules import CsvShape
from sluice_normaliser.kit.spec import CLEAN, FAILED, ScannerSpec
from sluice_shared.contracts.events import RejectReason
from sluice_shared.contracts.finding import Observation, ObservationStatus


def detect(body: bytes, filename: str | None = None) -> str:
    """Return the name of the scanner that wrote the report.

    Raises ReportError: UNKNOWN_FORMAT with what came closest or what it could be, or why the body cannot be read.
    """
    return detection.recognise(Body(body), filename).scanner


def parse_report(body: bytes, context: ParseContext) -> ParsedReport:
    """Return everything a report says. Raises only ReportError.

    The scanner is the one asked for in ``context``, else it is recognised from the content. A report that is valid and
    shows nothing gives scans without observations; one that looks so because its scanner failed is refused.
    """
    content = Body(body)
    if context.scanner is None:
        return _read(detection.recognise(content, context.filename), content, context)
    spec = find(context.scanner)
    if content.trivial is not None:
        if spec is None:
            raise _unknown_scanner(context.scanner)
        meant = _trivial(spec, content.trivial)
        if meant is not None:
            return meant
    judged = detection.candidates(content, spec.name) if spec is not None else []
    candidate = judged[0] if judged and judged[0].verdict.holds else _exchanged(content)
    if candidate is None:
        return _read_by_name(judged, spec, content, context)
    report = _read(candidate, content, context)
    _check_scanner(report, candidate, spec, context.scanner)
    return report


def _exchanged(content: Body) -> Candidate | None:
    """Return the exchange format that the body is in, if any: it speaks for whichever tool was named."""
    for exchange in (each for each in registry().values() if each.any_tool):
        found = detection.candidates(content, exchange.name)
        if found and found[0].verdict.holds:
            return found[0]
    return None


def _read_by_name(
    judged: list[Candidate], spec: ScannerSpec | None, content: Body, context: ParseContext
) -> ParsedReport:
    """Read what no format of the named scanner quite is, by the nearest one: another version, or a part of a report.

    It must look like nothing else and show results that have a rule; and since it may show them in part, its scans are
    not complete, so that nothing counts as gone because of it. Raises ReportError: what it is, or what it lacks.
    """
    if spec is None:
        raise _unknown_scanner(context.scanner or "")
    problem = content.problem()
    if problem is not None:
        raise problem
    seen = detection.looks_like(content)
    if seen is not None:
        raise ReportError(
            RejectReason.WRONG_SCANNER,
            f"this is no report of {spec.title}: it looks like {seen}; push it with that scanner, or without one",
        )
    for nearest in judged:
        if nearest.verdict.share >= detection.NEAR and (report := _loosely(nearest, content, context)) is not None:
            return report
    raise ReportError(
        RejectReason.SCHEMA,
        f"this is no report of {spec.title} in a format that is known: it lacks {detection.missing_of(judged)}. "
        "Check the output format of the scanner and its version",
    )


def _loosely(candidate: Candidate, content: Body, context: ParseContext) -> ParsedReport | None:
    """Return what a format that a report is not quite in makes of it, None when that is nothing.

    Raises SCANNER_FAILED when that says so.
    """
    try:
        report = _read(candidate, content, context)
    except ReportError as error:
        if error.reason is RejectReason.SCANNER_FAILED:
            raise
        return None
    rules = {observation.rule_id for observation in report.observations}
    if not rules or UNNAMED in rules:
        return None
    report.lacks = candidate.verdict.missing
    for scan in report.scans:
        scan.complete = False
    return report


def _check_scanner(report: ParsedReport, candidate: Candidate, spec: ScannerSpec | None, asked: str) -> None:
    """Raise WRONG_SCANNER when an exchange format speaks for another tool than the one named."""
    if spec is None or candidate.scanner == spec.name:
        return
    tools = {scan.scanner for scan in report.scans}
    known = {found.name for tool in tools if (found := find(tool)) is not None}
    if tools and spec.id not in tools and canonical(asked) not in tools and spec.name not in known:
        named = ", ".join(sorted(tools))
        raise ReportError(
            RejectReason.WRONG_SCANNER,
            f"this is a {candidate.format.format.name} report of {named}, not of {spec.title}; "
            f"push it with that scanner, or without one",
        )


def _unknown_scanner(asked: str) -> ReportError:
    return ReportError(
        RejectReason.WRONG_SCANNER,
        f"there is no scanner {asked!r}; leave it out to have it recognised, or name one of those listed in the docs",
    )


def _trivial(spec: ScannerSpec, body: str) -> ParsedReport | None:
    """Return what a scanner means by a body without content; None when its formats shall judge. Raises ReportError."""
    meaning = spec.trivial.get(body)
    shown = repr(body) if body else "an empty file"
    if meaning == CLEAN:
        return ParsedReport(spec.formats[0].name, spec.name, [ParsedScan(spec.id)])
    if meaning == FAILED:
        raise ReportError(
            RejectReason.SCANNER_FAILED, f"{spec.title} leaves {shown} behind when it failed; look at its log"
        )
    if meaning is not None:
        raise ReportError(RejectReason.SCANNER_FAILED, meaning)
    if body == "":
        raise ReportError(
            RejectReason.EMPTY, f"the report is empty; {spec.title} writes more than that even when it finds nothing"
        )
    return None


def _read(candidate: Candidate, content: Body, context: ParseContext) -> ParsedReport:
    each = candidate.format
    reading = Reading(context, each.spec, each.format)
    report = ParsedReport(each.format.name, each.spec.name)
    with collector_paused():
        _fill(report, candidate, content, reading)
        if each.spec.counts_passed:
            _count_passed(report)
    return report


def _count_passed(report: ParsedReport) -> None:
    for scan in report.scans:
        listed = [o for o in scan.observations if o.status is not ObservationStatus.PASSED]
        scan.passed += len(scan.observations) - len(listed)
        scan.observations = listed


def _fill(report: ParsedReport, candidate: Candidate, content: Body, reading: Reading) -> None:
    each = candidate.format
    try:
        if each.format.scans is not None:
            report.scans = list(each.format.scans(_document(candidate, content), reading))
        else:
            report.scans = [_one_scan(candidate, content, reading)]
    except ReportError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _strange(each.spec, error) from error


def _strange(spec: ScannerSpec, error: Exception) -> ReportError:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        what = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    else:
        what = f"{type(error).__name__}: {str(error)[:200]}"
    return ReportError(
        RejectReason.SCHEMA,
        f"a part of the report is not as {spec.title} writes it ({what}). Check the version of the scanner; "
        "if it is right, this is a gap in Sluice that is worth an issue",
    )


def _document(candidate: Candidate, content: Body) -> Any:
    container = candidate.container
    if container == "json":
        json.check_nesting(content.json)
        return content.json
    if container == "jsonl":
        json.check_nesting(content.jsonl, json.MAX_DEPTH + 1)
        return content.jsonl
    if container == "xml":
        return XmlDocument(content.bytes).whole()
    if container == "csv":
        return list(_rows(candidate, content))
    return content.archive if container == "zip" else content.text


def _rows(candidate: Candidate, content: Body) -> Iterator[dict[str, Any]]:
    rule = candidate.format.format.detect
    header = rule.header(content) if isinstance(rule, CsvShape) else None
    if header is None:
        header = content.csv_headers[0]
    return rows(content.bytes, header._replace(columns=_as_mapped(header.columns, candidate)))


def _as_mapped(columns: tuple[str, ...], candidate: Candidate) -> tuple[str, ...]:
    """Return the columns as the format's maps and its rule spell them: ``plugin id`` may be meant by ``Plugin ID``."""
    rule = candidate.format.format.detect
    known = {name for each in candidate.format.maps for name in each.names}
    if isinstance(rule, CsvShape):
        known.update((*rule.columns, *rule.any_of))
    meant = {name.lower(): name for name in sorted(known)}
    return tuple(name if name in known else meant.get(name.lower(), name) for name in columns)


def _one_scan(candidate: Candidate, content: Body, reading: Reading) -> ParsedScan:
    """Return the scan that a whole report is; CSV rows and the records of XML are read one by one."""
    form = candidate.format.format
    scan = ParsedScan(candidate.format.spec.id)
    if form.parse is not None:
        document = _document(candidate, content)
        _describe(scan, candidate, document, reading)
        scan.observations = list(form.parse(document, reading))
    elif candidate.container == "csv":
        for number, row in enumerate(_rows(candidate, content)):
            if number == 0:
                _describe(scan, candidate, row, reading)
            scan.observations += _observe(candidate, (None, None, number, row), reading)
    elif candidate.container == "xml" and form.records is not None:
        scan.observations = _stream(scan, candidate, XmlDocument(content.bytes), reading)
    else:
        document = _document(candidate, content)
        _describe(scan, candidate, document, reading)
        scan.observations = _observe(candidate, (None, document), reading)
    scan.scanner, scan.scanner_name = reading.scanner, reading.scanner_name
    scan.scanner_version = reading.scanner_version
    return scan


def _observe(candidate: Candidate, frame: Frame, reading: Reading) -> list[Observation]:
    return [observation for each in candidate.format.maps for observation in each.run(frame, reading)]


def _stream(scan: ParsedScan, candidate: Candidate, document: XmlDocument, reading: Reading) -> list[Observation]:
    """Return the observations of XML records; what the report says of its scan may stand before or behind them."""
    found: list[Observation] = []
    path = tuple((candidate.format.format.records or "").split("."))
    for number, record in enumerate(document.stream(path)):
        if number == 0:
            _describe(scan, candidate, document.root, reading)
        found += _observe(candidate, (None, document.root, number, record), reading)
    _describe(scan, candidate, document.root, reading)
    return found


def _describe(scan: ParsedScan, candidate: Candidate, document: Any, reading: Reading) -> None:
    """Take over what the report says about its scan; raise SCANNER_FAILED when it shows nothing because it failed."""
    described = candidate.format.format.scan
    if described is None:
        return
    found = described.read((None, document))
    reading.scanner_name = found.get("name", reading.scanner_name)
    reading.scanner_version = found.get("version", reading.scanner_version)
    refused = found.get("refuse")
    if refused:
        raise ReportError(
            RejectReason.SCANNER_FAILED,
            f"{candidate.format.spec.title} failed, so the report shows nothing: {refused}",
        )
    scan.category = found.get("category", scan.category)
    scan.scanned_at = found.get("scanned_at", scan.scanned_at)
    scan.complete = found.get("complete", scan.complete)
    scan.commit = found.get("commit", scan.commit)
    scan.ref = found.get("ref", scan.ref)
    if "failure" in found:
        scan.successful, scan.failure = False, found["failure"]


__all__ = ["detect", "parse_report", "registry"]
