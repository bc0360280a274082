"""humble: checks the HTTP headers of a site."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Reading, ScanMap, ScannerSpec, construct, grade
from sluice_normaliser.kit.shapes import obj
from sluice_shared.contracts.finding import Kind, Observation, UrlLocation

_SETUP = """
```sh
humble.py -u https://shop.acme.example -o json
sluice push humble_*.json --asset service:shop
```
"""
_SECTIONS = {
    "[1.": ("missing-header", "Missing security header: {}", "low"),
    "[2.": ("fingerprint-header", "Header gives the software away: {}", "info"),
    "[3.": ("deprecated-or-insecure", "Deprecated or insecure header: {}", "low"),
    "[4.": ("empty-header", "Empty header: {}", "info"),
}
_CLEAN = ("nothing to report", "nada que reportar")


def _named(section: Any) -> list[str]:
    """Return the headers of a section, which is a list, an object, or one text."""
    found = section if isinstance(section, list) else list(section) if isinstance(section, dict) else [section]
    return [str(each) for each in found if each and not str(each).lower().startswith(_CLEAN)]


def _read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each header that a section names."""
    report = obj(document)
    site = obj(report.get("[0. Info]")).get("URL")
    place = construct(UrlLocation, {"url": site}) if site else None
    for name, section in report.items():
        rule, title, severity = _SECTIONS.get(name[:3], ("", "", ""))
        for header in _named(section) if rule else ():
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
            detect=JsonShape(root="object", has=('"[0. Info]".URL',)),
            scan=ScanMap(scanned_at='"[0. Info]".Date'),
            parse=_read,
        ),
    ),
)
