"""One report against what is expected of it."""

from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from sluice_normaliser.corpus.facts import MEASURES, Facts, wanted
from sluice_normaliser.corpus.said import Said
from sluice_normaliser.kit import ParseContext, ReportError, ScannerSpec, detect, parse_report
from sluice_normaliser.kit.body import Body
from sluice_shared.contracts.finding import Observation, ObservationStatus

_VERBATIM = frozenset({"critical", "high", "medium", "low", "info"})
_KEY = b"corpus"
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Recall:
    """Of one measure: what was found, missed though the report says it, and what is no miss."""

    found: int = 0
    missed: tuple[Any, ...] = ()
    foreign: tuple[Any, ...] = ()
    explained: tuple[tuple[Any, str], ...] = ()

    @property
    def said(self) -> int:
        """How many values the report itself says."""
        return self.found + len(self.missed)


@dataclass
class Judgement:
    """What came of one report."""

    file: str
    tier: str
    expected: int | None = None
    counts: tuple[int, ...] = ()
    error: str | None = None
    detected: str | None = None
    explained: str | None = None
    exact: bool = False
    wrong: str | None = None
    severities: tuple[int, int] = (0, 0)
    recall: dict[str, Recall] = field(default_factory=dict)

    @property
    def is_fair(self) -> bool:
        """True when the count is as expected, or its difference is explained."""
        return self.exact or (self.wrong is not None and self.explained is not None)


def judge(entry: dict[str, Any], reports: Path, spec: ScannerSpec) -> Judgement:
    """Return how a report fares against its entry."""
    result = Judgement(entry["file"], entry.get("tier", "?"))
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
    result.severities = _severities(observations, spec)
    result.recall = _recall(entry, body, spec, Facts(observations))
    return result


def _recall(entry: dict[str, Any], body: bytes, spec: ScannerSpec, facts: Facts) -> dict[str, Recall]:
    said: Said | None = None
    found: dict[str, Recall] = {}
    for measure in MEASURES:
        items = wanted(entry, measure)
        missing = [item for item in items if not facts.has(measure, item)]
        if missing and said is None:
            said = Said(body)
        foreign = tuple(item for item in missing if said is not None and not said.says(measure, item))
        left = [item for item in missing if item not in foreign]
        explained = tuple((item, why) for item in left if (why := _why(spec, measure, item)) is not None)
        clear = [item for item, _ in explained]
        missed = tuple(item for item in left if item not in clear)
        found[measure] = Recall(len(items) - len(missing), missed, foreign, explained)
    return found


def _why(spec: ScannerSpec, measure: str, item: Any) -> str | None:
    return next((why for name, why in spec.misses.items() if fnmatch(f"{measure}: {item}", name)), None)


def _detection(body: bytes, entry: dict[str, Any], spec: ScannerSpec) -> str | None:
    """Return what the report is wrongly taken for, or None; bodies without content are not judged."""
    read = Body(body)
    if read.trivial is not None or read.is_hollow or entry["kind"] == "negative":
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


def _severities(observations: list[Observation], spec: ScannerSpec) -> tuple[int, int]:
    """Return how many severities are as the report says, and how many it says in words that mean the same to all."""
    pairs = [(each.severity.value, (each.scanner_severity or "").strip().lower()) for each in observations]
    said = [(own, word) for own, word in pairs if word in _VERBATIM and _why(spec, "severities", word) is None]
    return sum(own == word for own, word in said), len(said)


def remarks(judgement: Judgement, *, quiet: bool) -> list[str]:
    """Return what is to be said about a report, line by line."""
    lines: list[str] = []
    if judgement.wrong:
        why = judgement.explained
        lines.append(f"explained: {judgement.wrong}: {why}" if why else judgement.wrong)
    if judgement.detected:
        lines.append(f"not recognised: {judgement.detected}")
    right, said = judgement.severities
    if right != said:
        lines.append(f"{said - right} severities differ from what the report says")
    if quiet:
        return lines
    for measure, recall in judgement.recall.items():
        if recall.missed:
            lines.append(f"misses {measure}: {_some(recall.missed)}")
        if recall.foreign:
            lines.append(f"not in the report: {measure}: {_some(recall.foreign)}")
        reasons = Counter(why for _, why in recall.explained)
        lines += [f"explained: {number} {measure}: {why}" for why, number in reasons.items()]
    return lines


def _some(items: tuple[Any, ...]) -> str:
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return ", ".join(str(item) for item in items[:_SHOWN]) + more
