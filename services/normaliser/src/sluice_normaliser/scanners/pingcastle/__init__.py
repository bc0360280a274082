"""PingCastle: weaknesses of Active Directory domains."""

from sluice_normaliser.kit import Format, Map, ScanMap, ScannerSpec, XmlShape, const, join, resource
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
PingCastle.exe --healthcheck --server acme.local   # writes ad_hc_acme.local.xml
sluice push ad_hc_acme.local.xml --asset domain:acme.local
```
PingCastle gives points in place of severities; enrichment and rules may grade them.
"""

SPEC = ScannerSpec(
    name="pingcastle",
    title="PingCastle",
    kinds=(Kind.HOST,),
    homepage="https://www.pingcastle.com",
    setup=_SETUP,
    misses={
        "hosts: *": "a rule is about the domain; the report does not say which of its controllers break it",
    },
    formats=(
        Format(
            name="pingcastle-xml",
            container="xml",
            detect=XmlShape(root="HealthcheckData"),
            scan=ScanMap(version="EngineVersion", scanned_at="GenerationDate"),
            maps=(
                Map(
                    each="RiskRules.HealthcheckRiskRule[]",
                    kind=Kind.HOST,
                    rule_id="RiskId",
                    title="Rationale",
                    description="Rationale",
                    identifiers=("Rationale", "RiskId"),
                    location=resource(
                        resource="$.DomainFQDN", resource_type=const("active-directory-domain"), name="$.NetBIOSName"
                    ),
                    evidence={"output": join("Details.string[]", sep="\n")},
                    rank="Points",
                    tags=("Category", "Model"),
                ),
            ),
        ),
    ),
)
