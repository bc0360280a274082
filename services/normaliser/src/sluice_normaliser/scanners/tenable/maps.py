"""What the items of a Nessus report say."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    Reading,
    by,
    call,
    compliance,
    const,
    construct,
    epss,
    first,
    fix,
    host,
    ident,
    join,
    peek,
    rating,
    sections,
    url,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners.tenable.hosts import asset_of, name_of, only
from sluice_normaliser.scanners.tenable.words import (
    exploit,
    kind,
    probability,
    products,
    service,
    solution,
    status,
    web,
)
from sluice_shared.contracts.finding import Compliance, Observation, RatingMethod

_TAGS = "^.HostProperties.tag"


def _requirements(observation: Observation, record: Any, _: Reading) -> Observation:
    """Add the requirements that a check of a policy stands for: ``800-53|AC-2,CIS|1.1``."""
    told = words(record.get("compliance-reference")) if isinstance(record, dict) else None
    found: list[Compliance] = []
    for reference in (told or "").split(","):
        standard, bar, control = reference.strip().partition("|")
        if bar and standard:
            values = {"standard": standard, "control": control or None, "status": observation.scanner_status}
            found.append(construct(Compliance, values))
    if found:
        observation.compliance = [*observation.compliance, *found]
    return observation


ITEM = Map(
    each="ReportItem[]",
    kind=call(kind, "compliance", "^.@name"),
    rule_id=when(
        '"compliance-result"',
        join("@pluginID", '"compliance-check-id" | "compliance-check-name"', sep=":"),
        "@pluginID",
    ),
    rule_name="@pluginName | plugin_name",
    title=first('"compliance-check-name"', "@pluginName", "plugin_name"),
    description=sections("synopsis", "description", '"compliance-info"'),
    severity=[by("@severity", "0-4"), by("risk_factor")],
    status=call(status, "@severity", '"compliance-result"'),
    identifiers=("cve[]", ident("xref[]", "vendor"), ident("bid[]", scheme="bid")),
    cwes="cwe[]",
    location=first(
        url(
            url=call(web, "^.@name", "url | uri"),
            method="http_method | method",
            parameter="input_name | param",
            parameter_in="input_type",
        ),
        host(
            host=call(name_of, _TAGS, "^.@name"),
            ip=call(only("host-ip"), _TAGS),
            port="@port",
            protocol="@protocol",
            service=call(service, "@svc_name"),
            mac=call(only("mac-address"), _TAGS),
            os=call(only("operating-system"), _TAGS),
        ),
    ),
    related_locations=call(products, peek("cpe[]")),
    ratings=(
        rating(const("tenable"), vector="cvss4_vector", score="cvss4_base_score"),
        rating(
            const("tenable"),
            vector="cvss3_vector",
            score="cvss3_base_score",
            version=const("3.0"),
        ),
        rating(
            const("tenable"),
            vector="cvss_vector",
            score="cvss_base_score",
            version=const("2.0"),
        ),
        rating(const("tenable"), severity="risk_factor", method=RatingMethod.VENDOR),
        rating(const("tenable_vpr"), score="vpr_score", method=RatingMethod.VENDOR),
        epss(call(probability, "epss_score")),
    ),
    fix=fix(recommendation=call(solution, first("solution", '"compliance-solution"'))),
    references=("see_also", '"compliance-see-also"'),
    evidence={
        "plugin_output": "plugin_output",
        "actual": '"compliance-actual-value"',
        "expected": '"compliance-policy-value"',
        "request": "request",
        "response": "response",
        "proof": "proof",
    },
    compliance=when(
        '"compliance-result"',
        compliance(
            standard=first('"compliance-benchmark-name"', "@pluginName", const("policy")),
            control='"compliance-control-id"',
            title='"compliance-check-name"',
            status='"compliance-result"',
        ),
    ),
    exploit_maturity=call(exploit, "exploit_available", "exploitability_ease", "exploit_code_maturity"),
    asset=call(asset_of, _TAGS, "^.@name"),
    tags=("@pluginFamily",),
    published_at="vuln_publication_date",
    ignore=("fname", "script_version", "plugin_type", "compliance", '"compliance-reference"'),
    then=_requirements,
)
