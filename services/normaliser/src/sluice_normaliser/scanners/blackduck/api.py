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
from sluice_normaliser.kit.shapes import arr
from sluice_normaliser.scanners.blackduck.rows import STATUSES, names, purl_of, rule_of, settled
from sluice_shared.contracts.finding import Kind, ObservationStatus


def _of(*fields: str) -> str:
    """Return the path of a field, which since 2024.7 stands under another name: ``vulnerability``."""
    return " | ".join(f"{part}.{name}" for name in fields for part in ("vulnerabilityWithRemediation", "vulnerability"))


_NAME, _SOURCE = _of("vulnerabilityName", "vulnerabilityId"), _of("source")
_STAND = (_of("remediationStatus"), "ignored")


def _status(remediation: Any, ignored: Any) -> Said:
    """Return where a vulnerability stands; with its component it may be ignored as a whole."""
    word = text(remediation)
    if boolean(ignored):
        return Said(ObservationStatus.SUPPRESSED, "component ignored")
    return Said(STATUSES.get((word or "").upper(), ObservationStatus.OPEN), word)


def _away(remediation: Any, ignored: Any) -> bool:
    return bool(boolean(ignored)) or settled(remediation)


def _related(*addresses: Any) -> list[str]:
    """Return the names at the end of the addresses of related vulnerabilities; newer versions list several."""
    found = [each for address in addresses for each in (arr(address) or [address])]
    said = [
        text(each.get("vulnerabilityId") or each.get("vulnerability")) if isinstance(each, dict) else text(each)
        for each in found
    ]
    return [name for words in said if words and (name := words.rstrip("/").rpartition("/")[2])]


def component(each: str) -> Map:
    """Return the map of one vulnerability of one component."""
    return Map(
        each=each,
        kind=Kind.SCA,
        rule_id=call(rule_of, _NAME, _SOURCE),
        title=template(f"{{{_NAME}}} in {{componentName}} {{componentVersionName}}"),
        description=_of("description"),
        severity=[by(_of("severity")), by(_of("overallScore"), "cvss")],
        status=call(_status, *_STAND),
        identifiers=(
            call(names, _NAME, _SOURCE),
            call(_related, _of("relatedVulnerability"), _of("relatedVulnerabilities")),
        ),
        cwes=(_of("cweId"), _of("cweIds")),
        location=package(
            name="componentName",
            version="componentVersionName",
            purl=call(purl_of, "componentVersionOriginName", "componentVersionOriginId"),
        ),
        ratings=(
            rating(
                _SOURCE,
                score=_of("baseScore", "cvss3.baseScore", "cvss2.baseScore"),
                severity=_of("severity"),
                vector=_of("cvss4.vector", "cvss3.vector", "cvss2.vector", "vector"),
            ),
            rating(const("blackduck"), score=_of("overallScore"), severity=_of("severity")),
        ),
        references=(
            reference(url=_of("relatedVulnerability"), type=const("advisory")),
            reference(url="_meta.href", type=const("report")),
        ),
        exploit_maturity=_of("exploitAvailable"),
        licence=licence(name="license.licenseDisplay", category="license.licenses[0].licenseFamilySummary.name"),
        suppressions=when(
            call(_away, *_STAND),
            suppression(
                kind=const("external"),
                status=_of("remediationStatus"),
                justification=_of("remediationComment"),
                author=_of("remediationUpdatedBy"),
            ),
        ),
        tags=(_SOURCE, _of("bdsaTags[]")),
        first_detected_at=_of("remediationCreatedAt", "createdAt"),
        published_at=_of("vulnerabilityPublishedDate", "publishedDate"),
        ignore=(
            "_meta",
            "license",
            "componentVersion",
            "vulnerabilityWithRemediation.exploitabilitySubscore",
            "vulnerabilityWithRemediation.impactSubscore",
        ),
    )
