"""Vulnerabilities of a bill of materials: one observation for each component that one affects."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Grade, Reading, construct, cvss, grade
from sluice_normaliser.kit.coerce import is_empty, strings
from sluice_normaliser.kit.identifiers import identifiers, merge
from sluice_normaliser.kit.packages import versions
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.kit.times import parse_time
from sluice_normaliser.kit.unmapped import MAX_NODES, bounded
from sluice_normaliser.kit.values import Said
from sluice_normaliser.scanners.cyclonedx.components import Components
from sluice_shared.contracts.finding import (
    Fix,
    Identifier,
    Observation,
    ObservationStatus,
    Rating,
    RatingMethod,
    Reference,
    Severity,
    Vex,
)

_USED = frozenset(
    {"id", "source", "references", "ratings", "cwes", "description", "detail", "recommendation", "advisories", "ref"}
    | {"published", "affects", "analysis", "recommendations", "workaround"}
)
_METHODS = {
    "cvssv2": RatingMethod.CVSS_V2,
    "cvssv3": RatingMethod.CVSS_V3,
    "cvssv31": RatingMethod.CVSS_V31,
    "cvssv4": RatingMethod.CVSS_V4,
    "owasp": RatingMethod.OWASP,
    "owasp risk": RatingMethod.OWASP,
    "ssvc": RatingMethod.SSVC,
}
_STATES = {
    "resolved": (ObservationStatus.FIXED, "fixed"),
    "resolved_with_pedigree": (ObservationStatus.FIXED, "fixed"),
    "exploitable": (ObservationStatus.OPEN, "affected"),
    "in_triage": (ObservationStatus.OPEN, "under_investigation"),
    "false_positive": (ObservationStatus.NOT_APPLICABLE, "not_affected"),
    "not_affected": (ObservationStatus.NOT_APPLICABLE, "not_affected"),
}
_UPGRADE = re.compile(r"[Uu]pgrade (?P<name>\S+) to version (?P<versions>[\w.+:~-]+(?:, ?\d[\w.+:~-]*)*)")


class Vulnerabilities:
    """Reads the vulnerabilities of one document."""

    def __init__(self, components: Components, reading: Reading) -> None:
        self._components, self._reading = components, reading

    def observe(self, vulnerability: dict[str, Any]) -> Iterator[Observation]:
        """Yield an observation for each component that is affected; one without a place when none is named."""
        affected = [each for each in objs(vulnerability.get("affects")) if words(each.get("ref"))]
        if not affected and words(vulnerability.get("ref")):
            affected = [{"ref": vulnerability["ref"]}]
        said = _Said(vulnerability)
        for target in affected or [{}]:
            yield self._one(said, target)

    def _one(self, said: "_Said", target: dict[str, Any]) -> Observation:
        ref = words(target.get("ref")) or ""
        component = self._components.of(ref)
        ranges = objs(target.get("versions"))
        location = None
        if ref:
            more = {"affected_range": _range(ranges), "fixed_versions": _fixed(said.advice, component)}
            location = self._components.location(ref, **more)
        vulnerability = said.vulnerability
        return self._reading.observe(
            kind=self._components.kind(component),
            title=_title(vulnerability, location.name if location else None),
            status=_status(vulnerability, ranges, words(component.get("version"))),
            location=location,
            related_locations=self._components.other_places(ref) if ref else None,
            **said.values,
        )


class _Said:
    """What a vulnerability says whatever it affects: read once, however many components that are."""

    def __init__(self, vulnerability: dict[str, Any]) -> None:
        self.vulnerability = vulnerability
        self.advice = words(vulnerability.get("recommendation")) or words(vulnerability.get("recommendations"))
        ratings = [rating for each in objs(vulnerability.get("ratings")) if (rating := _rating(each, vulnerability))]
        budget = [MAX_NODES]
        rest = {name: bounded(value, budget) for name, value in vulnerability.items() if name not in _USED}
        self.values: dict[str, Any] = {
            "rule_id": vulnerability.get("id"),
            "description": _text(vulnerability.get("description"), vulnerability.get("detail")),
            "severity": _severity(vulnerability, ratings),
            "identifiers": _identifiers(vulnerability),
            "cwes": vulnerability.get("cwes"),
            "ratings": ratings or None,
            "fix": _fix(self.advice, words(vulnerability.get("workaround"))),
            "references": list(_references(vulnerability)) or None,
            "vex": _vex(obj(vulnerability.get("analysis"))),
            "published_at": parse_time(vulnerability.get("published")),
            "unmapped": {name: value for name, value in rest.items() if not is_empty(value)},
        }


def _source(value: Any) -> str | None:
    return words(obj(value).get("name")) or words(obj(value).get("url"))


def _title(vulnerability: dict[str, Any], package: str | None) -> str | None:
    name = words(vulnerability.get("id"))
    described = words(vulnerability.get("description"))
    if described:
        return None
    return f"{name} in {package}" if name and package else name


def _text(*parts: Any) -> str | None:
    return "\n\n".join(dict.fromkeys(found for part in parts if (found := words(part)))) or None


def _range(ranges: list[dict[str, Any]]) -> str | None:
    hit = [words(each.get("range")) for each in ranges if words(each.get("status")) in {None, "affected"}]
    return ", ".join(each for each in hit if each) or None


def _fixed(advice: str | None, component: dict[str, Any]) -> list[str]:
    """Return the versions that advice such as Trivy's and Snyk's names for this component among others."""
    name, group = words(component.get("name")), words(component.get("group"))
    names = {name, f"{group}:{name}", f"{group}/{name}"}
    return [
        version
        for found in _UPGRADE.finditer(advice or "")
        if found["name"] in names
        for version in versions(found["versions"].rstrip("."))
    ]


def _fix(advice: str | None, workaround: str | None) -> Fix | None:
    told = _text(advice, f"Workaround: {workaround}" if workaround else None)
    return construct(Fix, {"recommendation": told}) if told else None


def _rating(rating: dict[str, Any], vulnerability: dict[str, Any]) -> Rating | None:
    source = _source(rating.get("source")) or _source(vulnerability.get("source"))
    score = rating.get("score")
    score = score.get("base") if isinstance(score, dict) else score
    if (source or "").lower() in {"epss", "first epss"}:
        return cvss.epss(score)
    method = words(rating.get("method")) or ""
    severity = words(rating.get("severity"))
    known = _METHODS.get(method.lower())
    return cvss.rating(source, vector=rating.get("vector"), score=score, severity=severity, method=known)


def _severity(vulnerability: dict[str, Any], ratings: list[Rating]) -> Grade:
    """Return what the source of the vulnerability says, else the first that says anything, else the first score."""
    own = _source(vulnerability.get("source"))
    graded = [grade(each.severity, source=each.source) for each in ratings if each.severity]
    placed = [each for each in graded if each.severity is not Severity.UNKNOWN]
    found = next((each for each in placed if each.source == own), None) or next(iter(placed), None)
    if found is not None:
        return found
    scored = (each for each in ratings if each.score is not None and each.method.value.startswith("cvss"))
    best = next(scored, None)
    if best is not None:
        table = "cvss2" if best.method is RatingMethod.CVSS_V2 else "cvss"
        return Grade(grade(best.score, table).severity, graded[0].raw if graded else None, best.source)
    return graded[0] if graded else Grade(Severity.UNKNOWN)


def _status(vulnerability: dict[str, Any], ranges: list[dict[str, Any]], installed: str | None) -> Said | None:
    state = words(obj(vulnerability.get("analysis")).get("state"))
    if state:
        return Said(_STATES.get(state.lower(), (ObservationStatus.OPEN,))[0], state)
    if words(vulnerability.get("rejected")):
        return Said(ObservationStatus.NOT_APPLICABLE, "rejected")
    said = {words(each.get("status")) for each in ranges if installed and words(each.get("version")) == installed}
    return Said(ObservationStatus.NOT_APPLICABLE, "unaffected") if said == {"unaffected"} else None


def _vex(analysis: dict[str, Any]) -> Vex | None:
    state = words(analysis.get("state"))
    if state is None and not analysis:
        return None
    values = {
        "status": _STATES.get((state or "").lower(), (None, state or "under_investigation"))[1],
        "justification": words(analysis.get("justification")),
        "statement": words(analysis.get("detail")),
        "responses": strings(analysis.get("response")),
        "timestamp": words(analysis.get("lastUpdated")) or words(analysis.get("firstIssued")),
    }
    return construct(Vex, {name: value for name, value in values.items() if value})


def _identifiers(vulnerability: dict[str, Any]) -> list[Identifier]:
    named = identifiers(vulnerability.get("id"), source=_source(vulnerability.get("source")), otherwise="vendor")
    for alias in objs(vulnerability.get("references")):
        named += identifiers(alias.get("id"), source=_source(alias.get("source")), otherwise="vendor")
    return merge(named)


def _references(vulnerability: dict[str, Any]) -> Iterator[Reference]:
    listed: list[tuple[Any, Any, str | None]] = [(obj(vulnerability.get("source")).get("url"), None, None)]
    for advisory in vulnerability.get("advisories") or ():
        title = advisory.get("title") if isinstance(advisory, dict) else None
        listed.append((advisory.get("url") if isinstance(advisory, dict) else advisory, title, "advisory"))
    aliases = objs(vulnerability.get("references"))
    listed += [(obj(alias.get("source")).get("url"), alias.get("id"), None) for alias in aliases]
    seen: set[str] = set()
    for address, title, sort in listed:
        url = words(address)
        if url and "://" in url and url not in seen:
            seen.add(url)
            yield construct(Reference, {"url": url, "title": words(title), "type": sort})
