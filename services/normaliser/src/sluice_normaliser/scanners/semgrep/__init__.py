"""Semgrep: static analysis by patterns, supply chain findings included."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, call
from sluice_normaliser.scanners.semgrep.maps import RESULTS, SUPPLY_CHAIN
from sluice_normaliser.scanners.semgrep.run import failure, nothing_scanned
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
semgrep scan --config auto --json --output semgrep.json
sluice push semgrep.json --asset repo:github.com/acme/shop
```
Without a login Semgrep writes `requires login` for the lines and the fingerprint of every finding; Sluice then
recognises them by rule, path and place. Findings that `nosemgrep` ignores are suppressed.
"""

SPEC = ScannerSpec(
    name="semgrep",
    title="Semgrep",
    kinds=(Kind.SAST, Kind.SCA, Kind.SECRET),
    homepage="https://semgrep.dev",
    setup=_SETUP,
    aliases=("opengrep", "semgrep_oss"),
    formats=(
        Format(
            name="semgrep-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results", "errors"),
                any_of=("results[].check_id", "paths.scanned", "skipped_rules", "interfile_languages_used"),
                lacks=("metrics",),
            ),
            scan=ScanMap(
                version="version",
                failure=call(failure, "errors"),
                refuse=call(nothing_scanned, "results", "errors", "paths.scanned"),
            ),
            maps=(RESULTS,),
        ),
        Format(
            name="semgrep-supply-chain-json",
            container="json",
            detect=JsonShape(root="object", has=("vulns", "vulns[].advisory", "vulns[].matchedDependency")),
            maps=(SUPPLY_CHAIN,),
        ),
    ),
)
