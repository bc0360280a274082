"""A threat of the model, with what is linked to it."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, Said, construct, grade
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_shared.contracts.finding import (
    Fix,
    Kind,
    Observation,
    ObservationStatus,
    ResourceLocation,
    Suppression,
)

Objects = dict[str, Any]
_STATUS = {
    "threatresolved": ObservationStatus.FIXED,
    "threatresolvednotuseful": ObservationStatus.SUPPRESSED,
    "threatnotuseful": ObservationStatus.SUPPRESSED,
}
_STRIDE = {
    "S": "Spoofing",
    "T": "Tampering",
    "R": "Repudiation",
    "I": "Information disclosure",
    "D": "Denial of service",
    "E": "Elevation of privilege",
}
_USED = frozenset({"id", "statement", "displayOrder", "metadata", "tags", "status", "impactedAssets", "customTemplate"})


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the threats of the model."""
    model = obj(document)
    name = words(obj(model.get("applicationInfo")).get("name"))
    mitigations = _by_id(model.get("mitigations"))
    assumptions = _by_id(model.get("assumptions"))
    for threat in objs(model.get("threats")):
        yield _threat(
            threat,
            name,
            _linked(model.get("mitigationLinks"), "mitigationId", threat, mitigations),
            _linked(model.get("assumptionLinks"), "assumptionId", threat, assumptions),
            reading,
        )


def _by_id(value: Any) -> dict[str, Objects]:
    return {str(each.get("id")): each for each in objs(value)}


def _linked(links: Any, key: str, threat: Objects, known: dict[str, Objects]) -> list[Objects]:
    """Return what is linked to a threat; a link may lead to something that was deleted."""
    ids = [str(each.get(key)) for each in objs(links) if each.get("linkedId") == threat.get("id")]
    return [known[each] for each in dict.fromkeys(ids) if each in known]


def _metadata(threat: Objects) -> dict[str, Any]:
    return {str(each.get("key")): each.get("value") for each in objs(threat.get("metadata"))}


def _threat(
    threat: Objects, model: str | None, mitigations: list[Objects], assumptions: list[Objects], reading: Reading
) -> Observation:
    about, number = _metadata(threat), words(threat.get("numericId"))
    stride = [_STRIDE.get(str(each), str(each)) for each in arr(about.get("STRIDE"))]
    tags = [str(each) for each in arr(threat.get("tags"))]
    assets = [str(each) for each in arr(threat.get("impactedAssets"))]
    said = words(threat.get("status"))
    state = _STATUS.get((said or "").lower(), ObservationStatus.OPEN)
    comments = words(about.get("Comments"))
    return reading.observe(
        kind=Kind.OTHER,
        rule_id=f"threat-{number}" if number else words(threat.get("id")),
        title=words(threat.get("statement")) or _composed(threat) or f"Threat {number}",
        description="\n\n".join(each for each in (comments, _told("Assumptions", assumptions)) if each) or None,
        severity=grade(words(about.get("Priority"))),
        status=Said(state, said),
        identifiers=tags,
        cwes=[each for each in tags if each.upper().startswith("CWE")],
        location=construct(
            ResourceLocation,
            {"resource": ", ".join(assets) or model or "threat model", "resource_type": "threat-model", "name": model},
        ),
        fix=construct(Fix, {"recommendation": _told("Mitigations", mitigations)}) if mitigations else None,
        suppressions=[construct(Suppression, {"kind": "external", "justification": comments})]
        if state is ObservationStatus.SUPPRESSED
        else None,
        fingerprints={"threat_composer": str(threat["id"])} if threat.get("id") else {},
        tags=[*stride, *tags],
        unmapped=_rest(threat, about),
    )


def _composed(threat: Objects) -> str | None:
    parts = ("threatSource", "prerequisites", "threatAction", "threatImpact")
    return " ".join(told for each in parts if (told := words(threat.get(each)))) or None


def _told(heading: str, listed: list[Objects]) -> str | None:
    lines = []
    for each in listed:
        state = words(each.get("status"))
        lines.append(f"- {words(each.get('content')) or words(each.get('id'))}" + (f" ({state})" if state else ""))
    return f"{heading}:\n" + "\n".join(lines) if lines else None


def _rest(threat: Objects, about: Objects) -> Objects:
    rest = {name: value for name, value in threat.items() if name not in _USED and value not in (None, "", [])}
    own = {key: value for key, value in about.items() if key not in {"Priority", "STRIDE", "Comments"} and value}
    return {**rest, **({"metadata": own} if own else {})}
