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
                has=("[].config.protocol_version", "[].config.db"),
                match={"[].config.scanner_name": "^govulncheck"},
            ),
            scan=ScanMap(name="[].config.scanner_name", version="[].config.scanner_version"),
            parse=read,
        ),
        Format(
            name="govulncheck-json-0",
            container="json",
            detect=JsonShape(root="object", has=("Calls", "Imports", "Requires"), any_of=("Vulns", "Calls.Functions")),
            parse=read_old,
        ),
    ),
)
