"""What AIDE writes: a list of entries, and under each what changed; as text or as JSON."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sluice_normaliser.kit import Reading, clean_path, construct
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.shapes import arr, obj, words
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation, Severity

_HEADLINE = re.compile(r"^(?:-{20,}\n)?(?P<title>[A-Z][^\n:]*?):[ \t]*\n-{20,}[ \t]*$", re.MULTILINE)
_ENTRY = re.compile(r"^(?P<flags>\S[^\n]*?): (?P<path>/[^\n]*)$", re.MULTILINE)
_DETAIL = re.compile(r"^(?:[A-Z][\w -]*: )?(?P<path>/[^\n]*)\n(?P<lines>(?:[ \t]+[^\n]*(?:\n|\Z))+)", re.MULTILINE)
_FLAT = re.compile(r"^(?P<flags>added|removed|changed):\s?(?P<path>/[^\n]*)$", re.MULTILINE)
_ENTRIES = re.compile(r"^(?:Added|Removed|Changed)\b.*\b(?:entries|files)\b", re.IGNORECASE)
_DETAILS = re.compile(r"^Detailed information about", re.IGNORECASE)
_COUNTED = re.compile(r"^\s*(?:Added|Removed|Changed) (?:entries|files):\s*(\d+)", re.MULTILINE)
_CHANGES = ("added", "removed", "changed")
_SAYS = {
    "added": "The file is not in the database: it was added since",
    "removed": "The file is in the database, but no longer there",
    "changed": "The file is not as the database has it",
}


class _Entry(NamedTuple):
    """A path, how it differs, AIDE's flags for it, and what exactly differs, as lines."""

    path: str
    change: str
    flags: str | None
    details: str | None


def without_entries(report: Any) -> str | None:
    """Return why a JSON report tells of no file, where it is no clean run."""
    if "initialized" in (words(report.get("outline")) or ""):
        return "the run made the database and compared nothing; push the report of aide --check"
    counted = [integer(obj(report.get("number_of_entries")).get(name)) or 0 for name in _CHANGES]
    return _nameless(sum(counted), bool(list(_entries_of(report))))


def without_lines(report: Any) -> str | None:
    """Return why a plain report tells of no file, where it is no clean run."""
    told = _text(report)
    if re.search(r"AIDE\b.* successfully initialized", told):
        return "the run made the database and compared nothing; push the report of aide --check"
    return _nameless(sum(map(int, _COUNTED.findall(told))), bool(list(_lines_of(told))))


def _nameless(counted: int, listed: bool) -> str | None:
    if not counted or listed:
        return None
    return f"AIDE found {counted} differences but lists no file; set report_level=list_entries or more in aide.conf"


def read_json(report: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each entry of a JSON report."""
    yield from _observations(_entries_of(report), reading)


def read_plain(report: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each entry of a plain report."""
    yield from _observations(_lines_of(_text(report)), reading)


def _entries_of(report: Any) -> Iterator[_Entry]:
    details = obj(obj(report).get("details"))
    for name in (*_CHANGES, "entries"):
        listed = obj(report).get(name)
        flags = {path: None for path in map(words, arr(listed)) if path} or obj(listed)
        for path, said in flags.items():
            change = name if name in _CHANGES else _change(words(said) or "")
            yield _Entry(path, change, words(said), _differences(details.get(path)))


def _differences(attributes: Any) -> str | None:
    """Return ``size: 13 -> 19`` for each attribute; lists are those of several values (ACLs)."""
    lines = [
        f"{name}: {_value(obj(change).get('old'))} -> {_value(obj(change).get('new'))}"
        for name, change in sorted(obj(attributes).items())
    ]
    return "\n".join(lines) or None


def _value(said: Any) -> str:
    return ", ".join(filter(None, map(words, said))) if isinstance(said, list) else words(said) or "(none)"


def _text(report: Any) -> str:
    """Return a report with the line ends that AIDE writes, whatever it was copied through."""
    return str(report).replace("\r\n", "\n")


def _lines_of(told: str) -> Iterator[_Entry]:
    entries: dict[str, tuple[str, str]] = {}
    details: dict[str, str] = {}
    for title, part in _parts(told):
        if _DETAILS.match(title):
            details |= {found["path"]: _unindented(found["lines"]) for found in _DETAIL.finditer(part)}
        elif _ENTRIES.match(title):
            section = next((name for name in _CHANGES if title.lower() in {f"{name} entries", f"{name} files"}), None)
            for found in _ENTRY.finditer(part):
                entries[found["path"]] = section or _change(found["flags"]), found["flags"]
    if not entries:
        entries = {found["path"]: (found["flags"], found["flags"]) for found in _FLAT.finditer(told)}
    for path, (change, flags) in entries.items():
        yield _Entry(path, change, flags if flags not in _CHANGES else None, details.get(path))


def _parts(told: str) -> Iterator[tuple[str, str]]:
    """Yield the title and the text of each part of a report."""
    found = list(_HEADLINE.finditer(told))
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(told)
        yield match["title"].strip(), told[match.end() : end]


def _unindented(lines: str) -> str:
    return "\n".join(line.strip() for line in lines.splitlines())


def _change(flags: str) -> str:
    """Return what happened, by AIDE's flags: ``f++++`` is new, ``f----`` is gone."""
    if flags in _CHANGES:
        return flags
    return "added" if "++" in flags else "removed" if "--" in flags else "changed"


def _observations(entries: Iterable[_Entry], reading: Reading) -> Iterator[Observation]:
    for entry in entries:
        yield reading.observe(
            kind=Kind.HOST,
            rule_id=f"file-{entry.change}",
            title=f"{entry.path} was {entry.change}",
            description=_SAYS[entry.change],
            message=entry.flags.strip() if entry.flags else None,
            severity=Severity.MEDIUM,
            location=construct(CodeLocation, {"path": clean_path(entry.path)}),
            evidence={"output": entry.details},
        )
