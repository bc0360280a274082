"""Rootkit Hunter: looks for rootkits, changed commands and weak settings on a Unix system."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from sluice_normaliser.kit import Format, Reading, ScanMap, ScannerSpec, TextShape, call, construct, grade, matching
from sluice_normaliser.kit.reading import slug
from sluice_shared.contracts.finding import CodeLocation, HostLocation, Kind, Observation

_SETUP = """
```sh
rkhunter --check --skip-keypress --nocolors --logfile rkhunter.log
sluice push rkhunter.log --asset host:web-1
```
Every warning is an observation: a check that ended in *Warning*, or the text that the log gives for it. What is
printed (also with `--report-warnings-only`) is read as well as the log.
"""
_PREFIX = re.compile(r"^\[\d\d:\d\d:\d\d\] ?")
_CHECK = re.compile(r"^(?P<indent>\s*)(?P<what>\S.*?)\s+\[ (?P<result>[A-Z][A-Za-z ]*) \]\s*$")
_LONG = 1000
"""Characters beyond which no line is that of a check."""

_TEST = re.compile(r"Starting test name '([^']+)'")
_HOST = re.compile(r"Running Rootkit Hunter version \S+ on (\S+)")
_PATH = re.compile(r"(?:'|: |^)(/[^'\s]+)")
_QUOTED = re.compile(r"'[^']*'|: .*$")
_ROOTKIT = ("rootkit", "malware", "trojan", "backdoor", "suckit", "sniffer", "worm")


class _Warning(NamedTuple):
    """A warning: what it says, the lines below it, and the check and the test that it belongs to."""

    said: str
    more: list[str]
    check: str | None
    test: str | None


def _warnings(document: str) -> Iterator[_Warning]:
    """Yield each warning once: the line of a check and the text that follows it are one."""
    pending: str | None = None
    explained: str | None = None
    told: _Warning | None = None
    test: str | None = None
    for line in document.splitlines():
        line = _PREFIX.sub("", line.rstrip())  # noqa: PLW2901 - the line without its time
        named, checked = _TEST.search(line), _CHECK.match(line) if len(line) < _LONG else None
        test = named[1] if named else test
        if line.startswith("Warning: "):
            said = line.removeprefix("Warning: ")
            yield from filter(None, (told,))
            said = checked["what"].removeprefix("Warning: ") if checked else said
            told = _Warning(said, [], pending or explained, test)
            pending, explained = None, pending or explained
        elif told is not None and line.startswith("   ") and not checked:
            told.more.append(line.strip())
        elif checked or named or not line.strip():
            yield from filter(None, (told,))
            told, explained = None, None
            if checked:
                yield from _unexplained(pending, test)
                pending = checked["what"] if checked["result"] == "Warning" else None
    yield from filter(None, (told,))
    yield from _unexplained(pending, test)


def _unexplained(check: str | None, test: str | None) -> Iterator[_Warning]:
    if check is not None:
        yield _Warning(check, [], check, test)


def _rule(check: str | None, said: str) -> str:
    """Return an id that is the same for all files: their checks are only named by their paths."""
    if check is not None and check.startswith("/"):
        return "file_properties"
    return slug(_QUOTED.sub("", check or said))


def _read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each warning."""
    text = str(document)
    machine = _HOST.search(text)
    for said, more, check, test in _warnings(text):
        path = _PATH.search(said)
        bad = any(word in said.lower() for word in _ROOTKIT)
        host = construct(HostLocation, {"host": machine[1]}) if machine else None
        file = construct(CodeLocation, {"path": path[1]}) if path else None
        yield reading.observe(
            kind=Kind.MALWARE if bad else Kind.HOST,
            rule_id=_rule(check, said),
            rule_name=check,
            title=said,
            message=said,
            severity=grade("warning", "levels"),
            location=file or host,
            related_locations=[host] if file and host else [],
            evidence={"output": "\n".join(more)},
            tags=[test] if test else [],
        )


def _cut(document: Any) -> str | None:
    text = str(document)
    ended = "System checks summary" in text or "End date is" in text
    return None if ended else "the check did not come to its end"


SPEC = ScannerSpec(
    name="rkhunter",
    title="Rootkit Hunter",
    kinds=(Kind.HOST, Kind.MALWARE),
    aliases=("rootkit-hunter",),
    homepage="https://rkhunter.sourceforge.net",
    setup=_SETUP,
    formats=(
        Format(
            name="rkhunter-log",
            container="text",
            detect=TextShape(patterns=(r"Running Rootkit Hunter version \S+", r"^\[\d\d:\d\d:\d\d\] ")),
            scan=ScanMap(
                version=matching(".", r"Running Rootkit Hunter version (\S+)"),
                scanned_at=matching(".", r"Start date is ([^\n]+)"),
                failure=call(_cut, "."),
            ),
            parse=_read,
        ),
        Format(
            name="rkhunter-output",
            container="text",
            detect=TextShape(
                patterns=(r"^\[ Rootkit Hunter version \S+ \]", r"^Checking system commands|^Performing ")
            ),
            scan=ScanMap(version=matching(".", r"\[ Rootkit Hunter version (\S+) \]"), failure=call(_cut, ".")),
            parse=_read,
        ),
        Format(
            name="rkhunter-warnings",
            container="text",
            detect=TextShape(
                patterns=(r"\A\n*Warning: [^\n]+\n(?: [^\n]*\n|\n|Warning: [^\n]+\n)*(?:(?: |Warning: )[^\n]*)?\Z",),
                weight=-1,
            ),
            parse=_read,
        ),
    ),
)
