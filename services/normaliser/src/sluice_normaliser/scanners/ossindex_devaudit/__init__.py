"""DevAudit: vulnerable packages, after OSS Index."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, by, call, const, ident, package, rating
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
devaudit nuget -f packages.config -o json=devaudit.json
sluice push devaudit.json --asset repo:github.com/acme/shop
```
"""

SPEC = ScannerSpec(
    name="ossindex_devaudit",
    title="OSS Index DevAudit",
    kinds=(Kind.SCA,),
    aliases=("devaudit",),
    homepage="https://github.com/sonatype-nexus-community/DevAudit",
    setup=_SETUP,
    formats=(
        Format(
            name="devaudit-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("Packages Audited", "Packages[].Package.pm", "Packages[].Vulnerabilities[].cvssScore"),
                weight=1,
            ),
            maps=(
                Map(
                    each="Packages[].Vulnerabilities[]",
                    kind=Kind.SCA,
                    rule_id="cve | id",
                    title="title",
                    description="description",
                    severity=by("cvssScore", "cvss"),
                    identifiers=("cve", ident("id", "sonatype"), "title"),
                    cwes=("cwe", "title"),
                    location=package(
                        name="^.Package.name",
                        namespace=call(lambda group: None if group == "None" else group, "^.Package.group"),
                        version="^.Package.version",
                        ecosystem="^.Package.pm",
                    ),
                    ratings=rating(const("ossindex"), vector="cvssVector", score="cvssScore"),
                    references="reference",
                    ignore=("^.Package.vendor",),
                ),
            ),
        ),
    ),
)
