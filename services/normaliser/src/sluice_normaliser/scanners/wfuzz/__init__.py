"""wfuzz: finds paths of a web server by guessing."""

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    TextShape,
    const,
    template,
    url,
    when,
)
from sluice_normaliser.scanners.wfuzz.raw import LINE, read
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
wfuzz -w words.txt -f wfuzz.json,json https://shop.acme.example/FUZZ
sluice push wfuzz.json --asset service:shop --scanner wfuzz
```
Paths that answer are listed as informational.
`-f wfuzz.csv,csv` and what it prints do, too; the CSV names only what was filled in.
"""

SPEC = ScannerSpec(
    name="wfuzz",
    title="wfuzz",
    kinds=(Kind.DAST,),
    homepage="https://github.com/xmendez/wfuzz",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="wfuzz-json",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].url",),
                any_of=("[].post_data", "[].chars"),
                lacks=("[].length", "[].severity", "[].info", "[].finding"),
                weight=3,
            ),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.DAST,
                    rule_id=const("discovered-path"),
                    title=when("code", template("{url} answers with {code}"), template("{url} answers")),
                    severity=Severity.INFO,
                    status=ObservationStatus.INFORMATIONAL,
                    location=url(url="url", method="method", status_code="code"),
                    evidence={"payload": "payload", "redirect": "location", "server": "server"},
                ),
            ),
        ),
        Format(
            name="wfuzz-csv",
            container="csv",
            detect=CsvShape(columns=("response", "word", "chars", "request"), any_of=("lines", "success")),
            maps=(
                Map(
                    kind=Kind.DAST,
                    rule_id=const("discovered-path"),
                    title=template("{request} answers with {response}"),
                    severity=Severity.INFO,
                    status=ObservationStatus.INFORMATIONAL,
                    location=url(url="request", status_code="response"),
                    ignore=("id",),
                ),
            ),
        ),
        Format(
            name="wfuzz-raw",
            container="text",
            detect=TextShape(patterns=(r"^Target: \S*FUZ[A-Z0-9]*|Wfuzz \d|^Total requests: ", LINE)),
            parse=read,
        ),
    ),
)
