"""drHEADer: missing and weak headers of HTTP answers."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, const, fix, join, resource, template, url
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
drheader scan single https://shop.acme.io --output json > drheader.json
sluice push drheader.json --asset url:https://shop.acme.io
```
"""


def _map(path: str, **place: str) -> Map:
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id="rule",
        title=template("{rule}: {message}"),
        message="message",
        severity="severity",
        location=url(url=place["address"]) if place else resource(resource="rule", resource_type=const("http-header")),
        fix=fix(recommendation=join("expected[]", sep=" ")),
        evidence={"response": "value", "match": join("anomaly[]", sep=" ")},
    )


SPEC = ScannerSpec(
    name="drheader",
    title="drHEADer",
    kinds=(Kind.DAST,),
    homepage="https://github.com/Santandersecurityresearch/DrHeader",
    setup=_SETUP,
    trivial={"[]": CLEAN, "": CLEAN},
    formats=(
        Format(
            name="drheader-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].rule", "[].message"),
                any_of=("[].expected", "[].anomaly", "[].avoid", "[].delimiter", "[].value", "[].severity"),
                lacks=("[].file", "[].path", "[].line"),
            ),
            maps=(_map("[]"),),
        ),
        Format(
            name="drheader-json-bulk",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].url", "[].report[].rule", "[].report[].message")),
            maps=(_map("[].report[]", address="^.url"),),
        ),
    ),
)
