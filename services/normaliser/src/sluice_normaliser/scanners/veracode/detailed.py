"""The detailed report (XML): flaws by severity, category and CWE; components with their vulnerabilities."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    code,
    compliance,
    const,
    each,
    first,
    fix,
    ident,
    matching,
    package,
    peek,
    rating,
    suppression,
    template,
    url,
)
from sluice_normaliser.kit.coerce import strings, text
from sluice_normaliser.kit.filepath import below_root
from sluice_shared.contracts.finding import Kind, ObservationStatus

_REMEDIATION = {
    "fixed": ObservationStatus.FIXED,
    "cannot reproduce": ObservationStatus.FIXED,
    "mitigated": ObservationStatus.SUPPRESSED,
    "potential false positive": ObservationStatus.SUPPRESSED,
    "remediated": ObservationStatus.FIXED,
}
_SYSTEMS = {"jar": "maven", "war": "maven", "ear": "maven", "dll": "nuget", "gem": "gem", "whl": "pypi"}


def flaw_status(remediation: Any, mitigation: Any) -> Said:
    """Return the status; only an accepted mitigation takes a flaw away, a proposed one does not."""
    said = text(remediation)
    status = _REMEDIATION.get((said or "").strip().lower(), ObservationStatus.OPEN)
    if status is ObservationStatus.OPEN and (text(mitigation) or "").strip().lower() == "accepted":
        return Said(ObservationStatus.SUPPRESSED, text(mitigation))
    return Said(status, said)


def _paragraphs(value: Any) -> str | None:
    """Return the texts of ``desc``, ``recommendations`` or ``description``: paragraphs with points below them."""
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, list):
            for item in part:
                walk(item)
        elif isinstance(part, dict):
            if isinstance(part.get("@text"), str):
                found.append(part["@text"].strip())
            for key, item in part.items():
                if not key.startswith("@"):
                    walk(item)

    walk(value)
    return "\n\n".join(dict.fromkeys(each_ for each_ in found if each_)) or None


def _source(folder: Any, file: Any) -> str | None:
    name, above = text(file), text(folder)
    if not name:
        return None
    return below_root(f"{above or ''}{name}")


def _flaws(path: str, kind: Kind) -> Map:
    return Map(
        each=path,
        kind=kind,
        rule_id=template("CWE-{@cweid}"),
        rule_name="^.@cwename | @categoryname",
        title=first("^.@cwename", "@categoryname", "@type"),
        description=call(_paragraphs, peek("^.description")),
        message="@description",
        severity=by("@severity", "0-5"),
        status=call(flaw_status, "@remediation_status", "@mitigation_status"),
        cwes=("@cweid", "^.@cweid"),
        location=first(
            url(url="@url", parameter="@vuln_parameter"),
            code(
                path=call(_source, "@sourcefilepath", "@sourcefile"),
                start_line="@line",
                symbol="@functionprototype | @scope",
                module="@module",
            ),
            url(url="@location"),
        ),
        fix=fix(recommendation=call(_paragraphs, peek("^^.recommendations")), effort="@remediationeffort"),
        suppressions=each(
            "mitigations.mitigation[]",
            suppression(kind=const("external"), status="@action", justification="@description", author="@user"),
            where=call(lambda action: "accept" in str(action).lower(), "@action"),
        ),
        compliance=(
            compliance(standard=call(lambda value: "OWASP" if value else None, "^.@owasp"), control="^.@owasp"),
            compliance(standard=call(lambda value: "SANS" if value else None, "^.@sans"), control="^.@sans"),
            compliance(standard=call(lambda value: "CERT" if value else None, "^.@certjava"), control="^.@certjava"),
        ),
        exploit_maturity="@exploitLevel",
        fingerprints={"veracode_issue": "@issueid"},
        occurrence_count="@count",
        tags=("@categoryname", "@type"),
        first_detected_at="@date_first_occurrence",
        ignore=("@module",),
    )


FLAWS = (
    _flaws("severity[].category[].cwe[].staticflaws.flaw[]", Kind.SAST),
    _flaws("severity[].category[].cwe[].dynamicflaws.flaw[]", Kind.DAST),
    _flaws("severity[].category[].cwe[].manualflaws.flaw[]", Kind.DAST),
)


def _system(library_id: Any, file: Any) -> str | None:
    kind, separator, _ = (text(library_id) or "").partition(":")
    if separator:
        return kind
    return _SYSTEMS.get((text(file) or "").rpartition(".")[2].lower())


def _library(library_id: Any, library: Any) -> str | None:
    return text(library) or next(iter((text(library_id) or "").split(":")[2:3]), None)


def vulnerability(cve: Any) -> list[str]:
    """Return the names of a vulnerability; Veracode leaves ``CVE-`` out in places, and has numbers of its own."""
    return [f"CVE-{name}" if name[:4].isdigit() and name[4:5] == "-" else name for name in strings(cve)]


def _mitigated(mitigation: Any) -> ObservationStatus:
    return ObservationStatus.SUPPRESSED if text(mitigation) == "true" else ObservationStatus.OPEN


COMPONENTS = Map(
    each="software_composition_analysis.vulnerable_components.component[].vulnerabilities.vulnerability[]",
    kind=Kind.SCA,
    rule_id=call(lambda cve: next(iter(vulnerability(cve)), None), "@cve_id"),
    title=template("{@cve_id} in {^.@library} {^.@version}"),
    description="@cve_summary",
    severity=by("@severity", "0-5"),
    status=call(_mitigated, "@mitigation"),
    identifiers=(ident(call(vulnerability, "@cve_id"), "vendor", source=const("veracode")),),
    cwes="@cwe_id",
    location=package(
        name=call(_library, "^.@library_id", "^.@library"),
        namespace="^.@vendor",
        version="^.@version",
        ecosystem=call(_system, "^.@library_id", "^.@file_name"),
        path="^.file_paths.file_path[0].@value | ^.@file_name",
    ),
    ratings=rating(const("veracode"), score="@cvss_score", severity="@severity_desc"),
    suppressions=each(
        "mitigations.mitigation[]",
        suppression(kind=const("external"), status="@action", justification="@description", author="@user"),
    ),
    fingerprints={"veracode_component": "^.@component_id", "sha1": "^.@sha1"},
    tags=(matching("@vulnerability_affects_policy_compliance", "^(true)$"),),
    first_detected_at="@first_found_date",
)
