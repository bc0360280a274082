"""The lines of chkrootkit: each check with its verdict, warnings, and what the helper programs said."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sluice_normaliser.kit import Reading, construct
from sluice_normaliser.kit.reading import slug
from sluice_shared.contracts.finding import CodeLocation, Kind, Location, Observation, ObservationStatus, Severity

_CHECK = re.compile(
    r"^(?P<whole>Checking `(?P<name>[^']+)'|Searching for (?:for )?(?P<what>.+?))(?:, it may take a while)?\.\.\. *"
    r"(?P<verdict>.*)$"
)
_CLEAN = re.compile(
    r"^(?:WARNING|not infected|not found|nothing found|no suspect files|nothing detected|nothing deleted|started"
    r"|finished|ROOTDIR is .*|searching for .*|not promisc\b.*|.*: nothing (?:detected|deleted|found)\b.*"
    r"|.*: not promisc and no (?:PF_PACKET|packet sniffer) sockets)?$",
    re.IGNORECASE,
)
_NOT_TESTED = re.compile(r"\bnot tested\b", re.IGNORECASE)
_NOTICE = re.compile(r"^(?P<tool>chk\w+): WARNING: (?P<text>Skipping .*?)(?:: (?P<path>/\S*))?$")
_WARNING = re.compile(r"^(?:WARNING|Warning): ?(?P<text>.*)$")
_INFECTED = re.compile(r"\bINFECTED\b(?! but)")
_PATH = re.compile(r"(?<![\w.])/[^\s`':,;()\[\]]+")
_HELPER = re.compile(r"^chk\w+(?=:)")
_FAILED = re.compile(
    r"^(?:chkrootkit(?::| needs).*|.*(?:can't find `|can't exec \./|need root privileges|must be root).*)$",
    re.MULTILINE,
)


@dataclass
class _Found:
    """What a check found: its name, what it said, and the lines below."""

    check: str
    said: str
    status: ObservationStatus = ObservationStatus.OPEN
    severity: Severity = Severity.MEDIUM
    path: str | None = None
    lines: list[str] = field(default_factory=list)


def refusal(report: Any) -> str | None:
    """Return why nothing was checked: a report without any check and warning that only complains."""
    told = str(report)
    if any(_CHECK.match(line) or _WARNING.match(line) for line in told.splitlines()):
        return None
    failed = _FAILED.search(told)
    return failed.group().strip() if failed else None


def read(report: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each check that found something or could not be made, and for each warning."""
    for found in _founds(str(report)):
        yield _observe(found, reading)


def _founds(report: str) -> Iterator[_Found]:
    check, current = "", None
    for line in map(str.strip, report.splitlines()):
        if (started := _CHECK.match(line)) is not None:
            check, said = started["name"] or started["what"], started["verdict"].strip()
            begun = _judged(check, said)
        elif (notice := _NOTICE.match(line)) is not None and not (check and current):
            yield _skipped(notice)
            continue
        elif (warning := _WARNING.match(line)) is not None and not _is_below(current, line):
            said = warning["text"].strip() or "warning"
            begun = _Found(_rule(said), said, *_graded(said))
        elif current is not None:
            current.lines += [line] if line else []
            continue
        else:
            begun = _judged(check or line, line)
        if current is not None:
            yield current
        current = begun
    if current is not None:
        yield current


def _judged(check: str, said: str) -> _Found | None:
    """Return what a verdict means; nothing for one that is clean, or that comes in the lines below."""
    return None if _CLEAN.match(said) else _Found(check, said, *_graded(said))


def _rule(said: str) -> str:
    """Return what a warning is about, with and without ``-q``: the helper's name, or the words up to a colon."""
    helper = _HELPER.match(said)
    return helper.group() if helper else said.split(":", 1)[0]


def _graded(said: str) -> tuple[ObservationStatus, Severity]:
    if _NOT_TESTED.search(said):
        return ObservationStatus.NOT_APPLICABLE, Severity.INFO
    return ObservationStatus.OPEN, Severity.HIGH if _INFECTED.search(said) else Severity.MEDIUM


def _is_below(current: _Found | None, line: str) -> bool:
    """Return whether a warning only comments on the one before: ``It seems you are using BTRFS``."""
    return current is not None and "It seems you are using" in line


def _skipped(notice: re.Match[str]) -> _Found:
    """Return the notice of a helper that it left something out, which is no trace of anything."""
    said = f"{notice['tool']}: {notice['text']}"
    return _Found(notice["tool"], said, ObservationStatus.INFORMATIONAL, Severity.INFO, notice["path"])


def _observe(found: _Found, reading: Reading) -> Observation:
    said = found.said.rstrip(":")
    named = len(said.split()) > 2 and not said.startswith("INFECTED")  # noqa: PLR2004 - not only a verdict
    paths = [found.path] if found.path else _PATH.findall("\n".join([found.said, *found.lines]))
    places: list[Location] = [construct(CodeLocation, {"path": path}) for path in dict.fromkeys(paths)]
    return reading.observe(
        kind=Kind.MALWARE,
        rule_id=slug(found.check) or "warning",
        title=said if named else f"{found.check}: {said}",
        message=found.said,
        severity=found.severity,
        status=found.status,
        location=places[0] if places else None,
        related_locations=places[1:],
        evidence={"output": "\n".join(found.lines)},
    )
