"""Kubescape's results: each resource with its controls, whose severity and resource stand elsewhere in the report."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Grade, Reading, Said, construct, grade
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import (
    Evidence,
    Fix,
    Identifier,
    Kind,
    Observation,
    ObservationStatus,
    ResourceLocation,
    Severity,
    Suppression,
)

_OF_FILE = "path="
"""Begins ids with a digest of where the file lay, which changes with the checkout; they stand beside the name only."""

_CRITICAL, _HIGH, _MEDIUM = 9, 7, 4
_STATUS = {
    "passed": ObservationStatus.PASSED,
    "failed": ObservationStatus.OPEN,
    "excluded": ObservationStatus.SUPPRESSED,
    "warning": ObservationStatus.SUPPRESSED,
    "ignored": ObservationStatus.SUPPRESSED,
    "irrelevant": ObservationStatus.NOT_APPLICABLE,
    "skipped": ObservationStatus.MANUAL,
    "error": ObservationStatus.MANUAL,
    "unknown": ObservationStatus.MANUAL,
}
_WORST = ("failed", "error", "warning", "excluded", "skipped", "irrelevant", "passed")


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield an observation for each resource and control, whether it failed or passed."""
    about = obj(obj(document.get("summaryDetails")).get("controls"))
    resources = {words(each.get("resourceID")) or "": each for each in objs(document.get("resources"))}
    cluster = words(document.get("clusterName"))
    for result in objs(document.get("results")):
        id_ = words(result.get("resourceID"))
        place = _place(id_, {**resources.get(id_ or "", {}), **result}, cluster)
        for control in objs(result.get("controls")):
            yield _observation(control, obj(about.get(words(control.get("controlID")) or "")), place, id_, reading)


def _observation(
    control: dict[str, Any], about: dict[str, Any], place: ResourceLocation | None, id_: str | None, reading: Reading
) -> Observation:
    rules = objs(control.get("rules"))
    fixes, failed = _paths(rules)
    control_id = words(control.get("controlID"))
    used = {"controlID", "name", "severity", "status", "rules", "description", "remediation"}
    return reading.observe(
        kind=Kind.IAC,
        rule_id=control_id,
        rule_name=words(control.get("name")) or words(about.get("name")),
        title=words(control.get("name")) or words(about.get("name")),
        description=control.get("description") or about.get("description"),
        severity=_severity(control, about),
        status=_status(control, rules),
        identifiers=[construct(Identifier, {"type": "kubescape", "value": control_id})] if control_id else None,
        location=None if place is None else place.model_copy(),
        related_locations=_own_id(id_, place),
        fix=_fix(words(control.get("remediation")), fixes),
        evidence=[construct(Evidence, {"type": "match", "text": "\n".join(failed)})] if failed else [],
        suppressions=_suppressions(rules),
        fingerprints={"kubescape_resource": id_} if id_ else {},
        tags=[name for name in (words(rule.get("name")) for rule in rules) if name],
        unmapped=_rest(control, rules, used),
    )


def _rest(control: dict[str, Any], rules: list[dict[str, Any]], used: set[str]) -> dict[str, Any]:
    left = {key: value for key, value in control.items() if key not in used and value not in (None, "", [], {})}
    known = {"name", "status", "paths", "exception"}
    more = [{key: value for key, value in rule.items() if key not in known and value} for rule in rules]
    return {**left, **({"rules": kept} if (kept := [each for each in more if each]) else {})}


def _severity(control: dict[str, Any], about: dict[str, Any]) -> Grade:
    said = words(control.get("severity")) or words(about.get("severity"))
    if said:
        return grade(said)
    factor = control.get("scoreFactor", about.get("scoreFactor"))
    if not isinstance(factor, (int, float)):
        return Grade(Severity.UNKNOWN)
    # the bounds of Kubescape's own ControlSeverityToString
    meant = Severity.LOW if factor > 0 else Severity.UNKNOWN
    for floor, severity in ((_CRITICAL, Severity.CRITICAL), (_HIGH, Severity.HIGH), (_MEDIUM, Severity.MEDIUM)):
        if factor >= floor:
            meant = severity
            break
    return Grade(meant, words(factor))


def _status(control: dict[str, Any], rules: list[dict[str, Any]]) -> Said:
    """Return the control's own status, else the worst of its rules'; a failure with an exception is suppressed."""
    own = obj(control.get("status"))
    word = (words(own.get("status")) or "").lower()
    detail = (words(own.get("subStatus")) or "").lower()
    if not word:
        said = {(words(rule.get("status")) or "").lower() for rule in rules}
        word = next((each for each in _WORST if each in said), "passed" if not said else "unknown")
    status = _STATUS.get(word, ObservationStatus.OPEN)
    if status is ObservationStatus.PASSED and "exception" in detail:
        status = ObservationStatus.SUPPRESSED
    if status is ObservationStatus.PASSED and "irrelevant" in detail:
        status = ObservationStatus.NOT_APPLICABLE
    return Said(status, f"{word} ({detail})" if detail else word)


def _paths(rules: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Return what to set, and where it failed."""
    fixes: list[str] = []
    failed: list[str] = []
    for path in (path for rule in rules for path in objs(rule.get("paths"))):
        target = obj(path.get("fixPath"))
        if words(target.get("path")):
            fixes.append(f"{target['path']}={words(target.get('value')) or ''}")
        kinds = ("failedPath", "reviewPath", "deletePath")
        failed += [f"{key}: {found}" for key in kinds if (found := words(path.get(key)))]
        if command := words(path.get("fixCommand")):
            fixes.append(command)
    return list(dict.fromkeys(fixes)), list(dict.fromkeys(failed))


def _fix(remediation: str | None, fixes: list[str]) -> Fix | None:
    if not remediation and not fixes:
        return None
    return construct(Fix, {"recommendation": remediation, "patch": "\n".join(fixes) or None})


def _suppressions(rules: list[dict[str, Any]]) -> list[Suppression]:
    found = {
        words(each.get("name")): words(each.get("reason")) or words(each.get("name"))
        for rule in rules
        for each in objs(rule.get("exception"))
    }
    return [construct(Suppression, {"kind": "policy", "justification": reason}) for reason in found.values()]


def _own_id(id_: str | None, place: ResourceLocation | None) -> list[ResourceLocation]:
    if id_ is None or place is None or place.resource == id_:
        return []
    return [construct(ResourceLocation, {"resource": id_, "provider": "kubernetes"})]


def _place(id_: str | None, about: dict[str, Any], cluster: str | None) -> ResourceLocation | None:
    object_ = obj(about.get("object")) or obj(about.get("rawResource"))
    metadata = obj(object_.get("metadata"))
    source = obj(about.get("source"))
    kind = words(object_.get("kind"))
    name = words(metadata.get("name")) or words(object_.get("name"))
    namespace = words(metadata.get("namespace")) or words(object_.get("namespace"))
    resource = id_
    if id_ and id_.startswith(_OF_FILE) and kind and name:
        resource = "/".join(part for part in (namespace, kind, name) if part)
    if not resource:
        return None
    return construct(
        ResourceLocation,
        {
            "resource": resource,
            "resource_type": kind,
            "name": name,
            "provider": "kubernetes",
            "cluster": cluster,
            "namespace": namespace,
            "path": words(source.get("relativePath")) or words(object_.get("sourcePath")),
        },
    )
