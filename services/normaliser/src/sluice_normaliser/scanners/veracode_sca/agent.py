"""What the agent writes: vulnerabilities that point at the versions of libraries elsewhere in the report."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct
from sluice_normaliser.kit.cvss import rating
from sluice_normaliser.kit.identifiers import identifiers, make
from sluice_normaliser.kit.packages import complete, versions
from sluice_normaliser.kit.severity import grade
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.kit.times import parse_time
from sluice_shared.contracts.finding import Fix, Identifier, Kind, Observation, PackageLocation, RatingMethod

_USED = frozenset(
    {"cve", "title", "overview", "cvssScore", "cvss3Score", "cvss2Vector", "cvss3Vector", "libraries", "_links"}
    | {"disclosureDate", "cweId", "srcclrId"}
)


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield an observation for each vulnerability of each library it is in."""
    for vulnerability, details, library, version in _pairs(document):
        yield reading.observe(
            kind=Kind.SCA,
            rule_id=_names(vulnerability)[0].value if _names(vulnerability) else None,
            title=vulnerability.get("title"),
            description=vulnerability.get("overview"),
            severity=grade(vulnerability.get("cvss3Score") or vulnerability.get("cvssScore"), "cvss"),
            identifiers=_names(vulnerability),
            cwes=vulnerability.get("cweId"),
            location=_place(library, version, details),
            ratings=[
                found
                for found in (
                    rating(
                        "veracode",
                        vector=vulnerability.get("cvss3Vector"),
                        score=vulnerability.get("cvss3Score"),
                        method=RatingMethod.CVSS_V3,
                    ),
                    rating(
                        "veracode",
                        vector=vulnerability.get("cvss2Vector"),
                        score=vulnerability.get("cvssScore"),
                        method=RatingMethod.CVSS_V2,
                    ),
                )
                if found is not None and found.score
            ],
            fix=_fix(details),
            references=[link for link in (words(obj(vulnerability.get("_links")).get("html")),) if link],
            published_at=parse_time(vulnerability.get("disclosureDate")),
            unmapped={
                key: value for key, value in vulnerability.items() if key not in _USED and value not in (None, "")
            },
        )


def _pairs(document: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Yield each vulnerability with what it says about a library, the library and its version."""
    for record in objs(document.get("records")):
        libraries = objs(record.get("libraries"))
        for vulnerability in objs(record.get("vulnerabilities")):
            affected = objs(vulnerability.get("libraries"))
            for each in affected or [{}]:
                library, version = _referred(words(obj(each.get("_links")).get("ref")), libraries)
                yield vulnerability, next(iter(objs(each.get("details"))), {}), library, version


def _referred(path: str | None, libraries: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the library and version that ``/records/0/libraries/3/versions/0`` points at."""
    parts = (path or "").strip("/").split("/")
    numbers = {parts[i]: int(parts[i + 1]) for i in range(0, len(parts) - 1, 2) if parts[i + 1].isdigit()}
    index = numbers.get("libraries")
    if index is None or index >= len(libraries):
        return {}, {}
    found = objs(libraries[index].get("versions"))
    number = numbers.get("versions", 0)
    return libraries[index], found[number] if number < len(found) else {}


def _names(vulnerability: dict[str, Any]) -> list[Identifier]:
    cve = words(vulnerability.get("cve"))
    named = identifiers(f"CVE-{cve}" if cve and cve[:4].isdigit() else cve, source="veracode")
    link = words(obj(vulnerability.get("_links")).get("html")) or ""
    own = words(vulnerability.get("srcclrId")) or next((p for p in link.split("/") if p.startswith("sid-")), None)
    return [*named, make("vendor", own.upper(), source="veracode")] if own else named


def _place(library: dict[str, Any], version: dict[str, Any], details: dict[str, Any]) -> PackageLocation | None:
    group, artifact = words(library.get("coordinate1")), words(library.get("coordinate2"))
    values = {
        "name": artifact or group or words(library.get("name")),
        "namespace": group if artifact else None,
        "version": words(version.get("version")),
        "ecosystem": words(library.get("coordinateType")),
        "fixed_versions": versions(details.get("updateToVersion")),
        "affected_range": words(details.get("versionRange")),
    }
    done = complete({key: value for key, value in values.items() if value})
    return None if done is None else construct(PackageLocation, done)


def _fix(details: dict[str, Any]) -> Fix | None:
    advice = words(details.get("fixText"))
    patch = words(details.get("patch"))
    if not advice and not patch:
        return None
    return construct(Fix, {"recommendation": advice, "patch": patch})
