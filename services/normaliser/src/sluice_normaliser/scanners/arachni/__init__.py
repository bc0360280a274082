"""Arachni: scans web applications."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, fix, url
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
arachni https://shop.acme.example --report-save-path shop.afr
arachni_reporter shop.afr --reporter=json:outfile=arachni.json
sluice push arachni.json --asset service:shop
```
"""

SPEC = ScannerSpec(
    name="arachni",
    title="Arachni",
    kinds=(Kind.DAST,),
    homepage="https://github.com/Arachni/arachni",
    setup=_SETUP,
    differences={"dd.com.afr.json": "one per issue; the reference merges equal ones"},
    formats=(
        Format(
            name="arachni-json",
            container="json",
            detect=JsonShape(root="object", has=("issues", "sitemap", "seed", "plugins", "start_datetime")),
            scan=ScanMap(version="version", scanned_at="finish_datetime"),
            maps=(
                Map(
                    each="issues[]",
                    kind=Kind.DAST,
                    rule_id="check.shortname",
                    rule_name="check.name",
                    title="name",
                    description="description",
                    severity="severity",
                    cwes=("cwe",),
                    location=url(
                        url="vector.url | page.dom.url",
                        method="vector.method | request.method",
                        parameter="vector.affected_input_name",
                        status_code="response.code",
                    ),
                    references=("references.*", "cwe_url"),
                    fix=fix(recommendation="remedy_guidance"),
                    evidence={
                        "proof": "proof",
                        "request": "request.headers_string",
                        "response": "response.headers_string",
                    },
                    fingerprints={"digest": "digest"},
                    tags=("tags[]",),
                    ignore=("page", "referring_page", "response", "request", "check", "variations"),
                ),
            ),
        ),
    ),
)
