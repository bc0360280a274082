"""What the rows and the detections say."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    const,
    first,
    fix,
    host,
    ident,
    matching,
    plain,
    rating,
    sections,
    split,
    template,
    timestamp,
)
from sluice_normaliser.scanners.qualys import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_QID = ident(template("QID-{QID}"), scheme="qid", source=const("qualys"))
_TIMES = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M")


def _cell(path: str) -> call:
    return call(words.said, path)


_HOST = ("^.DNS", "^.NETBIOS", "^.IP", "^.IPV6")

DETECTION = Map(
    each="DETECTION_LIST.DETECTION[]",
    kind=Kind.HOST,
    rule_id=template("QID-{QID}"),
    title=template("QID {QID}"),
    severity=by("SEVERITY", "1-5"),
    confidence=call(words.confidence, "TYPE"),
    status=call(words.status, "STATUS", "TYPE", "IS_IGNORED", "IS_DISABLED"),
    identifiers=_QID,
    location=host(
        host=call(words.machine, *_HOST),
        ip="^.IP | ^.IPV6",
        port="PORT",
        protocol=call(words.protocol, "PROTOCOL"),
        service="SERVICE",
        os="^.OS",
    ),
    ratings=rating(const("qualys_qds"), score="QDS | QDS.#text", severity="QDS.@severity"),
    evidence={"output": "RESULTS"},
    fingerprints={"qualys_unique_vuln_id": "UNIQUE_VULN_ID"},
    occurrence_count="TIMES_FOUND",
    asset=call(words.asset, *_HOST),
    first_detected_at="FIRST_FOUND_DATETIME",
    last_detected_at="LAST_FOUND_DATETIME",
)

_NAMES = (_cell("DNS"), _cell("FQDN"), _cell("NetBIOS"), "IP")


def _is_row(qid: Any, title: Any) -> bool:
    """Return False for what is no detection: lines of a footer, and the header again where reports were joined."""
    told = words.said(qid) or words.said(title)
    return told is not None and told.upper() != "QID"


def _other(name: Any, known: Any) -> str | None:
    told = words.said(name)
    return told if told != words.said(known) else None


ROW = Map(
    kind=Kind.HOST,
    where=call(_is_row, "QID", "Title"),
    rule_id=template("QID-{QID}"),
    rule_name="Title",
    title="Title",
    description=sections("Threat", Impact="Impact"),
    severity=by("Severity", "1-5"),
    confidence=call(words.confidence, "Type"),
    status=call(words.status, "Vuln Status", "Type"),
    identifiers=(
        _QID,
        split("CVE ID"),
        ident(split(_cell("Vendor Reference")), "vendor"),
        ident(split(_cell("Bugtraq ID")), scheme="bid"),
    ),
    location=host(
        host=call(words.machine, *_NAMES),
        ip="IP",
        port="Port",
        protocol=call(words.protocol, "Protocol"),
        os=_cell("OS"),
    ),
    related_locations=host(host=call(_other, "FQDN", "DNS")),
    ratings=(
        rating(
            const("qualys"),
            vector=call(words.vector, '"CVSS3.1 Base" | CVSS3 Base'),
            score=call(words.score, '"CVSS3.1 Base" | CVSS3 Base'),
            version=const("3.1"),
        ),
        rating(
            const("qualys"),
            vector=call(words.vector, "CVSS Base"),
            score=call(words.score, "CVSS Base"),
            version=const("2.0"),
        ),
        rating(const("qualys_qds"), score=_cell("QDS")),
    ),
    fix=fix(recommendation=plain(_cell("Solution"))),
    references=(plain("Solution"),),
    evidence={"output": _cell("Results")},
    exploit_maturity=_cell("Exploitability"),
    occurrence_count="Times Detected",
    asset=call(words.asset, *_NAMES),
    tags=(split(_cell("Category")), split(_cell("Associated Tags"))),
    first_detected_at=timestamp(_cell("First Detected"), *_TIMES),
    last_detected_at=timestamp(_cell("Last Detected"), *_TIMES),
)


def _exception(said: Any, passed: Any, sort: Any) -> Said:
    """Return the status of a row of a PCI report: a false positive is one only when Qualys has approved it."""
    told = words.said(said)
    if (told or "").lower() in {"approved", "accepted"}:
        return Said(ObservationStatus.SUPPRESSED, told)
    return words.status(told or words.said(passed), sort)


PCI_ROW = Map(
    kind=Kind.HOST,
    where=call(_is_row, "QID", "VULN TITLE"),
    rule_id=template("QID-{QID}"),
    rule_name="VULN TITLE",
    title="VULN TITLE",
    description=sections(_cell("THREAT"), Impact=_cell("IMPACT")),
    severity=[by("SEVERITY", "initials"), by("Q_SEVERITY", "1-5")],
    confidence=call(words.confidence, "TYPE"),
    status=call(_exception, "FALSE POSITIVE STATUS", "IS_PCI", "TYPE"),
    identifiers=(_QID, split("CVEID"), ident(split(_cell("BUGTRAQID")), scheme="bid")),
    location=host(
        host=call(words.machine, "HOSTNAME", "IP"),
        ip="IP",
        port="PORT",
        protocol=call(words.protocol, "PROTOCOL"),
        os=_cell("OPERATING SYSTEM"),
    ),
    ratings=rating(const("qualys"), score=_cell("CVSS_BASE"), version=const("2.0")),
    fix=fix(recommendation=plain(_cell("SOLUTION"))),
    evidence={"output": _cell("RESULT")},
    asset=call(words.asset, "HOSTNAME", "IP"),
    tags=(_cell("CATEGORY"),),
    last_detected_at=timestamp("LAST SCAN", "%d/%m/%Y %H:%M"),
)

_DETECTED = ("DNS Name", "DNS", "FQDN", "Netbios Name", "IP Address", "IP")

DETECTION_ROW = Map(
    kind=Kind.HOST,
    where=matching("QID", r"^\s*(\d+)\s*$"),
    rule_id=template("QID-{QID}"),
    title=first("Title", template("QID {QID}")),
    severity=by("Severity", "1-5"),
    confidence=call(words.confidence, "Type"),
    status=call(words.status, "Status", "Type", "Ignored | Is Ignored", "Disabled | Is Disabled"),
    identifiers=_QID,
    location=host(
        host=call(words.machine, *_DETECTED),
        ip="IP Address | IP",
        port="Port",
        protocol=call(words.protocol, "Protocol"),
        service=_cell("Service"),
        os=_cell("Operating System | OS"),
    ),
    ratings=rating(const("qualys_qds"), score=_cell("QDS")),
    evidence={"output": _cell("Results | Result")},
    fingerprints={"qualys_unique_vuln_id": "Unique Vuln ID"},
    occurrence_count="Times Found",
    asset=call(words.asset, *_DETECTED),
    first_detected_at="First Found Datetime | First Found",
    last_detected_at="Last Found Datetime | Last Found",
)
"""A row of the list of detections that the API gives with ``output_format=CSV``."""
