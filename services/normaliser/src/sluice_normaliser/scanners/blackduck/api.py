"""Vulnerable components as Black Duck's API gives them (``vulnerable-bom-components``)."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    const,
    licence,
    package,
    rating,
    reference,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.coerce import boolean, text
from sluice_normaliser.scanners.blackduck.rows import STATUSES, names, purl_of, rule_of, settled
from sluice_shared.contracts.finding import Kind, ObservationStatus

_WEAK = "vulnerabilityWithRemediation"
_NAME, _SOURCE = f"{_WEAK}.vulnerabilityName", f"{_WEAK}.source"
_STAND = (f"{_WEAK}.remediationStatus", "ignored")


def _status(remediation: Any, ignored: Any) -> Said:
    """Return where a vulnerability stands; with its component it may be ignored as a whole."""
    word = text(remediation)
    if boolean(ignored):
        return Said(ObservationStatus.SUPPRESSED, "component ignored")
    return Said(STATUSES.get((word or "").upper(), ObservationStatus.OPEN), word)


def _away(remediation: Any, ignored: Any) -> bool:
    return bool(boolean(ignored)) or settled(remediation)


def _related(address: Any) -> str | None:
    """Return the name at the end of the address of a related vulnerability."""
    return (text(address) or "").rstrip("/").rpartition("/")[2] or None


def component(each: str) -> Map:
    """Return the map of one vulnerability of one component."""
    return Map(
        each=each,
        kind=Kind.SCA,
        rule_id=call(rule_of, _NAME, _SOURCE),
        title=template(f"{{{_NAME}}} in {{componentName}} {{componentVersionName}}"),
        description=f"{_WEAK}.description",
        severity=[by(f"{_WEAK}.severity"), by(f"{_WEAK}.overallScore", "cvss")],
        status=call(_status, *_STAND),
        identifiers=(call(names, _NAME, _SOURCE), call(_related, f"{_WEAK}.relatedVulnerability")),
        cwes=(f"{_WEAK}.cweId", f"{_WEAK}.cweIds"),
        location=package(
            name="componentName",
            version="componentVersionName",
            purl=call(purl_of, "componentVersionOriginName", "componentVersionOriginId"),
        ),
        ratings=(
            rating(
                _SOURCE,
                score=f"{_WEAK}.baseScore",
                severity=f"{_WEAK}.severity",
                vector=f"{_WEAK}.cvss3.vector | {_WEAK}.cvss2.vector",
            ),
            rating(const("blackduck"), score=f"{_WEAK}.overallScore", severity=f"{_WEAK}.severity"),
        ),
        references=(
            reference(url=f"{_WEAK}.relatedVulnerability", type=const("advisory")),
            reference(url="_meta.href", type=const("report")),
        ),
        exploit_maturity=f"{_WEAK}.exploitAvailable",
        licence=licence(name="license.licenseDisplay", category="license.licenses[0].licenseFamilySummary.name"),
        suppressions=when(
            call(_away, *_STAND),
            suppression(
                kind=const("external"),
                status=f"{_WEAK}.remediationStatus",
                justification=f"{_WEAK}.remediationComment",
                author=f"{_WEAK}.remediationUpdatedBy",
            ),
        ),
        tags=(_SOURCE, f"{_WEAK}.bdsaTags[]"),
        first_detected_at=f"{_WEAK}.remediationCreatedAt",
        published_at=f"{_WEAK}.vulnerabilityPublishedDate",
        ignore=("_meta", "license", "componentVersion", f"{_WEAK}.exploitabilitySubscore", f"{_WEAK}.impactSubscore"),
    )
