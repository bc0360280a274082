"""The Findings REST API, and the pipeline scan."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    code,
    const,
    each,
    first,
    fix,
    ident,
    licence,
    lookup,
    matching,
    package,
    peek,
    plain,
    rating,
    suppression,
    template,
    url,
    when,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.filepath import below_root
from sluice_normaliser.kit.shapes import obj
from sluice_normaliser.scanners.veracode.detailed import vulnerability
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_KINDS = {"static": Kind.SAST, "dynamic": Kind.DAST, "manual": Kind.DAST, "sca": Kind.SCA}
_SETTLED = frozenset({"APPROVED", "ACCEPTED"})
_D = "finding_details"


def last_page(page: Any) -> bool:
    """Return False for one page of several."""
    pages = obj(page).get("total_pages")
    return not isinstance(pages, int) or pages <= 1


def pipeline_failure(status: Any, message: Any, found: Any, *, shows_nothing: bool) -> str | None:
    """Return what the pipeline scan says when it did not succeed, if whether it shows nothing is as asked."""
    if (not found) is not shows_nothing:
        return None
    said = text(status)
    return None if said is None or said.upper() == "SUCCESS" else f"{said}: {text(message) or ''}".rstrip(": ")


def _status(status: Any, resolution: Any, decision: Any) -> Said:
    """Return the status: closed ones were not found again, approved mitigations take a finding away."""
    said = (text(status) or "").upper()
    word = (text(resolution) or "").upper()
    if said == "CLOSED":
        done = ObservationStatus.SUPPRESSED if word == "MITIGATED" else ObservationStatus.FIXED
        return Said(done, said)
    if (text(decision) or "").upper() in _SETTLED:
        return Said(ObservationStatus.SUPPRESSED, f"{said} {word}".strip())
    return Said(ObservationStatus.OPEN, said or None)


def _kind(details: Any) -> Kind:
    """Return the kind of a finding that does not say by which scan it was found."""
    told = obj(details)
    if told.get("cve") or told.get("component_filename"):
        return Kind.SCA
    return Kind.DAST if told.get("url") or told.get("hostname") else Kind.SAST


def _approved(decision: Any) -> bool:
    return (text(decision) or "").upper() in _SETTLED


def _file(path: Any) -> str | None:
    return below_root(text(path))


def _component(file: Any) -> str | None:
    """Return the name in ``spring-core-2.5.14.jar``: all before the version."""
    name = text(file)
    if not name:
        return None
    stem = name.rpartition("/")[2]
    base = stem.rpartition(".")[0] if stem.endswith((".jar", ".war", ".ear", ".dll", ".whl", ".gem", ".tgz")) else stem
    parts = base.split("-")
    cut = next((index for index, part in enumerate(parts) if index and part[:1].isdigit()), len(parts))
    return "-".join(parts[:cut]) or name


def findings(path: str) -> Map:
    """Return the map of the findings at ``path``."""
    return Map(
        each=path,
        kind=first(lookup("scan_type", _KINDS), call(_kind, peek(_D))),
        rule_id=first(
            call(lambda cve: next(iter(vulnerability(cve)), None), f"{_D}.cve.name"), template(f"CWE-{{{_D}.cwe.id}}")
        ),
        rule_name=f"{_D}.cwe.name",
        title=first(
            when(f"{_D}.cve.name", template(f"{{{_D}.cve.name}} in {{{_D}.component_filename}}")),
            f"{_D}.cwe.name",
            f"{_D}.finding_category.name",
        ),
        description=plain("description"),
        severity=by(f"{_D}.severity", "0-5"),
        status=call(_status, "finding_status.status", "finding_status.resolution", "finding_status.resolution_status"),
        identifiers=(ident(call(vulnerability, f"{_D}.cve.name"), "vendor", source=const("veracode")),),
        cwes=f"{_D}.cwe.id",
        location=first(
            package(
                name=call(_component, f"{_D}.component_filename"),
                version=f"{_D}.version",
                ecosystem=f"{_D}.language",
                path=f"{_D}.component_path[0].path | {_D}.component_filename",
                direct=lookup(f"{_D}.metadata.sca_dep_mode", {"direct": True, "transitive": False}),
            ),
            url(url=f"{_D}.url", parameter=f"{_D}.vulnerable_parameter"),
            url(url=template(f"https://{{{_D}.hostname}}{{{_D}.path}}"), parameter=f"{_D}.vulnerable_parameter"),
            code(
                path=call(_file, f"{_D}.file_path | {_D}.file_name"),
                start_line=f"{_D}.file_line_number",
                symbol=f"{_D}.procedure",
                module=f"{_D}.module",
            ),
            url(url=f"{_D}.location"),
        ),
        related_locations=each(
            f"{_D}.component_path[]",
            package(name="path", path="path", version=f"^.{_D}.version"),
            where=call(lambda index: index != 0, "#key"),
        ),
        ratings=(
            rating(
                const("nvd"),
                vector=f"{_D}.cve.vector",
                score=f"{_D}.cve.cvss",
                severity=f"{_D}.cve.severity",
                method=RatingMethod.CVSS_V2,
            ),
            rating(
                const("nvd"),
                vector=f"{_D}.cve.cvss3.vector",
                score=f"{_D}.cve.cvss3.score",
                severity=f"{_D}.cve.cvss3.severity",
                method=RatingMethod.CVSS_V3,
            ),
            rating(
                const("veracode"),
                vector=matching(f"{_D}.cvss", r"((?:CVSS:[\d.]+/)?AV:\S+)"),
                score=matching(f"{_D}.cvss", r"^(\d+(?:\.\d+)?)$"),
                method=RatingMethod.CVSS_V3,
            ),
        ),
        references=(f"{_D}.cve.href", f"{_D}.cwe.href"),
        suppressions=when(
            call(_approved, "finding_status.resolution_status"),
            suppression(
                kind=const("external"),
                status="finding_status.resolution_status",
                justification="finding_status.resolution",
            ),
        ),
        licence=licence(name=f"{_D}.licenses[0].license_id", category=f"{_D}.licenses[0].risk_rating"),
        exploit_maturity=f"{_D}.exploitability | {_D}.cve.exploitability.exploit_source",
        fingerprints={"veracode_issue": "issue_id", "veracode_component": f"{_D}.component_id"},
        occurrence_count="count",
        tags=(f"{_D}.finding_category.name", f"{_D}.attack_vector", f"{_D}.plugin"),
        first_detected_at="finding_status.first_found_date",
        last_detected_at="finding_status.last_seen_date",
        ignore=(f"{_D}.hostname", f"{_D}.path", f"{_D}.port"),
    )


PIPELINE = Map(
    each="findings[]",
    kind=Kind.SAST,
    rule_id=template("CWE-{cwe_id}"),
    rule_name="issue_type",
    title="issue_type | title",
    description=plain("display_text"),
    message="title",
    severity=by("severity", "0-5"),
    cwes="cwe_id",
    location=code(
        path=call(_file, "files.source_file.file"),
        start_line="files.source_file.line",
        symbol="files.source_file.qualified_function_name | files.source_file.function_name",
        module="files.source_file.scope",
    ),
    fix=fix(patch="remediation.patch"),
    references=("flaw_details_link",),
    fingerprints={
        "veracode_issue": "issue_id",
        "veracode_flaw": "flaw_match.flaw_hash",
        "veracode_procedure": "flaw_match.procedure_hash",
        "veracode_prototype": "flaw_match.prototype_hash",
        "veracode_cause": "flaw_match.cause_hash",
    },
)
