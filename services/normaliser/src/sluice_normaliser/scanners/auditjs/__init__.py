"""AuditJS: checks npm dependencies against Sonatype OSS Index."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, by, const, package, rating
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
npx auditjs ossi --json > auditjs.json
sluice push auditjs.json --asset repo:github.com/acme/shop
```
The output without `--json` is for people only and is refused.
"""

_VULNERABILITY = Map(
    each="[].vulnerabilities[]",
    kind=Kind.SCA,
    rule_id="cve | id",
    title="title",
    description="description",
    severity=by("cvssScore", "cvss"),
    identifiers=("cve", "id", "title"),
    cwes=("cwe", "title"),
    location=package(purl="^.coordinates"),
    ratings=rating(const("ossindex"), vector="cvssVector", score="cvssScore"),
    references=("reference",),
)

SPEC = ScannerSpec(
    name="auditjs",
    title="AuditJS",
    kinds=(Kind.SCA,),
    homepage="https://github.com/sonatype-nexus-community/auditjs",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    differences={"*": "one per record; the reference merges equal ones"},
    formats=(
        Format(
            name="auditjs-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array", any_of=("[].vulnerabilities", "[].reference"), match={"[].coordinates": "^pkg:npm/"}
            ),
            maps=(_VULNERABILITY,),
        ),
        Format(
            name="auditjs-json-without-coordinates",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].vulnerabilities[].cvssScore",),
                any_of=("[].reference", "[].vulnerabilities[].cvssVector", "[].vulnerabilities[].reference"),
                lacks=("[].coordinates",),
            ),
            maps=(_VULNERABILITY,),
        ),
    ),
)
