"""DefectDojo's generic findings: the JSON and CSV that many home-made tools already write."""

from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    Said,
    ScanMap,
    ScannerSpec,
    call,
    code,
    const,
    each,
    epss,
    first,
    fix,
    host,
    ident,
    package,
    peek,
    rating,
    sections,
    split,
    url,
    when,
)
from sluice_normaliser.kit.coerce import boolean, integer, strings
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
Any script can write it: `{"type": "My tool", "findings": [{"title": …, "severity": "High", "description": …}]}`, with
the field names of DefectDojo's findings, or the CSV with the columns Title, Severity, Description.
```sh
sluice push findings.json --scanner generic --asset repo:github.com/acme/shop
```
`type` keeps several such tools over one asset apart. New tools had better write Sluice findings JSON (`sluice`).
"""

_STATUSES = (
    (("is_mitigated", "mitigated", "Mitigated"), ObservationStatus.FIXED, "mitigated"),
    (("false_p", "FalsePositive"), ObservationStatus.SUPPRESSED, "false positive"),
    (("risk_accepted", "RiskAccepted"), ObservationStatus.SUPPRESSED, "risk accepted"),
    (("out_of_scope", "OutOfScope"), ObservationStatus.SUPPRESSED, "out of scope"),
    (("duplicate", "Duplicate"), ObservationStatus.SUPPRESSED, "duplicate"),
)
_COMPONENT = "component_name | ComponentName | Component_Name"
_CERTAIN, _FIRM = 2, 6
_PATH = "file_path | FilePath | sast_source_file_path"
_VERSION = "component_version | ComponentVersion | Component_Version"
_SCORE_3 = "cvssv3_score | CVSSV3_score | CVSSV3_Score"
_SCORE_4 = "cvssv4_score | CVSSV4_score | CVSSV4_Score"
_FIXED = "fix_version | FixVersion | Fix_Version"


def _status(finding: Any) -> Said | None:
    record = obj(finding)
    for names, meant, said in _STATUSES:
        value = next((record[name] for name in names if name in record), None)
        # `mitigated` may be the time at which it was
        if boolean(value) or ("mitigated" in names and words(value) and boolean(value) is None):
            return Said(meant, said)
    active = record.get("active", record.get("Active"))
    return Said(ObservationStatus.SUPPRESSED, "inactive") if boolean(active) is False else None


def _kind(finding: Any) -> Kind:
    record = obj(finding)
    given = {name.lower().replace("_", "") for name, value in record.items() if words(value)}
    if "componentname" in given:
        return Kind.SCA
    if given & {"filepath", "sastsourcefilepath", "line"} or boolean(record.get("static_finding")):
        return Kind.SAST
    if given & {"endpoints", "url", "uri"} or boolean(record.get("dynamic_finding")):
        return Kind.DAST
    return Kind.OTHER


def _address(endpoint: Any) -> str | None:
    """Return an endpoint's URL: a text, or an object of DefectDojo's parts of one."""
    if not isinstance(endpoint, dict):
        told = words(endpoint)
        return told if told and ("://" in told or "/" in told) else None
    name = words(endpoint.get("host"))
    if name is None:
        return None
    scheme, port = words(endpoint.get("protocol")) or "https", words(endpoint.get("port"))
    path, query = words(endpoint.get("path")) or "", words(endpoint.get("query"))
    rest = "/" + path.lstrip("/") if path else ""
    return f"{scheme}://{name}{':' + port if port else ''}{rest}{'?' + query if query else ''}"


def _first_address(endpoints: Any, address: Any) -> str | None:
    found = endpoints if isinstance(endpoints, list) else [endpoints]
    return next((told for each in [*found, address] if (told := _address(each))), None)


def _first_host(endpoints: Any, address: Any) -> str | None:
    found = endpoints if isinstance(endpoints, list) else [endpoints]
    return next((told for each in [*found, address] if not isinstance(each, dict) and (told := words(each))), None)


def _vulnerabilities(named: Any) -> list[str]:
    """Return the names of vulnerabilities: texts, or objects that hold one each."""
    listed = named if isinstance(named, list) else [named]
    return strings([each.get("vulnerability_id") if isinstance(each, dict) else each for each in listed])


def _attached(files: Any) -> list[str]:
    """Return the names of attached files; their content is no text."""
    return [f"attached: {obj(each).get('title')}" for each in files] if isinstance(files, list) else []


def _number(name: str) -> call:
    return call(lambda raw: None if (words(raw) or "").upper() in {"N/A", "NA", "NONE", "NULL", "-"} else raw, name)


def _confidence(said: Any) -> str | None:
    """Return DefectDojo's confidence in words: it counts from 1, which is certain, to 10."""
    counted = integer(said)
    if counted is None:
        return words(said)
    return "certain" if counted <= _CERTAIN else "firm" if counted <= _FIRM else "tentative"


