"""pip-audit: known vulnerabilities of installed or required Python packages."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, const, ident, package, template
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
pip-audit --format json --desc on --aliases on --output pip-audit.json -r requirements.txt
sluice push pip-audit.json --asset repo:github.com/acme/shop --scanner pip_audit
```
pip-audit ends with status 1 when it found something. It knows no severities; enrichment adds them. Packages that it
skipped, because they are not on PyPI, are no results.
"""


def _vulnerabilities(dependencies: str) -> Map:
    return Map(
        each=f"{dependencies}.vulns[]",
        kind=Kind.SCA,
        rule_id="id",
        title=template("{^.name} {^.version}: {id}"),
        description="description",
        identifiers=(ident("id", "osv"), ident("aliases[]", "osv")),
        location=package(name="^.name", version="^.version", ecosystem=const("pypi"), fixed_versions="fix_versions[]"),
        published_at="published",
    )


SPEC = ScannerSpec(
    name="pip_audit",
    title="pip-audit",
    kinds=(Kind.SCA,),
    homepage="https://github.com/pypa/pip-audit",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="pip-audit-json-2",
            container="json",
            detect=JsonShape(root="object", has=("dependencies", "fixes")),
            maps=(_vulnerabilities("dependencies[]"),),
        ),
        Format(
            name="pip-audit-json-2-without-fixes",
            container="json",
            detect=JsonShape(
                root="object",
                has=("dependencies[].name",),
                any_of=("dependencies[].vulns", "dependencies[].skip_reason"),
            ),
            maps=(_vulnerabilities("dependencies[]"),),
        ),
        Format(
            name="pip-audit-json-2-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("dependencies",),
                lacks=("dependencies[]",),
                only=("dependencies", "fixes"),
                weight=-1,
            ),
            maps=(_vulnerabilities("dependencies[]"),),
        ),
        Format(
            name="pip-audit-json-1",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[][].name",), any_of=("[][].vulns", "[][].skip_reason")),
            maps=(_vulnerabilities("[][]"),),
        ),
    ),
)
