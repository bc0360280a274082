"""mix_audit: known vulnerabilities of Elixir packages."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, call, const, ident, join, package, template
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
mix deps.audit --format json > mix-audit.json
sluice push mix-audit.json --asset repo:github.com/acme/shop
```
"""


def _patched(versions: Any) -> list[str]:
    listed = versions if isinstance(versions, list) else [versions]
    return [str(one).lstrip("~>= ") for one in listed if one]


SPEC = ScannerSpec(
    name="mix_audit",
    title="mix_audit",
    kinds=(Kind.SCA,),
    homepage="https://github.com/mirego/mix_audit",
    setup=_SETUP,
    formats=(
        Format(
            name="mix-audit-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities",),
                any_of=("pass", "vulnerabilities[].dependency.lockfile", "vulnerabilities[].advisory.package"),
                lacks=("vulnerabilities.found", "vulnerabilities.list"),
            ),
            maps=(
                Map(
                    each="vulnerabilities[]",
                    kind=Kind.SCA,
                    rule_id="advisory.cve | advisory.id",
                    title="advisory.title",
                    description="advisory.description",
                    severity="advisory.severity",
                    identifiers=(ident("advisory.id", "vendor"), template("CVE-{advisory.cve}"), "advisory.url"),
                    location=package(
                        name="dependency.package",
                        version="dependency.version",
                        ecosystem=const("hex"),
                        path="dependency.lockfile",
                        fixed_versions=call(_patched, "advisory.first_patched_versions | advisory.patched_versions"),
                        affected_range=join("advisory.vulnerable_version_ranges[]", sep=" || "),
                    ),
                    references="advisory.url",
                    published_at="advisory.disclosure_date",
                    ignore=("advisory.package",),
                ),
            ),
        ),
    ),
)
