"""Arachni: scans web applications."""

from dataclasses import replace

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, XmlShape, call, fix, url
from sluice_normaliser.kit.coerce import text
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
arachni https://shop.acme.example --report-save-path shop.afr
arachni_reporter shop.afr --reporter=json:outfile=arachni.json
sluice push arachni.json --asset service:shop
```
The XML report (`--reporter=xml:outfile=arachni.xml`) does, too.
"""
_NULL = "[ARACHNI_NULL]"


def _address(found: object) -> str | None:
    """Return an address without the mark that the XML report writes for a NUL in it."""
    said = text(found)
    return said.replace(_NULL, "") if said else None


_ISSUE = Map(
    each="issues[]",
    kind=Kind.DAST,
    rule_id="check.shortname | internal_modname | mod_name",
    rule_name="check.name | mod_name",
    title="name",
    description="description",
    message="remarks.remark[].text",
    severity="severity",
    cwes=("cwe",),
    location=url(
        url=call(_address, "vector.url | url | vector.action | page.dom.url | response.url | page.request.url"),
        method="vector.method | method | request.method | page.request.method",
        parameter="vector.affected_input_name | var | variable",
        status_code="response.code | page.response.code",
    ),
    references=("references.*", "references.reference[].@url", "cwe_url"),
    fix=fix(recommendation="remedy_guidance", patch="remedy_code"),
    evidence={
        "proof": "proof | regexp_match",
        "request": "request.headers_string | page.request.raw",
        "response": "response.headers_string | page.response.raw_headers",
        "attack": "injected",
    },
    fingerprints={"digest": "digest | _hash"},
    tags=("tags[]",),
    ignore=("page", "referring_page", "response", "request", "check", "variations", "headers", "hash", "_hash"),
)
_SCAN = ScanMap(version="version", scanned_at="finish_datetime | start_datetime")
_MARKS = ("sitemap", "seed", "plugins", "delta_time", "finish_datetime")

SPEC = ScannerSpec(
    name="arachni",
    title="Arachni",
    kinds=(Kind.DAST,),
    homepage="https://github.com/Arachni/arachni",
    setup=_SETUP,
    differences={"*": "one per issue; the reference merges equal ones"},
    formats=(
        Format(
            name="arachni-json",
            container="json",
            detect=JsonShape(root="object", has=("issues",), any_of=("sitemap", "issues[].remedy_guidance")),
            scan=_SCAN,
            maps=(_ISSUE,),
        ),
        Format(
            name="arachni-xml",
            container="xml",
            detect=XmlShape(root="report|arachni_report", has=("issues",), any_of=_MARKS),
            scan=_SCAN,
            maps=(replace(_ISSUE, each="issues.issue[]"),),
        ),
    ),
)
