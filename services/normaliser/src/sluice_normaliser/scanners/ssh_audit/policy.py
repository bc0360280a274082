"""Policy audits: what of a server is not as a policy wants it."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, Said, construct, grade
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_normaliser.scanners.ssh_audit.report import asset, place
from sluice_shared.contracts.finding import Compliance, HostLocation, Kind, Observation, ObservationStatus


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield what each server does not fulfil, or that it passed."""
    servers = objs(document) or [obj(document)]
    for server in servers:
        where = place(words(server.get("host")), {})
        if isinstance(server.get("port"), int):
            where.port = server["port"]
        for found in _server(server, where, reading):
            found.asset = asset(where) if len(servers) > 1 else None
            yield found


def _server(server: dict[str, Any], where: HostLocation, reading: Reading) -> Iterator[Observation]:
    policy = words(server.get("policy")) or "policy"
    errors = objs(server.get("errors"))
    for error in errors:
        field = words(error.get("mismatched_field")) or "policy"
        wanted, had = _list(error.get("expected_required")), _list(error.get("actual"))
        yield _one(
            policy,
            field,
            f"{field} is not as {policy} wants it",
            f"expected {wanted}, but it is {had}",
            ObservationStatus.OPEN,
            where,
            reading,
        )
    if not errors:
        passed = server.get("passed") is not False
        yield _one(
            policy,
            "policy",
            f"{policy} is {'fulfilled' if passed else 'not fulfilled'}",
            None,
            ObservationStatus.PASSED if passed else ObservationStatus.OPEN,
            where,
            reading,
        )


def _list(value: Any) -> str:
    return ", ".join(str(each) for each in arr(value)) or "nothing"


def _one(
    policy: str,
    field: str,
    title: str,
    message: str | None,
    status: ObservationStatus,
    where: HostLocation,
    reading: Reading,
) -> Observation:
    said = "pass" if status is ObservationStatus.PASSED else "fail"
    return reading.observe(
        kind=Kind.COMPLIANCE,
        rule_id=f"policy:{field.lower().replace(' ', '-')}",
        title=title,
        message=message,
        severity=grade("fail" if said == "fail" else "info", "verdict"),
        status=Said(status, said),
        location=where,
        compliance=[construct(Compliance, {"standard": policy, "control": field, "status": said})],
    )
