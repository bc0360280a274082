"""The report's metadata: components, their dependencies, what is known against those, and violated policies."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, Said, construct, cvss, grade
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.shapes import arr, obj, words
from sluice_shared.contracts.finding import (
    CodeLocation,
    Fix,
    Kind,
    Observation,
    ObservationStatus,
    PackageLocation,
    Suppression,
)

_KINDS = {
    "hardening": Kind.QUALITY,
    "integrity": Kind.QUALITY,
    "malware": Kind.MALWARE,
    "behavior": Kind.MALWARE,
    "hunting": Kind.MALWARE,
    "secrets": Kind.SECRET,
    "licenses": Kind.LICENCE,
    "licensing": Kind.LICENCE,
}
_METRICS = {
    "Attack Vector": "AV",
    "Attack Complexity": "AC",
    "Attack Requirements": "AT",
    "Privileges Required": "PR",
    "User Interaction": "UI",
    "Scope": "S",
    "Confidentiality Impact": "C",
    "Integrity Impact": "I",
    "Availability Impact": "A",
    "Access Vector": "AV",
    "Access Complexity": "AC",
    "Authentication": "Au",
}
_SUMMED_UP = "vulnerabilities"
"""The category of violations that only say that there are vulnerabilities, which are told one by one."""

Objects = dict[str, Any]


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the vulnerabilities at each file, then the violated policies."""
    report = obj(obj(document).get("report"))
    metadata = obj(report.get("metadata"))
    yield from _vulnerabilities(metadata, reading)
    components = obj(metadata.get("components"))
    for one in obj(metadata.get("violations")).values():
        if isinstance(one, dict):
            yield _violation(one, components, obj(obj(report.get("info")).get("file")), reading)


def _vulnerabilities(metadata: Objects, reading: Reading) -> Iterator[Observation]:
    known, parts = obj(metadata.get("vulnerabilities")), obj(metadata.get("dependencies"))
    found: Counter[tuple[str, str]] = Counter()
    holders: dict[tuple[str, str], tuple[str | None, Objects]] = {}
    for name, component in obj(metadata.get("components")).items():
        identity = obj(obj(component).get("identity"))
        place = _path(obj(component))
        holders.setdefault((place or name, name), (place, identity))
        found[place or name, name] += 1
        for part in arr(identity.get("dependencies")):
            holders.setdefault((place or name, str(part)), (place, obj(parts.get(str(part)))))
            found[place or name, str(part)] += 1
    held = {part for _, part in holders}
    holders |= {("", part): (None, obj(identity)) for part, identity in parts.items() if part not in held}
    for key, (place, identity) in holders.items():
        listed = obj(identity.get("vulnerabilities"))
        for state, names in listed.items():
            for name in arr(names):
                about = obj(known.get(str(name)))
                yield _vulnerability(str(name), state, about, identity, place, max(found[key], 1), reading)


def _vulnerability(
    name: str, state: str, about: Objects, identity: Objects, place: str | None, times: int, reading: Reading
) -> Observation:
    scored, flags = obj(about.get("cvss")), [str(flag) for flag in arr(about.get("exploit"))]
    product, version = words(identity.get("product")) or "unknown", words(identity.get("version"))
    audit = obj(about.get("audit"))
    triaged = state != "active"
    return reading.observe(
        kind=Kind.SCA,
        rule_id=name,
        title=f"{name} in {product} {version or ''}".strip(),
        description=words(about.get("summary")) or words(about.get("name")),
        severity=grade(words(about.get("severity")) or words(scored.get("baseScore")), "cvss"),
        status=Said(ObservationStatus.SUPPRESSED if triaged else ObservationStatus.OPEN, state),
        identifiers=[name],
        location=construct(
            PackageLocation,
            {
                "name": product,
                "version": version,
                "purl": words(identity.get("purl")),
                "cpe": words(identity.get("cpe")),
                "path": place,
                "scope": words(identity.get("scenario")),
            },
        ),
        ratings=_ratings(about, scored),
        fix=construct(Fix, {"available": True}) if "FIXABLE" in flags else None,
        exploit_maturity=", ".join(flag for flag in flags if flag != "FIXABLE").lower() or None,
        suppressions=[construct(Suppression, {"kind": "external", "justification": words(audit.get("reason"))})]
        if triaged
        else None,
        occurrence_count=times if times > 1 else None,
        tags=[str(rule) for rule in arr(about.get("violations"))],
        unmapped={"publisher": identity["publisher"]} if identity.get("publisher") else {},
    )


def _ratings(about: Objects, scored: Objects) -> list[Any] | None:
    parts = [
        f"{_METRICS[str(name)]}:{'ND' if value == 'Not Defined' else str(value)[:1]}"
        for name, value, *_ in (pair for pair in arr(scored.get("metrics")) if isinstance(pair, list) and len(pair) > 1)
        if str(name) in _METRICS
    ]
    source = next((words(each) for each in arr(about.get("sources"))), None) or "reversinglabs"
    version = words(scored.get("version")) or ""
    found = cvss.rating(
        source.lower(),
        vector="/".join(parts) or None,
        score=scored.get("baseScore"),
        version={"2": "2.0", "3": "3.1", "4": "4.0"}.get(version, version),
    )
    return None if found is None else [found]


def _violation(one: Objects, components: Objects, product: Objects, reading: Reading) -> Observation:
    category, status = words(one.get("category")) or "", words(one.get("status")) or ""
    enforced = status.lower() in {"fail", "warning"} and category.lower() != _SUMMED_UP
    where = [_path(obj(components.get(str(part)))) for part in arr(obj(one.get("references")).get("component"))]
    places = [construct(CodeLocation, {"path": path}) for path in dict.fromkeys(where) if path]
    if not places and (name := words(product.get("name"))):
        places = [construct(CodeLocation, {"path": name})]
    audit, counted = obj(one.get("audit")), obj(one.get("statistics"))
    quiet = bool(audit) or one.get("enabled") is False
    state = ObservationStatus.OPEN if enforced else ObservationStatus.INFORMATIONAL
    return reading.observe(
        kind=_KINDS.get(category.lower(), Kind.OTHER),
        rule_id=words(one.get("rule_id")),
        title=words(one.get("description")),
        severity=grade(words(one.get("severity"))),
        status=Said(ObservationStatus.SUPPRESSED if quiet else state, status),
        location=places[0] if places else None,
        related_locations=places[1:],
        fix=construct(Fix, {"effort": words(one.get("effort"))}) if one.get("effort") else None,
        suppressions=[construct(Suppression, {"kind": "policy", "justification": words(audit.get("reason"))})]
        if quiet
        else None,
        occurrence_count=integer(counted.get("violations")),
        tags=[category] if category else [],
        unmapped={name: one[name] for name in ("priority", "statistics") if one.get(name) is not None},
    )


def _path(component: Objects) -> str | None:
    return words(component.get("path")) or words(component.get("name"))