def _findings(path: str) -> Map:
    endpoint = ("endpoints", "url | Url | URL | uri | endpoint")
    return Map(
        each=path,
        kind=call(_kind, "."),
        rule_id="vuln_id_from_tool | VulnIdFromTool | vulnerability_id",
        title="title | Title",
        description=sections("description | Description", Impact="impact | Impact", Steps="steps_to_reproduce"),
        message="severity_justification",
        severity="severity | Severity",
        confidence=call(_confidence, "scanner_confidence"),
        status=call(_status, "."),
        identifiers=(
            ident("cve | CVE | Cve", "vendor"),
            ident(call(_vulnerabilities, "vulnerability_ids | unsaved_vulnerability_ids | VulnerabilityIds"), "vendor"),
        ),
        cwes=(_number("cwe | CweId | CWE | Cwe"), "cwes"),
        location=first(
            when(
                peek(_COMPONENT),
                package(
                    name=_COMPONENT,
                    version=_VERSION,
                    fixed_versions=_FIXED,
                    path=_PATH,
                    line=_number("line | Line | sast_source_line"),
                ),
            ),
            code(
                path=_PATH,
                start_line=_number("line | Line | sast_source_line"),
                symbol="sast_source_object | sast_sink_object",
            ),
            url(url=call(_first_address, *endpoint), parameter="param | Param"),
            host(host=call(_first_host, *endpoint)),
            code(path="sast_source_file_path"),
        ),
        related_locations=each(
            "endpoints[]",
            url(url=call(_address, ".")),
            where=call(bool, "#key"),
        ),
        ratings=(
            rating(
                const("scanner"),
                vector="cvssv3 | CVSSV3 | cvssv3_vector",
                score=_number(_SCORE_3),
                version=const("3.1"),
            ),
            rating(
                const("scanner"),
                vector="cvssv4 | CVSSV4",
                score=_number(_SCORE_4),
                version=const("4.0"),
            ),
            epss(_number("epss_score"), _number("epss_percentile")),
        ),
        fix=fix(
            recommendation=sections("mitigation | Mitigation"),
            fixed_versions=_FIXED,
            available="fix_available | FixAvailable",
            effort="effort_for_fixing | planned_remediation_version",
        ),
        references=("references | References", "url | Url | URL"),
        evidence={
            "request": "request",
            "response": "response",
            "payload": "payload",
            "files": call(_attached, "files"),
        },
        exploit_maturity=when(call(boolean, "known_exploited"), const("known_exploited")),
        fingerprints={"unique_id_from_tool": "unique_id_from_tool | UniqueIdFromTool"},
        occurrence_count=_number("nb_occurences"),
        tags=(split("tags | Tags"), split("unsaved_tags")),
        first_detected_at="date | Date",
        published_at="publish_date",
        ignore=(
            "active",
            "Active",
            "verified",
            "Verified",
            "false_p",
            "FalsePositive",
            "duplicate",
            "Duplicate",
            "is_mitigated",
            "out_of_scope",
            "risk_accepted",
        ),
    )


SPEC = ScannerSpec(
    name="generic",
    title="Generic findings",
    kinds=(Kind.OTHER, Kind.SCA, Kind.SAST, Kind.DAST),
    aliases=("generic_findings_import", "defectdojo_generic"),
    homepage="https://docs.defectdojo.com/supported_tools/parsers/generic_findings_import/",
    setup=_SETUP,
    differences={"generic_report1.csv": "one observation for each row; the reference merges rows by title"},
    formats=(
        Format(
            name="generic-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("findings[].title", "findings[].severity"),
                lacks=("sluice", "findings[].rule_id", "data"),
                weight=-1,
            ),
            scan=ScanMap(name="type | name", version="version", category="type | name"),
            maps=(_findings("findings[]"),),
        ),
        Format(
            name="generic-json-nothing",
            container="json",
            detect=JsonShape(root="object", has=("findings",), lacks=("findings[]", "sluice"), weight=-1.5),
            scan=ScanMap(name="type | name", version="version", category="type | name"),
            maps=(_findings("findings[]"),),
        ),
        Format(
            name="generic-csv",
            container="csv",
            detect=CsvShape(columns=("Title", "Severity", "Description"), any_of=("CweId", "Mitigation", "Active")),
            maps=(_findings("."),),
        ),
    ),
)
