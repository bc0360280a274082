"""Edgescan: vulnerabilities of a managed scanning service, as its API gives them."""

from dataclasses import replace

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    const,
    first,
    fix,
    host,
    matching,
    rating,
    status,
    url,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
curl -H "X-API-TOKEN: $TOKEN" https://live.edgescan.com/api/v1/vulnerabilities.json \\
    | jq .vulnerabilities > edgescan.json
sluice push edgescan.json --asset service:shop --scanner api_edgescan
```
"""

_LOCATION = first(
    url(url=matching("location", r"^(\w+://\S+)$")),
    host(host=matching("location", r"^([^\s/:]+)(?=[:/]|$)"), port=matching("location", r"^[^\s/:]+:(\d+)(?:/|$)")),
    host(host="location"),
)
_VULNERABILITY = Map(
    each="[]",
    kind=Kind.DAST,
    rule_id="name",
    title="name",
    description="description",
    severity=by("severity", "1-5"),
    status=status(
        "status",
        {"open": ObservationStatus.OPEN, "closed": ObservationStatus.FIXED},
        default=ObservationStatus.OPEN,
    ),
    identifiers=("cves[]",),
    cwes=("cwes[]",),
    location=_LOCATION,
    ratings=rating(const("edgescan"), vector="cvss_vector", score="cvss_score"),
    fix=fix(recommendation="remediation"),
    fingerprints={"edgescan": "id"},
    tags=("layer", "asset_name"),
    first_detected_at="date_opened",
    last_detected_at="date_closed",
)

SPEC = ScannerSpec(
    name="api_edgescan",
    scanner="edgescan",
    title="Edgescan",
    kinds=(Kind.DAST,),
    homepage="https://www.edgescan.com",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="edgescan-api",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].asset_id",),
                any_of=("[].location_specifier_id", "[].pci_compliance_status", "[].threat"),
            ),
            maps=(_VULNERABILITY,),
        ),
        Format(
            name="edgescan-api-answer",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities[].asset_id",),
                any_of=("vulnerabilities[].location_specifier_id", "vulnerabilities[].definition_id"),
            ),
            maps=(replace(_VULNERABILITY, each="vulnerabilities[]"),),
        ),
    ),
)
