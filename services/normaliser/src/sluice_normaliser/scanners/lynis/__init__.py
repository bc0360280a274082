"""Lynis: audits the hardening of a Unix system."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Format, Reading, ScanMap, ScannerSpec, TextShape, call, construct, grade, matching
from sluice_normaliser.scanners.lynis.printed import read as read_printed
from sluice_shared.contracts.finding import Fix, HostLocation, Kind, Observation, PackageLocation

_SETUP = """
```sh
lynis audit system --report-file lynis-report.dat
sluice push lynis-report.dat --asset host:web-1
```
What it prints (`--no-colors`) is read as well.
"""
_FIELDS = 4
_ENTRY = re.compile(r"^(?P<what>warning|suggestion|vulnerable_package|manual)\[\]=(?P<rest>.*)$", re.MULTILINE)


def _value(document: str, name: str) -> str | None:
    found = re.search(rf"^{name}=(.+)$", document, re.MULTILINE)
    return found[1].strip() if found else None


def _fields(parts: list[str]) -> list[str]:
    """Return id, text, details and solution; the text may hold bars of its own."""
    given = parts[:-1] if parts and not parts[-1] else parts
    if len(given) > _FIELDS:
        given = [given[0], "|".join(given[1:-2]), *given[-2:]]
    return given + [""] * _FIELDS


def _read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each warning, suggestion and vulnerable package."""
    words = str(document)
    machine = {"host": _value(words, "hostname"), "os": _value(words, "os_fullname") or _value(words, "os")}
    place = construct(HostLocation, machine) if machine["host"] else None
    for found in _ENTRY.finditer(words):
        what, parts = found["what"], [part.strip() for part in found["rest"].split("|")]
        parts = _fields([part if part != "-" else "" for part in parts])
        if what == "vulnerable_package":
            yield reading.observe(
                kind=Kind.SCA,
                rule_id="vulnerable_package",
                title=f"Vulnerable package {parts[0]}",
                severity=grade("warning", "levels"),
                location=construct(PackageLocation, {"name": parts[0], "version": parts[1]}),
            )
        elif what != "manual":
            yield reading.observe(
                kind=Kind.HOST,
                rule_id=parts[0],
                title=parts[1],
                message=parts[1],
                severity=grade(what, "levels"),
                location=place,
                fix=construct(Fix, {"recommendation": parts[3].removeprefix("text:")}) if parts[3] else None,
                evidence={"details": parts[2]},
                references=[f"https://cisofy.com/lynis/controls/{parts[0]}/"] if "-" in parts[0] else [],
            )


def _cut(document: Any) -> str | None:
    return None if re.search(r"^finish=true", str(document), re.MULTILINE) else "the audit did not finish"


SPEC = ScannerSpec(
    name="lynis",
    title="Lynis",
    kinds=(Kind.HOST, Kind.SCA),
    homepage="https://cisofy.com/lynis/",
    setup=_SETUP,
    formats=(
        Format(
            name="lynis-report",
            container="text",
            detect=TextShape(
                patterns=(
                    r"^(?:# Lynis Report$|lynis_\w+=|report_version_m\w+=)",
                    r"^(?:(?:warning|suggestion)\[\]|hostname|report_\w+|lynis_\w+)=",
                )
            ),
            scan=ScanMap(
                version=matching(".", r"(?m)^lynis_version=(\S+)"),
                scanned_at=matching(".", r"(?m)^report_datetime_end=([^\n]+)"),
                failure=call(_cut, "."),
            ),
            parse=_read,
        ),
        Format(
            name="lynis-output",
            container="text",
            detect=TextShape(
                patterns=(
                    r"Lynis \d[\d.]*|cisofy\.com/lynis",
                    r"^[ \t]*(?:(?:Warnings|Suggestions) \(\d+\):|-\[ Lynis|Great, no warnings|Hardening index :)",
                ),
                weight=-1,
            ),
            scan=ScanMap(version=matching(".", r"Lynis (\d[\d.]*\d)")),
            parse=read_printed,
        ),
    ),
)
