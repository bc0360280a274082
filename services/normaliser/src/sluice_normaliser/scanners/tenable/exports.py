"""What Tenable's interfaces answer in JSON: the export of Vulnerability Management, the analysis of Security Center."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    const,
    each,
    epss,
    fix,
    host,
    ident,
    peek,
    rating,
    sections,
    split,
    template,
    timestamp,
)
from sluice_normaliser.kit.coerce import strings
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners.tenable.hosts import asset_of
from sluice_normaliser.scanners.tenable.words import exploit, probability, products, service, solution, status
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod


def _first(*names: Any) -> str | None:
    return next((told for each_ in names for told in strings(each_)), None)


def _asset(*names: Any) -> str | None:
    return asset_of(None, _first(*names))


def _state(state: Any, modified: Any, severity: Any) -> Said:
    told = words(state)
    if (told or "").upper() == "FIXED":
        return Said(ObservationStatus.FIXED, told)
    if (words(modified) or "").upper() == "ACCEPTED":
        return Said(ObservationStatus.SUPPRESSED, words(modified))
    return Said(status(severity, None).status, told)


def _accepted(accepted: Any, severity: Any) -> Said:
    if (words(accepted) or "").lower() in {"1", "true"}:
        return Said(ObservationStatus.SUPPRESSED, "accepted risk")
    return status(severity, None)


def _cross_references(told: Any) -> list[str]:
    """Return ``CWE:94`` of ``CWE #94``, for each of a list with commas."""
    return [each_.strip().replace(" #", ":") for each_ in (words(told) or "").split(",") if each_.strip()]


def _lower(value: Any) -> str | None:
    told = words(value)
    return told.lower() if told else None


_OF_PLATFORM = ("asset.fqdn", "asset.hostname", "asset.netbios_name", "asset.ipv4", "asset.ipv6")

EXPORTED = Map(
    each="[]",
    kind=Kind.HOST,
    rule_id="plugin.id",
    rule_name="plugin.name",
    title="plugin.name",
    description=sections("plugin.synopsis", "plugin.description"),
    severity=[by("severity"), by("severity_id", "0-4"), by("plugin.risk_factor")],
    status=call(_state, "state", "severity_modification_type", "severity"),
    identifiers=(
        "plugin.cve[]",
        ident("plugin.bid[]", scheme="bid"),
        each("plugin.xrefs[]", ident(template("{type}:{id}"), "vendor")),
    ),
    cwes="plugin.cwe[]",
    location=host(
        host=call(_first, *_OF_PLATFORM),
        ip="asset.ipv4 | asset.ipv6",
        port="port.port",
        protocol=call(_lower, "port.protocol"),
        service=call(service, "port.service"),
        mac="asset.mac_address",
        os="asset.operating_system[0]",
    ),
    related_locations=call(products, peek("plugin.cpe")),
    ratings=(
        rating(const("tenable"), vector="plugin.cvss4_vector.raw", score="plugin.cvss4_base_score"),
        rating(
            const("tenable"),
            vector="plugin.cvss3_vector.raw",
            score="plugin.cvss3_base_score",
            version=const("3.0"),
        ),
        rating(const("tenable"), vector="plugin.cvss_vector.raw", score="plugin.cvss_base_score", version=const("2.0")),
        rating(const("tenable"), severity="plugin.risk_factor", method=RatingMethod.VENDOR),
        rating(const("tenable_vpr"), score="plugin.vpr.score", method=RatingMethod.VENDOR),
        epss(call(probability, "plugin.epss_score")),
    ),
    fix=fix(recommendation=call(solution, "plugin.solution")),
    references="plugin.see_also[]",
    evidence={"plugin_output": "output"},
    exploit_maturity=call(exploit, "plugin.exploit_available", "plugin.exploitability_ease", const(None)),
    fingerprints={"tenable_id": "finding_id"},
    asset=call(_asset, *_OF_PLATFORM),
    tags="plugin.family",
    first_detected_at="first_found",
    last_detected_at="last_found",
    published_at="plugin.vuln_publication_date",
    ignore=("plugin.cvss_vector", "plugin.cvss3_vector", "plugin.cvss4_vector"),
)

_OF_CENTER = ("dnsName", "netbiosName", "ip", "uuid")

ANALYSED = Map(
    each="response.results[]",
    kind=Kind.HOST,
    rule_id="pluginID",
    rule_name="pluginName | name",
    title="pluginName | name",
    description=sections("synopsis", "description"),
    severity=[by("severity.name"), by("severity.id | severity", "0-4"), by("riskFactor")],
    status=call(_accepted, "acceptRisk", "severity.name"),
    identifiers=(split("cve"), ident(split("bid"), scheme="bid"), ident(call(_cross_references, "xref"), "vendor")),
    location=host(
        host=call(_first, *_OF_CENTER),
        ip="ip",
        port="port",
        protocol=call(_lower, "protocol"),
        mac="macAddress",
        os="operatingSystem",
    ),
    related_locations=call(products, peek("cpe")),
    ratings=(
        rating(const("tenable"), vector="cvssV4Vector", score="cvssV4BaseScore"),
        rating(const("tenable"), vector="cvssV3Vector", score="cvssV3BaseScore", version=const("3.0")),
        rating(const("tenable"), vector="cvssVector", score="baseScore", version=const("2.0")),
        rating(const("tenable"), severity="riskFactor", method=RatingMethod.VENDOR),
        rating(const("tenable_vpr"), score="vprScore", method=RatingMethod.VENDOR),
        epss(call(probability, "epssScore")),
    ),
    fix=fix(recommendation=call(solution, "solution")),
    references="seeAlso",
    evidence={"plugin_output": "pluginText"},
    exploit_maturity=call(exploit, "exploitAvailable", "exploitEase", const(None)),
    asset=call(_asset, *_OF_CENTER),
    tags="family.name | family",
    first_detected_at=timestamp("firstSeen"),
    last_detected_at=timestamp("lastSeen"),
    published_at=timestamp("vulnPubDate"),
    ignore=("hostUniqueness", "uniqueness", "severity.description"),
)
