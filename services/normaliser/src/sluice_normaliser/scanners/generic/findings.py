"""What DefectDojo's findings say, in JSON, in CSV and as its API lists them."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from sluice_normaliser.kit import (
    Map,
    Reading,
    Said,
    call,
    code,
    const,
    each,
    epss,
    first,
    fix,
    host,
    ident,
    lookup,
    package,
    peek,
    rating,
    sections,
    split,
    timestamp,
    url,
    when,
)
from sluice_normaliser.kit.coerce import boolean, integer, strings
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.scanners.generic.names import renamed
from sluice_shared.contracts.finding import Kind, Observation, ObservationStatus

_STATUSES = (
    ("false_p", ObservationStatus.SUPPRESSED, "false positive"),
    ("risk_accepted", ObservationStatus.SUPPRESSED, "risk accepted"),
    ("out_of_scope", ObservationStatus.SUPPRESSED, "out of scope"),
    ("duplicate", ObservationStatus.SUPPRESSED, "duplicate"),
)
_NUMERICAL = {"S0": "critical", "S1": "high", "S2": "medium", "S3": "low", "S4": "info"}
_CERTAIN, _FIRM = 2, 6
_NUMBER = re.compile(r"\d+")


def _status(finding: Any) -> Said | None:
    record = obj(finding)
    mitigated = boolean(record.get("is_mitigated", record.get("mitigated")))
    # `mitigated` may be the time at which it was
    if mitigated or ("is_mitigated" not in record and mitigated is None and words(record.get("mitigated"))):
        return Said(ObservationStatus.FIXED, "mitigated")
    for name, meant, said in _STATUSES:
        if boolean(record.get(name)):
            return Said(meant, said)
    return Said(ObservationStatus.SUPPRESSED, "inactive") if boolean(record.get("active")) is False else None


def _kind(finding: Any) -> Kind:
    record = obj(finding)
    given = {name for name, value in record.items() if words(value)}
    if "component_name" in given:
        return Kind.SCA
    if given & {"file_path", "sast_source_file_path", "line"} or boolean(record.get("static_finding")):
        return Kind.SAST
    if given & {"endpoints", "url"} or boolean(record.get("dynamic_finding")):
        return Kind.DAST
    return Kind.OTHER


def _address(endpoint: Any) -> str | None:
    """Return an endpoint's URL: a text, or an object of DefectDojo's parts of one."""
    if not isinstance(endpoint, dict):
        told = words(endpoint)
        return told if told and ("://" in told or "/" in told) else None
    name = words(endpoint.get("host"))
    if name is None:
        return words(endpoint.get("url"))
    scheme, port = words(endpoint.get("protocol")) or "https", words(endpoint.get("port"))
    path, query = words(endpoint.get("path")) or "", words(endpoint.get("query"))
    rest = "/" + path.lstrip("/") if path else ""
    return f"{scheme}://{name}{':' + port if port else ''}{rest}{'?' + query if query else ''}"


def _first_address(endpoints: Any, address: Any) -> str | None:
    return next((told for each_ in [*items_of(endpoints), address] if (told := _address(each_))), None)


def _first_host(endpoints: Any, address: Any) -> str | None:
    """Return the first endpoint that is but a name; a number is the id of one that DefectDojo's API does not show."""
    plain = [each_ for each_ in [*items_of(endpoints), address] if isinstance(each_, str)]
    return next((told for each_ in plain if (told := words(each_))), None)


def _vulnerabilities(named: Any) -> list[str]:
    """Return the names of vulnerabilities: texts, or objects that hold one each."""
    return strings([each_.get("vulnerability_id") if isinstance(each_, dict) else each_ for each_ in items_of(named)])


def _weaknesses(named: Any) -> list[str]:
    """Return the numbers of weaknesses: ``["CWE-79", 89]`` or ``"79, 89"``."""
    return [number for each_ in strings(named) for number in _NUMBER.findall(each_)]


def _attached(files: Any) -> list[str]:
    """Return the names of attached files; their content is no text."""
    return [f"attached: {obj(each_).get('title')}" for each_ in files] if isinstance(files, list) else []


def _number(name: str) -> call:
    return call(lambda raw: None if (words(raw) or "").upper() in {"N/A", "NA", "NONE", "NULL", "-"} else raw, name)


def _confidence(said: Any) -> str | None:
    """Return DefectDojo's confidence in words: it counts from 1, which is certain, to 10."""
    counted = integer(said)
    if counted is None:
        return words(said)
    return "certain" if counted <= _CERTAIN else "firm" if counted <= _FIRM else "tentative"


def _date(path: str) -> call:
    return timestamp(path, "%m/%d/%y", "%d/%m/%y", "%b %d %Y", "%B %d %Y", "%Y.%m.%d")


_FINDING = Map(
    kind=call(_kind, "."),
    rule_id="vuln_id_from_tool",
    title="title",
    description=sections("description", Impact="impact", Steps="steps_to_reproduce"),
    message="severity_justification",
    severity=["severity", lookup("numerical_severity", _NUMERICAL)],
    confidence=call(_confidence, "scanner_confidence"),
    status=call(_status, "."),
    identifiers=(ident("cve", "vendor"), ident(call(_vulnerabilities, "vulnerability_ids"), "vendor"), "title"),
    cwes=(_number("cwe"), call(_weaknesses, "cwes")),
    location=first(
        when(
            peek("component_name"),
            package(
                name="component_name",
                version="component_version",
                fixed_versions="fix_version",
                path="file_path | sast_source_file_path",
                line=_number("line | sast_source_line"),
            ),
        ),
        code(
            path="file_path | sast_source_file_path",
            start_line=_number("line | sast_source_line"),
            symbol="sast_source_object | sast_sink_object",
        ),
        url(url=call(_first_address, "endpoints", "url"), parameter="param"),
        host(host=call(_first_host, "endpoints", "url")),
    ),
    related_locations=each("endpoints[]", url(url=call(_address, ".")), where=call(bool, "#key")),
    ratings=(
        rating(const("scanner"), vector="cvssv3", score=_number("cvssv3_score"), version=const("3.1")),
        rating(const("scanner"), vector="cvssv4", score=_number("cvssv4_score"), version=const("4.0")),
        epss(_number("epss_score"), _number("epss_percentile")),
    ),
    fix=fix(
        recommendation=sections("mitigation"),
        fixed_versions="fix_version",
        available="fix_available",
        effort="effort_for_fixing | planned_remediation_version",
    ),
    references=("references", "url"),
    evidence={
        "request": "request",
        "response": "response",
        "payload": "payload",
        "files": call(_attached, "files"),
    },
    exploit_maturity=when(call(boolean, "known_exploited"), const("known_exploited")),
    fingerprints={"unique_id_from_tool": "unique_id_from_tool"},
    occurrence_count=_number("nb_occurences"),
    tags=(split("tags"),),
    first_detected_at=_date("date"),
    published_at=_date("publish_date"),
    ignore=("active", "verified", "false_p", "duplicate", "is_mitigated", "out_of_scope", "risk_accepted"),
)
_COMPILED = _FINDING.compile()


def findings(name: str | None) -> Callable[[Any, Reading], Iterator[Observation]]:
    """Return the parser of the findings under a name of the document, or of a document that is their list."""

    def read(document: Any, reading: Reading) -> Iterator[Observation]:
        for record in items_of(document if name is None else obj(document).get(name)):
            yield from _COMPILED.run((None, renamed(record)), reading)

    return read
