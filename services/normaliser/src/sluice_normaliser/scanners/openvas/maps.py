"""Results of a scan: rows of the CSV, and the elements of the management protocol (GMP, once OMP)."""

import re
from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    const,
    construct,
    each,
    epss,
    first,
    fix,
    host,
    host_asset,
    ident,
    join,
    rating,
    sections,
    split,
    suppression,
    when,
)
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Identifier, Kind, ObservationStatus

_TAG = re.compile(r"(?:^|\|)([a-z_]+)=((?:[^|]|\|(?![a-z_]+=))*)")
_PORT = re.compile(r"^(?:.*\()?(\d+)/(\w+)\)?$")
_LISTED = {"cve", "cve_id", "url", "bid", "bugtraq_id"}


def was_stopped(state: Any) -> str | None:
    """Return why a scan that did not end by itself is no whole one."""
    said = words(state)
    return f"the scan is {said.lower()}" if said in {"Stopped", "Interrupted", "Stop Requested", "Running"} else None


def _status(threat: Any, score: Any) -> Said:
    said = words(threat)
    if _false_positive(said) or (words(score) or "").startswith("-1"):
        return Said(ObservationStatus.SUPPRESSED, said)
    if (said or "").lower() in {"log", "debug"}:
        return Said(ObservationStatus.INFORMATIONAL, said)
    return Said(ObservationStatus.OPEN, said)


def _false_positive(threat: Any) -> bool:
    return (words(threat) or "").lower() == "false positive"


def _score(value: Any) -> str | None:
    """Return a score; -1 marks a false positive."""
    said = words(value)
    return None if said is None or said.startswith("-") else said


def _port(place: Any) -> str | None:
    match = _PORT.match(words(place) or "")
    return match.group(1) if match else None


def _protocol(place: Any) -> str | None:
    said = words(place) or ""
    match = _PORT.match(said)
    protocol = match.group(2) if match else said.partition("/")[2]
    return protocol.lower() if protocol.lower() in {"tcp", "udp", "icmp"} else None


def _service(place: Any) -> str | None:
    name = (words(place) or "").partition("(")[0].strip()
    return name if "/" not in name and name else None


def tag(name: str, tags: str = "nvt.tags") -> call:
    """Return one of the tags of a test, which stand in one text: ``summary=…|insight=…|solution_type=…``."""

    def find(text: Any) -> str | None:
        found = dict(_TAG.findall(words(text) or ""))
        said = found.get(name, "").strip()
        return None if said in {"", "NOTAG"} else said

    return call(find, tags)


def _refs(*types: str) -> call:
    def find(references: Any) -> list[str]:
        listed = (obj(reference) for reference in items_of(references))
        return [str(each_["@id"]) for each_ in listed if each_.get("@id") and str(each_.get("@type")).lower() in types]

    return call(find, "nvt.refs.ref")


def _other(references: Any) -> list[Identifier]:
    """Return the advisories of other schemes: CERT-Bund, DFN-CERT and the like."""
    listed = (obj(reference) for reference in items_of(references))
    return [
        construct(
            Identifier, {"type": str(each_.get("@type")).lower(), "value": str(each_["@id"]), "source": "greenbone"}
        )
        for each_ in listed
        if each_.get("@id") and str(each_.get("@type")).lower() not in _LISTED
    ]


def _said(value: Any) -> str | None:
    """Return the words; old versions write NOCVE, NOBID, NOXREF for nothing."""
    found = words(value)
    return None if found in {None, "NOCVE", "NOBID", "NOXREF"} else found


def _name(value: Any) -> str | None:
    """Return the address of a host, which is a text with further elements beside it."""
    return words(obj(value).get("#text")) if isinstance(value, dict) else words(value)


ROWS = Map(
    kind=Kind.HOST,
    rule_id="NVT OID",
    rule_name="NVT Name",
    title="NVT Name",
    description=sections(
        "Summary",
        Insight="Vulnerability Insight",
        Impact="Impact",
        Affected="Affected Software/OS",
        Detection="Vulnerability Detection Method",
    ),
    severity=[by("Severity"), by("CVSS", "cvss")],
    confidence="QoD",
    status=call(_status, "Severity", "CVSS"),
    identifiers=(
        "CVEs",
        ident(split("CERTs"), "cert", source=const("greenbone")),
        ident(split("BIDs"), scheme="bid"),
    ),
    cwes="CWEID | CWEs",
    location=host(host="Hostname | IP", ip="IP", port="Port", protocol="Port Protocol"),
    ratings=(
        rating(const("greenbone"), score=call(_score, "CVSS"), severity="Severity"),
        epss("Max Severity EPSS score", "Max Severity EPSS percentile"),
        epss("Max EPSS score", "Max EPSS percentile"),
    ),
    fix=fix(recommendation="Solution"),
    references="Other References",
    evidence={"output": "Specific Result", "product_detection": "Product Detection Result"},
    asset=call(host_asset, "Hostname", "IP"),
    tags="Solution Type",
    last_detected_at="Timestamp",
    ignore=("Result ID",),  # another one in every report
    suppressions=when(call(_false_positive, "Severity"), suppression(kind=const("override"))),
)


RESULT = Map(
    kind=Kind.HOST,
    rule_id="nvt.@oid",
    rule_name="nvt.name",
    title="name | nvt.name",
    description=sections(
        tag("summary"),
        Insight=tag("insight"),
        Impact=tag("impact"),
        Affected=tag("affected"),
        Detection=tag("vuldetect"),
    ),
    severity=[by("threat"), by("severity", "cvss")],
    confidence="qod.value | qod",
    status=call(_status, "threat", "severity"),
    identifiers=(
        call(_said, "nvt.cve"),
        _refs("cve", "cve_id"),
        call(_other, "nvt.refs.ref"),
        call(_said, "nvt.cert.cert_ref.@id"),
        ident(call(_said, "nvt.bid"), scheme="bid"),
        ident(_refs("bid", "bugtraq_id"), scheme="bid"),
    ),
    location=host(
        host=first("host.hostname", call(_name, "host")),
        ip=call(_name, "host"),
        port=call(_port, "port"),
        protocol=call(_protocol, "port"),
        service=call(_service, "port"),
    ),
    ratings=(
        rating(const("greenbone"), score=call(_score, "severity"), severity="threat"),
        each(
            "nvt.severities.severity[]",
            rating(first("origin", const("greenbone")), vector="value", as_of="date"),
        ),
        rating(const("greenbone"), vector=tag("cvss_base_vector"), score="nvt.cvss_base"),
        epss("nvt.epss.max_severity.score", "nvt.epss.max_severity.percentile"),
    ),
    fix=fix(recommendation=first("nvt.solution.#text", tag("solution"))),
    references=(_refs("url"), call(_said, "nvt.xref")),
    evidence={
        "output": "description",
        "detection": join("detection.result.details.detail[].value", sep=" "),
    },
    suppressions=when(
        call(_false_positive, "threat"),
        first(
            each("overrides.override[]", suppression(kind=const("override"), justification="text.#text | text")),
            suppression(kind=const("override")),
        ),
    ),
    asset=call(host_asset, "host.hostname", call(_name, "host")),
    tags=("nvt.family", "nvt.solution.@type", "user_tags.tag[].name"),
    first_detected_at="creation_time",
    last_detected_at="modification_time",
    ignore=("@id", "host", "scan_nvt_version", "qod", "original_threat", "original_severity", "detection"),
)
