"""Sysdig CLI scanner: finds vulnerable packages in container images and on hosts."""

from dataclasses import replace
from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    fix,
    ident,
    package,
    peek,
    rating,
    suppression,
    template,
    when,
)
from sluice_normaliser.scanners._sysdig import OF_CLI_ROWS, OF_ROWS, OF_ROWS_2025, read_rows
from sluice_normaliser.scanners.sysdig_cli.image import about_image, ecosystem, image, kind, version
from sluice_normaliser.scanners.sysdig_cli.references import read
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
SECURE_API_TOKEN=… sysdig-cli-scanner --apiurl https://eu1.app.sysdig.com --output=json-file=sysdig.json \\
  registry.acme.io/shop:1.4          # --json-scan-result=sysdig.json in newer versions
sluice push sysdig.json --asset image:registry.acme.io/shop
```
The scanner ends with status 1 when a policy failed; that is no failure. Accepted risks are kept, as suppressed.
"""
_ABOUT = ("$.result.metadata", "^.layerDigest", "$.result.layers")


def _status(accepted: Any) -> ObservationStatus | None:
    return ObservationStatus.SUPPRESSED if accepted else None


SPEC = ScannerSpec(
    name="sysdig_cli",
    scanner="sysdig",
    title="Sysdig CLI scanner",
    kinds=(Kind.CONTAINER, Kind.SCA, Kind.IAC),
    aliases=("sysdig-cli-scanner",),
    homepage="https://docs.sysdig.com/en/docs/installation/sysdig-secure/install-vulnerability-cli-scanner/",
    setup=_SETUP,
    formats=(
        Format(
            name="sysdig-cli-json-1",
            container="json",
            detect=JsonShape(
                root="object",
                has=("result.packages[]",),
                any_of=(
                    *("result.policyEvaluations", "result.vulnTotalBySeverity"),
                    *("result.packages[].vulns", "result.metadata.pullString"),
                ),
                lacks=("result.assetType", "result.vulnerabilities"),
                weight=2,
            ),
            scan=ScanMap(name="scanner.name", version="scanner.version", scanned_at="info.scanTime"),
            maps=(
                Map(
                    each="result.packages[].vulns[]",
                    kind=call(kind, "$.result.type"),
                    rule_id="name",
                    title=template("{name} in {^.name} {^.version}"),
                    description="description",
                    severity=by("severity.value | severity", source="severity.sourceName"),
                    status=call(_status, peek("acceptedRisks")),
                    identifiers=(ident("name", "vendor"),),
                    location=package(
                        name="^.name",
                        version="^.version",
                        ecosystem=call(ecosystem, "^.type", "$.result.metadata.baseOs"),
                        fixed_versions=call(version, "fixedInVersion", "^.type"),
                        path="^.path",
                        image=call(image, *_ABOUT),
                    ),
                    ratings=rating(
                        "cvssScore.sourceName | severity.sourceName",
                        vector="cvssScore.value.vector",
                        score="cvssScore.value.score",
                        version="cvssScore.value.version",
                    ),
                    exploit_maturity=when("exploitable", const("exploitable")),
                    suppressions=when(
                        peek("acceptedRisks"), suppression(kind=const("external"), status=const("accepted"))
                    ),
                    published_at="disclosureDate",
                ),
                Map(
                    each="result.policyEvaluations[].bundles[].rules[].failures[]",
                    where=call(about_image, "^.failureType"),
                    kind=Kind.IAC,
                    rule_id=template("{^^.identifier}/{^.ruleType}"),
                    title="^.description",
                    message="description | remediation",
                    fix=fix(recommendation="remediation"),
                    tags=("^^.name", "^^^.name"),
                ),
            ),
        ),
        Format(
            name="sysdig-cli-json-2",
            container="json",
            detect=JsonShape(
                root="object",
                has=("result.packages",),
                any_of=("result.assetType", "result.vulnerabilities"),
                weight=2,
            ),
            scan=ScanMap(name="scanner.name", version="scanner.version", scanned_at="info.scanTime"),
            parse=read,
        ),
        *(
            Format(name=name, container="csv", detect=rule, parse=read_rows)
            for name, rule in (
                ("sysdig-cli-csv", OF_CLI_ROWS),
                ("sysdig-report-csv", replace(OF_ROWS, weight=1)),
                ("sysdig-report-csv-2025", replace(OF_ROWS_2025, weight=1)),
            )
        ),
    ),
)
