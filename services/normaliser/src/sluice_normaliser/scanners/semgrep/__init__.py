"""Semgrep: static analysis by patterns, supply chain findings included."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, call
from sluice_normaliser.scanners._notices import notice
from sluice_normaliser.scanners.semgrep.maps import RESULTS, SUPPLY_CHAIN
from sluice_normaliser.scanners.semgrep.run import failure, nothing_scanned
from sluice_normaliser.scanners.semgrep.webhook import NOTIFIED
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
semgrep scan --config auto --json --output semgrep.json
sluice push semgrep.json --asset repo:github.com/acme/shop
```
Without a login Semgrep writes `requires login` for the lines and the fingerprint of every finding; Sluice then
recognises them by rule, path and place. Findings that `nosemgrep` ignores are suppressed.
The webhook of Semgrep's platform (*Findings*) is read as well; each finding names its repository.
"""

_RUN = ScanMap(
    version="version",
    failure=call(failure, "errors"),
    refuse=call(nothing_scanned, "results", "errors", "paths.scanned"),
)

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
                has=("results[].check_id",),
                any_of=("results[].extra", "results[].start", "results[].path"),
                weight=1,
            ),
            scan=_RUN,
            maps=(RESULTS,),
        ),
        Format(
            name="semgrep-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results",),
                any_of=("paths.scanned", "paths._comment", "skipped_rules", "interfile_languages_used"),
                lacks=("metrics", "results[]"),
                weight=1,
            ),
            scan=_RUN,
            maps=(RESULTS,),
        ),
        Format(
            name="semgrep-json-bare",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results", "errors"),
                only=("results", "errors", "version", "paths", "stats", "time"),
                lacks=("results[]",),
                weight=-3,
            ),
            scan=_RUN,
            maps=(RESULTS,),
        ),
        Format(
            name="semgrep-supply-chain-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulns[].matchedDependency",),
                any_of=("vulns[].advisory", "vulns[].dependencyFileLocation", "vulns[].groupKey"),
                weight=1,
            ),
            maps=(SUPPLY_CHAIN,),
        ),
        Format(
            name="semgrep-webhook",
            container="json",
            detect=JsonShape(has=("[].semgrep_finding.check_id", "[].semgrep_finding.path")),
            scan=ScanMap(complete=False, ref="[0].semgrep_finding.ref"),
            maps=(NOTIFIED,),
        ),
        notice(
            "semgrep-scan-webhook",
            JsonShape(root="object", has=("semgrep_scan.id",)),
            "this is Semgrep's notification of a scan, which carries no findings; have the webhook send findings, or "
            "push the JSON of the scan",
        ),
    ),
)
