"""Rows of the security CSV, alone or in the ZIP of a report, where the source CSV says which files are meant."""

import re
from collections.abc import Iterator
from typing import Any

from packageurl import PackageURL

from sluice_normaliser.kit import (
    Archive,
    CsvShape,
    Map,
    Reading,
    ReportError,
    by,
    call,
    code,
    const,
    each,
    licence,
    package,
    rating,
    status,
    suppression,
    template,
    timestamp,
    when,
)
from sluice_normaliser.kit.body import Body
from sluice_normaliser.kit.coerce import strings, text
from sluice_normaliser.kit.containers.csv import rows
from sluice_normaliser.kit.identifiers import find, identifiers, make
from sluice_normaliser.kit.packages import purl_type
from sluice_shared.contracts.events import RejectReason
from sluice_shared.contracts.finding import Identifier, Kind, Observation, ObservationStatus, Severity

PATHS = "#paths"
"""Under this a row has the files of its component, from the source CSV."""

STATUSES = {
    "REMEDIATION_COMPLETE": ObservationStatus.FIXED,
    "PATCHED": ObservationStatus.FIXED,
    "MITIGATED": ObservationStatus.SUPPRESSED,
    "IGNORED": ObservationStatus.SUPPRESSED,
    "DUPLICATE": ObservationStatus.SUPPRESSED,
    "NOT_AFFECTED": ObservationStatus.NOT_APPLICABLE,
}
_ORIGINS = {"npmjs": "npm", "rubygems": "gem", "packagist": "composer", "crates": "cargo", "alpine": "apk"}
_DATES = ("%m/%d/%y", "%d/%m/%y", "%m/%d/%y %H:%M", "%d/%m/%y %H:%M")
_SOURCE = CsvShape(columns=("Component id", "Path"))
_COMPONENTS = CsvShape(columns=("Component id", "Component policy status"))
_SECURITY = CsvShape(columns=("Vulnerability id",))
_PARENTHESES = re.compile(r"[()\s]+")


def names(vulnerability: Any, source: Any) -> list[Identifier]:
    """Return the names in ``BDSA-2019-2725 (CVE-2019-12402)``; numbers are those of the source named beside them."""
    whose = (text(source) or "blackduck").strip().lower()
    found: list[Identifier] = []
    for part in _PARENTHESES.split(text(vulnerability) or ""):
        if find(part):
            found += identifiers(part, source=whose)
        elif part:
            kind = "bdsa" if part.upper().startswith("BDSA-") else "vulndb" if whose == "vulndb" else "vendor"
            found.append(make(kind, part, source=whose))
    return found


def rule_of(vulnerability: Any, source: Any) -> str | None:
    """Return the first name of a vulnerability."""
    named = names(vulnerability, source)
    return named[0].value if named else None


def purl_of(origin: Any, origin_id: Any) -> str | None:
    """Return the purl of an origin: ``maven`` with ``group:artifact:version``, others mostly with slashes."""
    kind = purl_type(_ORIGINS.get((text(origin) or "").lower(), text(origin)))
    whole = (text(origin_id) or "").strip()
    if kind is None or not whole:
        return None
    system = (text(origin) or "").lower() if kind in {"deb", "rpm", "apk"} else None
    if kind == "maven":
        group, _, rest = whole.partition(":")
        name, _, version = rest.partition(":")
    elif system:
        group, (name, _, version) = system, whole.partition("/")
        version = version.rpartition("/")[0] or version
    else:
        path, _, version = whole.rpartition("/") if "/" in whole else whole.rpartition(":")
        group, _, name = path.rpartition("/")
    if not name:
        return None
    return PackageURL(type=kind, namespace=group or None, name=name, version=version or None).to_string()


def settled(said: Any) -> bool:
    """Return True for a remediation status that takes the vulnerability away."""
    return STATUSES.get((text(said) or "").upper()) is ObservationStatus.SUPPRESSED


