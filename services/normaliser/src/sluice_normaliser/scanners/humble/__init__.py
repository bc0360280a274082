"""humble: checks the HTTP headers of a site."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Reading, ScanMap, ScannerSpec, construct, grade
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Kind, Observation, UrlLocation

_SETUP = """
```sh
humble.py -u https://shop.acme.example -o json
sluice push humble_*.json --asset service:shop
```
"""
_SECTIONS = {
    "missing": ("missing-header", "Missing security header: {}", "low"),
    "fingerprint": ("fingerprint-header", "Header gives the software away: {}", "info"),
    "deprecated": ("deprecated-or-insecure", "Deprecated or insecure header: {}", "low"),
    "empty": ("empty-header", "Empty header: {}", "info"),
}
_NUMBERS = {"[1.": "missing", "[2.": "fingerprint", "[3.": "deprecated", "[4.": "empty"}
_GOOD = ("enabled http", "habilitad", "compatib")
"""Sections of what is as it should be. Versions that list the enabled headers first number all others anew."""

_WORDS = {
    "missing": "missing",
    "ausente": "missing",
    "faltan": "missing",
    "fingerprint": "fingerprint",
    "deprecated": "deprecated",
    "obsolet": "deprecated",
    "empty": "empty",
    "vac": "empty",
}
_CLEAN = ("nothing to report", "nada que reportar")


def _named(section: Any) -> list[str]:
    """Return the headers of a section, which is a list, an object, or one text."""
    found = section if isinstance(section, list) else list(section) if isinstance(section, dict) else [section]
    return [str(each) for each in found if each and not str(each).lower().startswith(_CLEAN)]


def _section(name: str) -> tuple[str, str, str] | None:
    """Return what a section is about: by its words, else by its number."""
    said = name.lower()
    if any(word in said for word in _GOOD):
        return None
    found = next((meant for word, meant in _WORDS.items() if word in said), _NUMBERS.get(name[:3]))
    return _SECTIONS[found] if found else None


def _read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each header that a section names."""
    report = obj(document)
    site = words(obj(report.get("[0. Info]")).get("URL"))
    place = construct(UrlLocation, {"url": site}) if site else None
    for name, section in report.items():
        meant = _section(name) if name.startswith("[") else None
        if meant is None:
            continue
        rule, title, severity = meant
        for header in _named(section):
            yield reading.observe(
                kind=Kind.DAST,
                rule_id=f"{rule}/{header}",
                title=title.format(header),
                description=name.strip("[]"),
                severity=grade(severity)._replace(raw=None),
                location=place,
            )


SPEC = ScannerSpec(
    name="humble",
    title="humble",
    kinds=(Kind.DAST,),
    homepage="https://github.com/rfc-st/humble",
    setup=_SETUP,
    formats=(
        Format(
            name="humble-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=('"[0. Info]"', '"[1. Missing HTTP Security Headers]"', '"[1. Enabled HTTP Security Headers]"'),
            ),
            scan=ScanMap(scanned_at='"[0. Info]".Date'),
            parse=_read,
        ),
    ),
)
