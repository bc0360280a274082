"""govulncheck: finds known vulnerabilities in Go modules, and whether the code calls them."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec
from sluice_normaliser.scanners.govulncheck.messages import read, read_old
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
govulncheck -format json ./... > govulncheck.json
sluice push govulncheck.json --asset repo:github.com/acme/shop
```
Each vulnerability of a module is one result. What the code calls counts as reachable; what it only imports or
requires does not. govulncheck grades nothing, so the results have no severity.
"""

_SCAN = ScanMap(name="[].config.scanner_name", version="[].config.scanner_version")

SPEC = ScannerSpec(
    name="govulncheck",
    title="govulncheck",
    kinds=(Kind.SCA,),
    homepage="https://go.dev/doc/security/vuln/",
    setup=_SETUP,
    formats=(
        Format(
            name="govulncheck-json-1",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].config",),
                any_of=("[].config.scanner_name", "[].config.protocol_version", "[].config.go_version"),
                weight=2,
            ),
            scan=_SCAN,
            parse=read,
        ),
        Format(
            name="govulncheck-json-1-without-config",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array", has=("[].finding",), any_of=("[].finding.osv", "[].finding.trace", "[].osv")
            ),
            scan=_SCAN,
            parse=read,
        ),
        Format(
            name="govulncheck-json-0",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("Vulns[].OSV", "Vulns[].ModPath", "Calls.Functions", "Imports.Packages", "Requires.Modules"),
                weight=2,
            ),
            parse=read_old,
        ),
    ),
)