_COMPONENT = "Component name | Project name"
_VERSION = "Component version name | Version | Component origin version name | Channel version origin name"

ROW = Map(
    kind=Kind.SCA,
    rule_id=call(rule_of, "Vulnerability id", "Vulnerability source"),
    title=template(f"{{Vulnerability id}} in {{{_COMPONENT}}} {{{_VERSION}}}"),
    description="Description",
    severity=[by("Security Risk"), by("Base score", "cvss2")],
    status=status("Remediation status", STATUSES),
    identifiers=(call(names, "Vulnerability id", "Vulnerability source"),),
    cwes=("CWE Ids", "CWE IDs", "CWE ids"),
    location=package(
        name=_COMPONENT,
        version=_VERSION,
        purl=call(
            purl_of,
            "Component origin name | Channel version origin",
            "Component origin id | Channel version origin id",
        ),
        path=f'"{PATHS}"[0]',
    ),
    related_locations=each(f'"{PATHS}"[]', code(path="."), where=call(lambda index: index != 0, "#key")),
    ratings=rating(const("blackduck"), score="Overall score | Base score", severity="Security Risk"),
    references=("URL",),
    exploit_maturity="Exploit available",
    suppressions=when(
        call(settled, "Remediation status"),
        suppression(kind=const("external"), status="Remediation status", justification="Remediation comment"),
    ),
    fingerprints={"blackduck_version": "Version id", "blackduck_origin": "Origin id | Channel version id"},
    tags=("Vulnerability source",),
    published_at=timestamp("Published on", *_DATES),
    ignore=("Component id", "Used by", PATHS),
)
_COMPILED = ROW.compile()
_POLICY = Map(
    kind=Kind.COMPLIANCE,
    rule_id=const("component-policy"),
    rule_name=const("Component policy"),
    title=template("{Component name} {Component version name} violates a policy"),
    severity=Severity.MEDIUM,  # the report names no policy and grades none
    status=status(
        "Component policy status",
        {"in violation": ObservationStatus.OPEN, "in violation overridden": ObservationStatus.SUPPRESSED},
    ),
    location=package(
        name="Component name",
        version="Component version name",
        purl=call(purl_of, "Origin name", "Origin id"),
    ),
    licence=licence(name="License names", category="License families"),
    suppressions=when(
        "Overridden By",
        suppression(kind=const("policy"), status="Component policy status", author="Overridden By"),
    ),
    tags=("Match type", "Usage"),
    ignore=("Component id", "Version id", "License ids", "Used by", "Channel versions"),
).compile()


def read(archive: Archive, reading: Reading) -> Iterator[Observation]:
    """Yield an observation for each row of the archive's security CSVs, and for each component against a policy."""
    paths: dict[tuple[str, ...], list[str]] = {}
    for row in _rows(archive, "*source*.csv", _SOURCE):
        if path := text(row.get("Path")):
            paths.setdefault(_key(row), []).append(path)
    for number, row in enumerate(_rows(archive, "*security*.csv", _SECURITY)):
        row[PATHS] = strings(paths.get(_key(row), []))
        yield from _COMPILED.run((None, None, number, row), reading)
    for number, row in enumerate(_rows(archive, "*components*.csv", _COMPONENTS)):
        if (text(row.get("Component policy status")) or "").lower().startswith("in violation"):
            yield from _POLICY.run((None, None, number, row), reading)


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(text(row.get(name)) or "" for name in ("Component id", "Version id"))


def _rows(archive: Archive, pattern: str, shape: CsvShape) -> Iterator[dict[str, Any]]:
    for name in archive.matching(pattern):
        body = Body(archive.read(name))
        header = shape.header(body)
        if header is not None:
            yield from rows(body.text, header)
        elif shape is _SECURITY:
            raise ReportError(RejectReason.SCHEMA, f"{name} in the archive is no security CSV of Black Duck")
