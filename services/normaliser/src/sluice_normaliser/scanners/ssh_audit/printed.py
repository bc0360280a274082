"""What ssh-audit prints without ``--json``: a line for each note of each algorithm."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct, grade
from sluice_normaliser.kit.text import strip_ansi
from sluice_normaliser.scanners.ssh_audit.report import algorithm, place
from sluice_shared.contracts.finding import Fix, HostLocation, Kind, Observation

_LINE = re.compile(
    r"^\((?P<sort>kex|key|enc|mac)\) (?P<name>\S+)(?: \((?P<size>[^()]*)\))?\s*(?:-- \[(?P<level>\w+)\] (?P<note>.*))?$"
)
_MORE = re.compile(r"^\s+`- \[(?P<level>\w+)\] (?P<note>.*)$")
_TARGET = re.compile(r"\(gen\) target: (\S+)")
_BANNER = re.compile(r"\(gen\) (?:banner|software): (.+)")
_CVE = re.compile(r"\(cve\) (CVE-\d{4}-\d+)\s+-- \((?:CVSSv2: )?([\d.]+)\) (.*)")
_ADVICE = re.compile(r"^\(rec\) ([-+!])(\S+)\s+-- (\w+) algorithm to (.*?)\s*$")


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the algorithms and CVEs that are printed."""
    lines = [strip_ansi(line).rstrip() for line in str(document).splitlines()]
    where = _where(lines)
    advised = {(match[3], match[2]): f"{match[4]} {match[2]}" for line in lines if (match := _ADVICE.match(line))}
    current: tuple[str, str, str | None] | None = None
    notes: dict[str, list[str]] = {}
    for line in [*lines, ""]:
        started, more, cve = _LINE.match(line), _MORE.match(line), _CVE.search(line)
        if more and current:
            notes.setdefault(more["level"], []).append(more["note"])
            continue
        if current:
            sort, name, size = current
            yield algorithm(sort, name, notes, where, reading, recommendation=advised.get((sort, name)), size=size)
            current, notes = None, {}
        if started:
            current = started["sort"], started["name"], started["size"]
            notes = {started["level"]: [started["note"]]} if started["level"] else {}
        elif cve:
            yield reading.observe(
                kind=Kind.HOST,
                rule_id=cve[1],
                title=cve[3],
                severity=grade(cve[2], "cvss2"),
                identifiers=[cve[1]],
                location=where,
                fix=construct(Fix, {"recommendation": "upgrade the SSH software"}),
            )


def _where(lines: list[str]) -> HostLocation | None:
    target = next((match[1] for line in lines if (match := _TARGET.search(line))), None)
    banner = next((match[1] for line in lines if (match := _BANNER.search(line))), None)
    return place(target, {"software": banner}) if target else None
