"""Checkmarx One: the results of all its engines, from its API and command line tool, and its improved scan report."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec
from sluice_normaliser.scanners.checkmarx_one.report import LISTED, REPORT_MAPS
from sluice_normaliser.scanners.checkmarx_one.results import RESULT_MAPS
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
cx results show --scan-id $SCAN --report-format json --output-name checkmarx
sluice push checkmarx.json --asset repo:github.com/acme/shop
```
The answer of `GET /api/results/?scan-id=…&limit=10000` is the same. The improved scan report (*Generate report →
JSON*), and `--report-format sarif`, do, too. Results marked *Not Exploitable* count as suppressed.
"""
_ENGINES = r"^(sast|sca|kics|iac|containers|sca-container|scs|sscs.*|apisec|api-security|microengines)$"

SPEC = ScannerSpec(
    name="checkmarx_one",
    title="Checkmarx One",
    kinds=(Kind.SAST, Kind.SCA, Kind.IAC, Kind.CONTAINER, Kind.SECRET),
    aliases=("cxone", "cx-one", "ast-cli"),
    homepage="https://checkmarx.com",
    setup=_SETUP,
    formats=(
        Format(
            name="checkmarx-one-results-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("results[].state", "results[].status", "results[].similarityId", "results[].data"),
                match={"results[].type": _ENGINES},
                weight=1,
            ),
            maps=RESULT_MAPS,
        ),
        Format(
            name="checkmarx-one-results-json-none",
            container="json",
            detect=JsonShape(root="object", has=("results", "totalCount", "scanID"), lacks=("results[].type",)),
            maps=RESULT_MAPS,
        ),
        Format(
            name="checkmarx-one-results-json-nothing",
            container="json",
            detect=JsonShape(
                root="object", has=("results",), lacks=("results[]",), only=("results", "totalCount"), weight=-3
            ),
            maps=RESULT_MAPS,
        ),
        Format(
            name="checkmarx-one-report-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("scanResults.resultsList", "iacScanResults", "scaScanResults", "containerScanResults"),
                lacks=("scanResults.sast",),
                weight=2,
            ),
            scan=ScanMap(
                scanned_at="reportCreationDate",
                category="reportHeader.projectName",
                ref="reportHeader.branchName",
            ),
            maps=REPORT_MAPS,
        ),
        Format(
            name="checkmarx-one-gitlab-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities[].location.file", "vulnerabilities[].identifiers"),
                match={"vulnerabilities[].scanner.name": "(?i)checkmarx|cxast|cxflow"},
                weight=4.0,
            ),
            maps=(LISTED,),
        ),
        Format(
            name="checkmarx-one-gitlab-json-unsigned",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities[].location.file", "vulnerabilities[].identifiers"),
                weight=-4.0,
            ),
            maps=(LISTED,),
        ),
    ),
)
