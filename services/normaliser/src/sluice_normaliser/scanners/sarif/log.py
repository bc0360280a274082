"""A SARIF log (§3.13): its runs, each a scan of the tool that its driver names."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sluice_normaliser.kit import ParsedScan, Reading, ReportError
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.kit.times import parse_time
from sluice_normaliser.scanners.sarif.locations import Places
from sluice_normaliser.scanners.sarif.messages import resolve
from sluice_normaliser.scanners.sarif.results import Results
from sluice_normaliser.scanners.sarif.rules import RuleBook
from sluice_normaliser.scanners.sarif.tools import tool_of
from sluice_shared.contracts.events import RejectReason
from sluice_shared.contracts.finding import Observation

_SHOWN = 5


def old_version(document: Any, _: Reading) -> Iterator[ParsedScan]:
    """Raise the ReportError that says what to do about SARIF before 2.1.0."""
    version = document.get("version")
    raise ReportError(
        RejectReason.SCHEMA,
        f"this is SARIF {version}, which was a draft; only 2.1.0 is read. Upgrade the scanner, or convert the file: "
        "sarif-multitool transform --sarif-output-version Current FILE",
    )


def read(document: Any, reading: Reading) -> list[ParsedScan]:
    """Return the scans of a log; runs of one tool and category are one scan.

    Raises ReportError SCANNER_FAILED when no run was successful, one says that it failed, and none has a result.
    """
    scans: dict[tuple[str, str], ParsedScan] = {}
    runs = objs(items_of(document.get("runs")))
    said = any(_says_that_it_failed(run) for run in runs)
    for run in runs:
        scan = _scan(run, reading)
        known = scans.get((scan.scanner, scan.category))
        if known is None:
            scans[scan.scanner, scan.category] = scan
        else:
            _join(known, scan)
    found = list(scans.values())
    if said and not any(scan.successful or scan.observations for scan in found):
        raise ReportError(
            RejectReason.SCANNER_FAILED,
            f"the scan failed and shows nothing: {found[0].failure}. Look at the scanner's log; nothing is resolved",
        )
    return found


def _join(scan: ParsedScan, other: ParsedScan) -> None:
    scan.observations += other.observations
    scan.successful = scan.successful and other.successful
    scan.complete = scan.complete and other.complete
    scan.failure = "; ".join(each for each in (scan.failure, other.failure) if each) or None
    scan.commit = scan.commit or other.commit
    scan.ref = scan.ref or other.ref
    if other.scanned_at is not None and (scan.scanned_at is None or other.scanned_at > scan.scanned_at):
        scan.scanned_at = other.scanned_at


def _scan(run: dict[str, Any], reading: Reading) -> ParsedScan:
    driver = obj(obj(run.get("tool")).get("driver"))
    name = words(driver.get("name")) or words(driver.get("fullName")) or "unknown"
    tool = tool_of(name)
    reading.scanner = tool.scanner
    reading.scanner_name = name
    reading.scanner_version = words(driver.get("semanticVersion")) or words(driver.get("version"))
    source = objs(run.get("versionControlProvenance"))
    commit = words(source[0].get("revisionId")) if source else None
    scan = reading.scan(
        category=_category(run),
        scanned_at=_time(run),
        commit=commit,
        ref=words(source[0].get("branch")) if source else None,
    )
    _outcome(run, driver, scan)
    results = Results(RuleBook(run, tool), Places(run, commit), reading)
    scan.observations = list(_observe(run.get("results"), results))
    return scan


def _observe(given: Any, results: Results) -> Iterator[Observation]:
    """Yield the observation of each result, letting go of the result: a large log needs not be there twice."""
    listed = items_of(given)
    for index, result in enumerate(listed):
        if result.__class__ is dict:
            listed[index] = None
            yield results.observe(result)


def _category(run: dict[str, Any]) -> str:
    """Return ``automationDetails.id`` without its last part, which tells one run from the next (§3.17.3)."""
    details = obj(run.get("automationDetails") or run.get("automationId"))
    identifier = words(details.get("id")) or ""
    return identifier.rpartition("/")[0].strip("/")


def _time(run: dict[str, Any]) -> datetime | None:
    times = [
        moment
        for invocation in objs(run.get("invocations"))
        if (moment := parse_time(invocation.get("endTimeUtc")) or parse_time(invocation.get("startTimeUtc")))
    ]
    return max(times, default=None)


def _says_that_it_failed(run: dict[str, Any]) -> bool:
    invocations = objs(run.get("invocations"))
    told = [each for invocation in invocations for each in objs(invocation.get("toolExecutionNotifications"))]
    return any(invocation.get("executionSuccessful") is False for invocation in invocations) or any(
        each.get("level") == "error" for each in told
    )


def _outcome(run: dict[str, Any], driver: dict[str, Any], scan: ParsedScan) -> None:
    """Set whether the run was successful and complete.

    An error among ``toolExecutionNotifications`` means that results are wrong or missing (§3.58.6), so such a run is
    not complete. A run without ``results`` is not one that found nothing, which has an empty array (§3.14.23); yet
    some tools write none where they found nothing, so that such a run is taken, and resolves nothing.
    """
    invocations = objs(run.get("invocations"))
    strings = obj(driver.get("globalMessageStrings"))
    grave: list[str] = []
    for invocation in invocations:
        for notification in objs(invocation.get("toolExecutionNotifications")):
            if notification.get("level") == "error":
                grave += [resolve(notification.get("message"), strings) or "an error without a message"]
    if any(invocation.get("executionSuccessful") is False for invocation in invocations):
        scan.successful = False
        configuration = [
            message
            for invocation in invocations
            for notification in objs(invocation.get("toolConfigurationNotifications"))
            if notification.get("level") == "error" and (message := resolve(notification.get("message"), strings))
        ]
        exits = [words(each.get("exitCodeDescription")) or words(each.get("exitSignalName")) for each in invocations]
        told = [*grave, *configuration, *(each for each in exits if each)]
        scan.failure = "; ".join(told[:_SHOWN]) or "the run says that it was not successful"
    elif not isinstance(run.get("results"), (list, dict)):
        scan.successful = False
        scan.failure = "; ".join(grave[:_SHOWN]) or "the run has no results array, as if it never came to scan"
    elif grave:
        scan.complete = False
        scan.failure = "; ".join(grave[:_SHOWN])
