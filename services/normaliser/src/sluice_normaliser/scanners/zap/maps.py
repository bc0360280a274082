"""What ZAP's alerts say: one observation for each instance of an alert."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    each,
    fix,
    ident,
    join,
    matching,
    peek,
    plain,
    reference,
    sections,
    url,
)
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_CONFIDENCES = {"0": "false positive", "1": "low", "2": "medium", "3": "high", "4": "confirmed"}


def _confidence(said: Any, code: Any, described: Any) -> str | None:
    told = words(said)
    if told is None and "(" in (words(described) or ""):
        told = (words(described) or "").rpartition("(")[2].rstrip(")")
    return told or _CONFIDENCES.get(words(code) or "")


def _status(code: Any) -> Said | None:
    """Return the status of an alert that somebody marked as a false positive, which ZAP keeps as a confidence of 0."""
    return Said(ObservationStatus.SUPPRESSED, "false positive") if words(code) == "0" else None


def _marked(confidence: Any) -> Said | None:
    return _status("0") if (words(confidence) or "").lower() == "false positive" else None


def _wasc(number: Any) -> str | None:
    told = words(number) or ""
    return f"WASC-{told}" if told.isdigit() and int(told) else None


def _status_code(header: Any) -> str | None:
    parts = (words(header) or "").split(None, 2)
    return parts[1] if len(parts) > 1 and parts[0].startswith("HTTP/") and parts[1].isdigit() else None


def alerts(path: str, alert: str, separator: str = "", **more: Any) -> Map:
    """Return the map of what is at ``path``; ``alert`` leads from there to the alert (``^.``, or nothing)."""

    def part(name: str) -> str:
        return f"{alert}{name}"

    request, response = (f"{side}{separator}" for side in ("request", "response"))
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id=f"{part('alertRef')} | {part('pluginid')}",
        rule_name=f"{part('name')} | {part('alert')}",
        title=f"{part('alert')} | {part('name')}",
        description=sections(part("desc")),
        message=sections("otherinfo"),
        severity=[by(matching(part("riskdesc"), r"^\s*([^(]+?)\s*(?:\(|$)"), "web"), by(part("riskcode"), "0-3")],
        confidence=call(_confidence, part("confidencedesc"), part("confidence"), part("riskdesc")),
        status=call(_status, part("confidence")),
        identifiers=(ident(part("pluginid"), scheme="vendor"), ident(call(_wasc, part("wascid")))),
        cwes=part("cweid"),
        location=url(
            url="uri",
            method="method",
            parameter="param",
            template="nodeName",
            status_code=call(_status_code, f"{response}header"),
        ),
        fix=fix(recommendation=sections(part("solution"))),
        references=(
            plain(part("reference")),
            each(f"{part('tags.tag[]')} | {part('tags[]')}", reference(url="link", title="name | tag")),
        ),
        evidence={
            "match": "evidence",
            "attack": "attack",
            "request": join(f"{request}header", f"{request}body", sep="\n"),
            "response": join(f"{response}header", f"{response}body", sep="\n"),
        },
        tags=(f"{part('tags.tag[].name')} | {part('tags[].tag')}",),
        **more,
    )


def _tagged(tags: Any) -> list[str]:
    return list(obj(tags).values())


LISTED = Map(
    each="alerts[]",
    kind=Kind.DAST,
    rule_id="alertRef | pluginId",
    rule_name="name | alert",
    title="alert | name",
    description=sections("description"),
    message=sections("other"),
    severity=by("risk", "web"),
    confidence="confidence",
    status=call(_marked, "confidence"),
    identifiers=(ident("pluginId", scheme="vendor"), ident(call(_wasc, "wascid"))),
    cwes="cweid",
    location=url(url="url", method="method", parameter="param", parameter_in="inputVector", template="nodeName"),
    fix=fix(recommendation=sections("solution")),
    references=(plain("reference"), call(_tagged, peek("tags"))),
    evidence={"match": "evidence", "attack": "attack"},
    tags=call(lambda tags: list(obj(tags)), "tags"),
)
"""An alert as the API lists it (``core/view/alerts``): each instance is one."""
