"""DefectDojo's generic findings: the JSON and CSV that many home-made tools already write."""

from typing import Any

from sluice_normaliser.kit import CsvShape, Format, JsonShape, ScanMap, ScannerSpec, call
from sluice_normaliser.scanners.generic.findings import findings
from sluice_shared.contracts.finding import Kind

_SETUP = """
Any script can write it: `{"type": "My tool", "findings": [{"title": …, "severity": "High", "description": …}]}`, with
the field names of DefectDojo's findings, or the CSV with the columns Title, Severity, Description.
```sh
sluice push findings.json --scanner generic --asset repo:github.com/acme/shop
```
`type` keeps several such tools over one asset apart. A list of findings from DefectDojo's API is read, too. New tools
had better write Sluice findings JSON (`sluice`).
"""

_SCAN = ScanMap(name="type | name", version="version", category="type | name")


def _is_all(next_page: Any, previous_page: Any) -> bool:
    return not next_page and not previous_page


SPEC = ScannerSpec(
    name="generic",
    title="Generic findings",
    kinds=(Kind.OTHER, Kind.SCA, Kind.SAST, Kind.DAST),
    aliases=("generic_findings_import", "defectdojo_generic"),
    homepage="https://docs.defectdojo.com/supported_tools/parsers/generic_findings_import/",
    setup=_SETUP,
    differences={"generic_report1.csv": "one observation for each row; the reference merges rows by title"},
    formats=(
        Format(
            name="generic-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("findings[].title", "findings[].severity"),
                lacks=("sluice", "findings[].rule_id", "data"),
                weight=-1,
            ),
            scan=_SCAN,
            parse=findings("findings"),
        ),
        Format(
            name="generic-json-ungraded",
            container="json",
            detect=JsonShape(
                root="object",
                has=("findings[].title", "findings[].description"),
                lacks=("sluice", "findings[].rule_id", "data"),
                weight=-3,
            ),
            scan=_SCAN,
            parse=findings("findings"),
        ),
        Format(
            name="generic-json-nothing",
            container="json",
            detect=JsonShape(root="object", has=("findings",), lacks=("findings[]", "sluice"), weight=-1.5),
            scan=_SCAN,
            parse=findings("findings"),
        ),
        Format(
            name="generic-api",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results[].title", "results[].numerical_severity"),
                any_of=("results[].found_by", "results[].vulnerability_ids", "results[].test"),
            ),
            scan=ScanMap(complete=call(_is_all, "next", "previous")),
            parse=findings("results"),
        ),
        Format(
            name="generic-csv",
            container="csv",
            detect=CsvShape(
                columns=("Title", "Severity", "Description"),
                any_of=(
                    *("CweId", "CweIds", "Mitigation", "Active", "Verified", "FalsePositive", "Duplicate", "Date"),
                    *("IsMitigated", "Vulnerability Id", "Impact", "CVSSV3"),
                ),
            ),
            parse=findings(None),
        ),
    ),
)
