"""A machine of the scan: its vulnerabilities, potential ones, services, and what else was gathered."""

from collections.abc import Callable
from typing import Any

from sluice_normaliser.kit import (
    Map,
    by,
    call,
    const,
    each,
    fix,
    host,
    ident,
    matching,
    plain,
    rating,
    reference,
    sections,
    split,
    template,
)
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj
from sluice_normaliser.scanners.qualys import words
from sluice_shared.contracts.finding import Confidence, Kind, ObservationStatus

_DONE = frozenset({"finished", "novulnsfound"})


def header(name: str) -> Callable[[Any], str | None]:
    """Return a function that gives the header's key of a name."""

    def find(said: Any) -> str | None:
        keys = [obj(key) for key in items_of(obj(said).get("KEY"))]
        return next((words.said(key.get("#text")) for key in keys if key.get("@value") == name), None)

    return find


def finished(said: Any, error: Any) -> str | None:
    """Return why the scan is no whole one: it was cancelled, paused, failed or reached no machine."""
    told = words.said(obj(error).get("#text") if isinstance(error, dict) else error)
    status = header("STATUS")(said)
    if told:
        return told
    return f"the scan is {status.lower()}" if status and status.lower().replace(" ", "") not in _DONE else None


def _map(inside: str, record: str, **more: Any) -> Map:
    """Return the map of one of the four kinds of result; the category stands above, the machine above that."""
    names = ("^^.@name", "^^.NETBIOS_HOSTNAME", "^^.@value")
    values: dict[str, Any] = {
        "each": f"{inside}.CAT[].{record}[]",
        "kind": Kind.HOST,
        "rule_id": template("QID-{@number}"),
        "rule_name": "TITLE",
        "title": plain("TITLE"),
        "description": sections(
            "DIAGNOSIS", "DIAGNOSIS_COMMENT", Impact="CONSEQUENCE", Impact_note="CONSEQUENCE_COMMENT"
        ),
        "severity": by("@severity", "1-5"),
        "identifiers": (
            ident(template("QID-{@number}"), scheme="qid", source=const("qualys")),
            split("@cveid"),
            "CVE_ID_LIST.CVE_ID[].ID",
            ident("VENDOR_REFERENCE_LIST.VENDOR_REFERENCE[].ID", "vendor"),
            ident("BUGTRAQ_ID_LIST.BUGTRAQ_ID[].ID", scheme="bid"),
        ),
        "location": host(
            host=call(words.machine, *names),
            ip="^^.@value",
            port="^.@port",
            protocol=call(words.protocol, "^.@protocol"),
            service=matching("^.@misc", r"^(\w[\w .-]*)$"),
            os="^^.OS",
        ),
        "ratings": (
            rating(const("qualys"), score="CVSS3_BASE", version=const("3.1")),
            rating(const("qualys"), score="CVSS_BASE", version=const("2.0")),
        ),
        "fix": fix(recommendation=sections("SOLUTION", "SOLUTION_COMMENT")),
        "references": (
            each("VENDOR_REFERENCE_LIST.VENDOR_REFERENCE[]", reference(url="URL", title="ID")),
            each("CVE_ID_LIST.CVE_ID[]", reference(url="URL", title="ID")),
            each("BUGTRAQ_ID_LIST.BUGTRAQ_ID[]", reference(url="URL", title="ID")),
            each(
                "CORRELATION.EXPLOITABILITY.EXPLT_SRC[].EXPLT_LIST.EXPLT[]",
                reference(url="LINK", title="DESC", type=const("exploit")),
            ),
        ),
        "evidence": {"output": "RESULT", "errors": "RESULT_ERRORS"},
        "exploit_maturity": "CORRELATION.EXPLOITABILITY.EXPLT_SRC[].SRC_NAME",
        "asset": call(words.asset, *names),
        "tags": ("^.@value",),
    }
    return Map(**{**values, **more})


MAPS = (
    _map("VULNS", "VULN", confidence=Confidence.CONFIRMED),
    _map("PRACTICES", "PRACTICE", confidence=Confidence.LOW),
    _map("SERVICES", "SERVICE", status=ObservationStatus.INFORMATIONAL),
    _map("INFOS", "INFO", status=ObservationStatus.INFORMATIONAL),
)
