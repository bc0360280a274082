"""CredScan: leaked credentials in source code."""

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    Map,
    ScannerSpec,
    code,
    const,
    secret,
    status,
    suppression,
    template,
    when,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
CredentialScanner.exe -I . -S Searchers.xml -O credscan -f csv
sluice push credscan-matches.csv --asset repo:dev.azure.com/acme/shop
```
"""

SPEC = ScannerSpec(
    name="cred_scan",
    title="Microsoft CredScan",
    kinds=(Kind.SECRET,),
    homepage="https://secdevtools.azurewebsites.net/helpcredscan.html",
    setup=_SETUP,
    differences={"*": "one per row; the reference merges those of one searcher in one line"},
    formats=(
        Format(
            name="credscan-csv",
            container="csv",
            detect=CsvShape(columns=("Source", "Searcher"), any_of=("HashKey", "MatchingScore", "TimeofDiscovery")),
            maps=(
                Map(
                    kind=Kind.SECRET,
                    rule_id="Searcher",
                    title=template("{Searcher} in {Source}"),
                    description="Description",
                    confidence="MatchingScore",
                    status=status(
                        "IsSuppressed", {"yes": ObservationStatus.SUPPRESSED, "true": ObservationStatus.SUPPRESSED}
                    ),
                    location=code(path="Source", start_line="Line"),
                    secret=secret(type="Searcher"),
                    suppressions=when(
                        "SuppressJustification",
                        suppression(kind=const("external"), justification="SuppressJustification"),
                    ),
                    fingerprints={"credscan_hash": "HashKey"},
                    first_detected_at="TimeofDiscovery",
                ),
            ),
        ),
    ),
)
