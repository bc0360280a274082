"""pnpm audit: known vulnerabilities of the packages in pnpm-lock.yaml."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, join
from sluice_normaliser.scanners._npm import advisories
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
pnpm audit --json > pnpm-audit.json
sluice push pnpm-audit.json --asset repo:github.com/acme/shop --scanner pnpm_audit
```
Name the scanner: a run that found nothing looks like one of Yarn or npm. pnpm ends with status 1 when it found
something; when the registry cannot be asked it writes an error instead of a report, which is refused.
"""

_ADVISORIES = advisories("advisories.*", manifest="pnpm-lock.yaml")

_PATH = r"^(?:\.|[^>@\s]*(?:__|/)[^>@]*) ?>"

SPEC = ScannerSpec(
    name="pnpm_audit",
    title="pnpm audit",
    kinds=(Kind.SCA,),
    homepage="https://pnpm.io/cli/audit",
    setup=_SETUP,
    aliases=("pnpm",),
    formats=(
        Format(
            name="pnpm-audit-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("advisories", "metadata.vulnerabilities", "metadata.totalDependencies"),
                lacks=("runId",),
                match={"advisories.*.findings[].paths[]": _PATH},
            ),
            maps=(_ADVISORIES,),
        ),
        Format(
            name="pnpm-audit-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("advisories", "metadata.vulnerabilities", "metadata.totalDependencies"),
                lacks=("runId", "actions"),
                weight=-1,
            ),
            maps=(_ADVISORIES,),
        ),
        Format(
            name="pnpm-audit-json-of-registry",
            container="json",
            detect=JsonShape(
                root="object", has=("advisories", "metadata.vulnerabilities"), lacks=("runId",), weight=-4
            ),
            maps=(_ADVISORIES,),
        ),
        Format(
            name="pnpm-audit-json-cut",
            container="json",
            detect=JsonShape(
                root="object",
                has=("advisories.*.module_name",),
                lacks=("runId", "actions", "muted"),
                match={"advisories.*.findings[].paths[]": _PATH},
            ),
            maps=(_ADVISORIES,),
        ),
        Format(
            name="pnpm-audit-error",
            container="json",
            detect=JsonShape(
                root="object", has=("error.code", "error.message"), match={"error.code": "^ERR_PNPM_|^pnpm:"}
            ),
            scan=ScanMap(refuse=join("error.code", "error.message", sep=": ")),
            maps=(_ADVISORIES,),
        ),
    ),
)
