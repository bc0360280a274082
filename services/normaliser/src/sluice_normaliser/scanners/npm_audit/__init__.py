"""npm audit of npm 6: known vulnerabilities of the packages in a lock file."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, join
from sluice_normaliser.scanners._npm import advisories
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
npm audit --json > npm-audit.json      # npm 6; the reports of later versions belong to npm_audit_7_plus
sluice push npm-audit.json --asset repo:github.com/acme/shop
```
npm ends with status 1 when it found something. When the registry cannot be asked it writes an error instead of a
report; such a body is refused, so that it closes nothing.
"""

_ADVISORIES = advisories("advisories.*", manifest="package-lock.json")

SPEC = ScannerSpec(
    name="npm_audit",
    title="npm audit (npm 6)",
    kinds=(Kind.SCA,),
    homepage="https://docs.npmjs.com/cli/v6/commands/npm-audit",
    setup=_SETUP,
    aliases=("npm_audit_6",),
    formats=(
        Format(
            name="npm-audit-json-1",
            container="json",
            detect=JsonShape(root="object", has=("actions", "advisories", "muted", "metadata", "runId")),
            maps=(_ADVISORIES,),
        ),
        Format(
            name="npm-audit-json-1-without-run",
            container="json",
            detect=JsonShape(root="object", has=("advisories", "metadata.vulnerabilities"), weight=-2),
            maps=(_ADVISORIES,),
        ),
        Format(
            name="npm-audit-json-1-cut",
            container="json",
            detect=JsonShape(root="object", has=("advisories.*.module_name",), weight=-4.5),
            maps=(_ADVISORIES,),
        ),
        Format(
            name="npm-audit-error",
            container="json",
            detect=JsonShape(root="object", has=("error.summary",), any_of=("error.code", "error.detail")),
            scan=ScanMap(refuse=join("error.code", "error.summary", "error.detail", sep=": ")),
            maps=(_ADVISORIES,),
        ),
        Format(
            name="npm-audit-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("advisories",),
                lacks=("advisories.*",),
                only=("advisories", "actions", "muted", "metadata"),
                weight=-6,
            ),
            maps=(_ADVISORIES,),
        ),
    ),
)
