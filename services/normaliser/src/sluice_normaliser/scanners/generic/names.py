"""Names of a finding's fields: DefectDojo writes ``false_p`` in JSON and ``FalsePositive`` in CSV; people vary both."""

import re
from typing import Any

from sluice_normaliser.kit.coerce import is_empty
from sluice_normaliser.kit.shapes import obj

_FIELDS = (
    *("title", "severity", "numerical_severity", "description", "impact", "mitigation", "references", "date"),
    *("steps_to_reproduce", "severity_justification", "cve", "cwe", "cwes", "vulnerability_ids", "url", "endpoints"),
    *("active", "verified", "duplicate", "false_p", "risk_accepted", "out_of_scope", "is_mitigated", "mitigated"),
    *("component_name", "component_version", "fix_version", "fix_available", "file_path", "line", "param", "payload"),
    *("sast_source_file_path", "sast_source_line", "sast_source_object", "sast_sink_object", "static_finding"),
    *("dynamic_finding", "scanner_confidence", "unique_id_from_tool", "vuln_id_from_tool", "nb_occurences", "tags"),
    *("cvssv3", "cvssv3_score", "cvssv4", "cvssv4_score", "epss_score", "epss_percentile", "known_exploited"),
    *("publish_date", "planned_remediation_version", "effort_for_fixing", "request", "response", "files"),
)
_OTHERWISE = {
    "cweid": "cwe",
    "cweids": "cwes",
    "cvssv3vector": "cvssv3",
    "cvssv4vector": "cvssv4",
    "endpoint": "url",
    "uri": "url",
    "falsepositive": "false_p",
    "mitigateddate": "mitigated",
    "nboccurrences": "nb_occurences",
    "unsavedtags": "tags",
    "unsavedvulnerabilityids": "vulnerability_ids",
    "vulnerabilityid": "vulnerability_ids",
}
_KNOWN = {**{name.replace("_", ""): name for name in _FIELDS}, **_OTHERWISE}
_SEPARATORS = re.compile(r"[\s_.-]+")


def renamed(record: Any) -> dict[str, Any]:
    """Return a finding with the names of DefectDojo's JSON, whatever their case and separators; unknown ones stay."""
    found: dict[str, Any] = {}
    for name, value in obj(record).items():
        meant = _KNOWN.get(_SEPARATORS.sub("", name).lower(), name)
        if is_empty(found.get(meant)):
            found[meant] = value
    return found
