"""npm audit since npm 7: packages in a lock file that are vulnerable, by themselves or through what they depend on."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, join
from sluice_normaliser.scanners.npm_audit_7_plus.maps import PACKAGES
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
npm audit --json > npm-audit.json
sluice push npm-audit.json --asset repo:github.com/acme/shop
```
npm ends with status 1 when it found something. When the registry cannot be asked it writes an error instead of a
report; such a body is refused, so that it closes nothing.
"""

_ERROR = join("message", "error.code", "error.summary", "error.detail", sep=": ")

SPEC = ScannerSpec(
    name="npm_audit_7_plus",
    title="npm audit",
    kinds=(Kind.SCA,),
    homepage="https://docs.npmjs.com/cli/commands/npm-audit",
    setup=_SETUP,
    aliases=("npm", "npm_audit_7"),
    formats=(
        Format(
            name="npm-audit-json-2",
            container="json",
            detect=JsonShape(root="object", has=("auditReportVersion", "vulnerabilities")),
            maps=(PACKAGES,),
        ),
        Format(
            name="npm-audit-json-2-cut",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities.*.via",),
                any_of=("vulnerabilities.*.nodes", "vulnerabilities.*.effects", "vulnerabilities.*.fixAvailable"),
            ),
            maps=(PACKAGES,),
        ),
        Format(
            name="npm-audit-error-2",
            container="json",
            detect=JsonShape(
                root="object", has=("error.summary",), any_of=("statusCode", "message", "method"), weight=0.5
            ),
            scan=ScanMap(refuse=_ERROR),
            maps=(PACKAGES,),
        ),
        Format(
            name="npm-audit-error",
            container="json",
            detect=JsonShape(root="object", has=("error.summary",), any_of=("error.code", "error.detail"), weight=-1),
            scan=ScanMap(refuse=_ERROR),
            maps=(PACKAGES,),
        ),
    ),
)
