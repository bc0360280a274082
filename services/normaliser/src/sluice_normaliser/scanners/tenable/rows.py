"""What the rows of Tenable's tables say."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    const,
    epss,
    first,
    fix,
    host,
    ident,
    matching,
    peek,
    rating,
    sections,
    split,
    suppression,
    url,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners.tenable.hosts import asset_of
from sluice_normaliser.scanners.tenable.words import exploit, kind, probability, products, solution, status, web
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod


def _row_asset(*names: Any) -> str | None:
    name = next((told for each_ in names if (told := words(each_))), None)
    return asset_of(None, name) if name else None


def _row_host(*names: Any) -> str | None:
    return next((told for each_ in names if (told := words(each_))), None)


def _ip(*names: Any) -> str | None:
    """Return the first that looks like an address."""
    return next(
        (told for each_ in names if (told := words(each_)) and (told.replace(".", "").isdigit() or ":" in told)), None
    )


_CVSS2 = '"CVSS v2.0 Base Score" | "CVSS V2 Base Score" | CVSS Base Score | CVSS'
_VECTOR3 = '"CVSS V3 Vector" | CVSS3 Vector | "CVSS v3.0 Vector"'
_VECTOR2 = '"CVSS V2 Vector" | CVSS Vector | "CVSS v2.0 Vector"'
_CVSS3 = '"CVSS v3.0 Base Score" | "CVSS V3 Base Score" | CVSS3 Base Score | CVSSv3'


def _row(machine: tuple[str, ...], **fields: Any) -> Map:
    """Return the map of a row; ``machine`` are the columns that may name it, the best first."""
    return Map(
        description=sections("Synopsis", "Description"),
        identifiers=(
            split("CVE"),
            ident(split('XREF | "Cross References"'), "vendor"),
            ident(split("BID"), scheme="bid"),
        ),
        ratings=(
            rating(const("tenable"), vector="CVSS V4 Vector", score='"CVSS v4.0 Base Score" | "CVSS V4 Base Score"'),
            rating(const("tenable"), vector=_VECTOR3, score=_CVSS3, version=const("3.0")),
            rating(const("tenable"), vector=_VECTOR2, score=_CVSS2, version=const("2.0")),
            rating(
                const("tenable_vpr"),
                score='"VPR Score" | "Vulnerability Priority Rating"',
                method=RatingMethod.VENDOR,
            ),
            rating(const("tenable"), severity="Risk Factor", method=RatingMethod.VENDOR),
            epss(call(probability, "EPSS Score")),
        ),
        fix=fix(recommendation=call(solution, "Solution | Steps to Remediate")),
        references="See Also",
        related_locations=call(products, peek("CPE | Cpe")),
        asset=call(_row_asset, *machine),
        exploit_maturity=call(exploit, 'Metasploit | "Exploit?"', '"Exploit Ease"', const(None)),
        **fields,
    )


_STATES = {"FIXED": ObservationStatus.FIXED}


def _state(state: Any, modified: Any, severity: Any) -> Said:
    told, risk = words(state), (words(modified) or "").upper()
    if risk == "ACCEPTED":
        return Said(ObservationStatus.SUPPRESSED, risk)
    known = _STATES.get((told or "").upper())
    return Said(known or status(severity, None).status, told)


_NAMES = ("FQDN", "DNS Name", "Host", "NetBIOS Name", "IP Address")
ROW = _row(
    _NAMES,
    kind=call(kind, const(None), "Host"),
    rule_id="Plugin ID | Plugin",
    rule_name="Name | Plugin Name",
    title="Name | Plugin Name",
    severity=[by("Risk | Severity | Risk Factor"), by("Risk | Severity", "0-4")],
    status=call(_state, "Vulnerability State", const(None), "Risk | Severity"),
    location=first(
        url(url=call(web, "Host", const(None))),
        host(
            host=call(_row_host, *_NAMES),
            ip=call(_ip, "IP Address", "Host"),
            port="Port",
            protocol="Protocol",
            mac="MAC Address",
            os="OS",
        ),
    ),
    tags=("Plugin Family | Family",),
    evidence={"plugin_output": "Plugin Output | Plugin Text"},
    first_detected_at="First Discovered | First Found",
    last_detected_at="Last Observed | Last Found",
    published_at="Vuln Publication Date",
)
"""A row of Nessus, of Security Center, or of the table that Vulnerability Management wrote before its findings."""


def _d(name: str) -> str:
    return f'"definition.{name}"'


def _asset(name: str) -> str:
    return f'"asset.{name}"'


def _upper_free(value: Any) -> str | None:
    found = words(value)
    return found.lower() if found else None


ROW_OF_PLATFORM = Map(
    kind=Kind.HOST,
    rule_id=_d("id"),
    rule_name=_d("name"),
    title=_d("name"),
    description=sections(_d("synopsis"), _d("description")),
    severity=[by(f"severity | {_d('severity')}"), by("severity", "0-4")],
    status=call(_state, "state", "risk_modified", "severity"),
    identifiers=(
        split(_d("cve")),
        ident(split(_d("bugtraq")), scheme="bid"),
        ident(split(_d("iava")), scheme="iava"),
        ident(split(_d("iavb")), scheme="iavb"),
    ),
    cwes=split(_d("cwe")),
    location=host(
        host=f"{_asset('display_fqdn')} | {_asset('host_name')} | {_asset('name')} | {_asset('display_ipv4_address')}",
        ip=f"{_asset('display_ipv4_address')} | {_asset('display_ipv6_address')}",
        port=f"port | {_asset('port')}",
        protocol=call(_upper_free, "protocol"),
        mac=_asset("display_mac_address"),
        os=_asset("operating_system"),
    ),
    related_locations=call(products, peek(_d("cpe"))),
    ratings=(
        rating(const("tenable"), vector=_d("cvss4.base_vector"), score=_d("cvss4.base_score")),
        rating(const("tenable"), vector=_d("cvss3.base_vector"), score=_d("cvss3.base_score"), version=const("3.0")),
        rating(const("tenable"), vector=_d("cvss2.base_vector"), score=_d("cvss2.base_score"), version=const("2.0")),
        rating(const("tenable"), severity=_d("severity"), method=RatingMethod.VENDOR),
        rating(const("tenable_vpr"), score=f"{_d('vpr.score')} | {_d('vpr_v2.score')}", method=RatingMethod.VENDOR),
        epss(call(probability, _d("epss.score"))),
    ),
    fix=fix(recommendation=call(solution, _d("solution"))),
    references=(_d("see_also"),),
    evidence={"plugin_output": "output"},
    suppressions=when(
        matching("risk_modified", r"(?i)^(accepted)$"),
        suppression(kind=const("external"), status=const("accepted"), justification="recast_reason"),
    ),
    exploit_maturity=call(exploit, const(None), _d("exploitability_ease"), _d("vpr.drivers_exploit_code_maturity")),
    fingerprints={"tenable_id": "id"},
    asset=call(_row_asset, _asset("display_fqdn"), _asset("host_name"), _asset("name"), _asset("display_ipv4_address")),
    tags=(_d("family"),),
    first_detected_at="first_observed",
    last_detected_at="last_seen",
    published_at=_d("vulnerability_published"),
)
