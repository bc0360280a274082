"""WhatWeb: tells what a web site is made of."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, ScannerSpec, TextShape, XmlShape
from sluice_normaliser.scanners.whatweb.target import read_brief, read_json, read_verbose, read_xml
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
whatweb --log-json=whatweb.json https://shop.acme.example      # or --log-xml, --log-json-verbose, --log-brief
sluice push whatweb.json --asset service:shop
```
Each site is an observation for information, with everything that was recognised on it.
"""

SPEC = ScannerSpec(
    name="whatweb",
    title="WhatWeb",
    kinds=(Kind.DAST,),
    homepage="https://github.com/urbanadventurer/WhatWeb",
    setup=_SETUP,
    trivial={"[]": CLEAN, "[{}]": CLEAN},
    formats=(
        Format(
            name="whatweb-json",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].plugins",), any_of=("[].target", "[].http_status"), weight=1),
            parse=read_json,
        ),
        Format(
            name="whatweb-json-verbose",
            container="jsonl",
            detect=TextShape(patterns=(r'\A\s*\["https?://[^"\n]+",\s*\d{3},\s*\[',)),
            parse=read_verbose,
        ),
        Format(
            name="whatweb-xml",
            container="xml",
            detect=XmlShape(root="log", has=("target.uri",), any_of=("target.http-status", "target.plugin"), weight=1),
            parse=read_xml,
        ),
        Format(
            name="whatweb-brief",
            container="text",
            detect=TextShape(patterns=(r"\A\s*(?:\x1b\[[\d;]*m)*https?://\S+ \[\d{3} [^\]]+\] \S",)),
            parse=read_brief,
        ),
    ),
)
