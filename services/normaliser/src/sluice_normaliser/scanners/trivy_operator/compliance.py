"""Compliance reports: the checks of each control where there are details, else the controls."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct, grade
from sluice_normaliser.kit.coerce import strings
from sluice_normaliser.kit.identifiers import make
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import (
    Compliance,
    Fix,
    Identifier,
    Kind,
    Observation,
    ObservationStatus,
    ResourceLocation,
)

_CHECK = frozenset({"checkID", "title", "severity", "description", "messages", "remediation", "success", "target"})
_CONTROL = frozenset({"id", "name", "severity", "description", "totalFail", "failTotal", "passTotal"})


def requirements(document: dict[str, Any], reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each check of each control, or for each control of a summary."""
    status, spec = obj(document.get("status")), obj(document.get("spec"))
    told = obj(spec.get("compliance")) or spec
    checks = {words(each.get("id")): _check_ids(each) for each in objs(told.get("controls"))}
    detailed, summary = obj(status.get("detailReport")), obj(status.get("summaryReport"))
    standard = words(detailed.get("title")) or words(summary.get("title")) or words(told.get("title"))
    standard = standard or words(told.get("name")) or words(obj(document.get("metadata")).get("name")) or "compliance"
    for control in objs(detailed.get("results")):
        for check in objs(control.get("checks")):
            yield _of_check(check, control, standard, checks, reading)
    if not detailed:
        for control in objs(summary.get("controlCheck")) or objs(status.get("controlCheck")):
            yield _of_control(control, standard, checks, reading)


def details(document: dict[str, Any], reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each object that a control of an old detail report lists."""
    standard = words(obj(document.get("metadata")).get("name")) or "compliance"
    for control in objs(obj(document.get("report")).get("controlCheck")):
        for result in objs(control.get("checkResults")):
            for detail in objs(result.get("details")):
                yield _of_detail(detail, result, control, standard, reading)


def _of_detail(
    detail: dict[str, Any], result: dict[str, Any], control: dict[str, Any], standard: str, reading: Reading
) -> Observation:
    name, kind, said = words(result.get("id")), words(result.get("objectType")), words(detail.get("status"))
    passed = (said or "").upper() == "PASS"
    object_name, namespace = words(detail.get("name")), words(detail.get("namespace"))
    return reading.observe(
        kind=Kind.COMPLIANCE,
        rule_id=name or words(control.get("id")),
        rule_name=control.get("name"),
        title=control.get("name"),
        description=control.get("description"),
        message=detail.get("msg"),
        severity=grade(words(control.get("severity"))),
        status=ObservationStatus.PASSED if passed else ObservationStatus.OPEN,
        scanner_status=said,
        identifiers=_avd([name]) if name else None,
        location=_target("/".join(part for part in (namespace, kind, object_name) if part)),
        compliance=[_compliance(standard.removesuffix("-details"), control, passed)],
    )


def _check_ids(control: dict[str, Any]) -> list[str]:
    """Return the checks of a control; old versions list them under ``mapping``."""
    listed = objs(control.get("checks")) or objs(obj(control.get("mapping")).get("checks"))
    return [found for found in (words(each.get("id")) for each in listed) if found]


def _of_check(
    check: dict[str, Any],
    control: dict[str, Any],
    standard: str,
    checks: dict[str | None, list[str]],
    reading: Reading,
) -> Observation:
    name, remedy = words(check.get("checkID")), words(check.get("remediation"))
    number, passed = words(control.get("id")), check.get("success") is True
    messages = strings(check.get("messages"))
    return reading.observe(
        kind=Kind.COMPLIANCE,
        rule_id=name or number,
        rule_name=control.get("name"),
        title=words(check.get("title")) or control.get("name"),
        description=words(check.get("description")) or control.get("description"),
        message="\n".join(messages) or None,
        severity=grade(words(check.get("severity")) or words(control.get("severity"))),
        status=ObservationStatus.PASSED if passed else ObservationStatus.OPEN,
        identifiers=_avd([name]) if name else _avd(checks.get(number, [])),
        location=_target(check.get("target")),
        compliance=[_compliance(standard, control, passed)],
        fix=construct(Fix, {"recommendation": remedy}) if remedy else None,
        unmapped={key: value for key, value in check.items() if key not in _CHECK and value},
    )


def _of_control(
    control: dict[str, Any], standard: str, checks: dict[str | None, list[str]], reading: Reading
) -> Observation:
    number = words(control.get("id"))
    failed = control.get("totalFail", control.get("failTotal"))
    passed = failed == 0 and isinstance(failed, int)
    meant = ObservationStatus.PASSED if passed else ObservationStatus.OPEN
    return reading.observe(
        kind=Kind.COMPLIANCE,
        rule_id=number,
        title=control.get("name"),
        description=control.get("description"),
        severity=grade(words(control.get("severity"))),
        status=ObservationStatus.MANUAL if failed is None else meant,
        identifiers=_avd(checks.get(number, [])),
        compliance=[_compliance(standard, control, None if failed is None else passed)],
        occurrence_count=failed if isinstance(failed, int) and failed > 0 else None,
        unmapped={
            **{key: value for key, value in control.items() if key not in _CONTROL and value},
            **({"passTotal": control["passTotal"]} if control.get("passTotal") else {}),
        },
    )


def _avd(names: list[str]) -> list[Identifier]:
    return [make("avd", avd_of(name)) for name in names]


def avd_of(check: str) -> str:
    """Return a check's id as Aqua's database has it: ``AVD-KSV-0014`` of ``KSV014``."""
    name = check.upper()
    if name.startswith("AVD-") or not name[:3].isalpha() or not name[3:].isdigit():
        return name
    return f"AVD-{name[:3]}-{int(name[3:]):04d}"


def _compliance(standard: str, control: dict[str, Any], passed: bool | None) -> Compliance:
    return construct(
        Compliance,
        {
            "standard": standard,
            "control": words(control.get("id")),
            "title": words(control.get("name")),
            "status": {True: "pass", False: "fail", None: "manual"}[passed],
        },
    )


def _target(value: Any) -> ResourceLocation | None:
    """Return the resource of ``namespace/Kind/name``."""
    told = words(value)
    if told is None:
        return None
    parts = [part for part in told.split("/") if part]
    return construct(
        ResourceLocation,
        {
            "resource": told,
            "provider": "kubernetes",
            "name": parts[-1] if parts else None,
            "resource_type": parts[-2] if len(parts) > 1 else None,
            "namespace": parts[0] if len(parts) > 2 else None,  # noqa: PLR2004 - namespace, kind and name
        },
    )
