"""Flawfinder: finds dangerous calls in C and C++."""

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    Map,
    ScanMap,
    ScannerSpec,
    TextShape,
    by,
    code,
    first,
    fix,
    matching,
    template,
)
from sluice_normaliser.scanners.flawfinder.listing import read_html, read_text
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
flawfinder --sarif . > flawfinder.sarif      # or --csv
sluice push flawfinder.sarif --asset repo:github.com/acme/shop
```
SARIF and CSV name rules and fingerprints. The text and the HTML (`--html`, with or without `--context`) are read, too;
they name a rule by its category and function only. `--csv` writes nothing but its header when nothing was found.
"""
_HIT = r"^(?!\s).+?:\d+:(?:\d+:)?\s+\[[0-5]\]\s+\(\w+\)\s+[^:\s]+:"

SPEC = ScannerSpec(
    name="flawfinder",
    title="Flawfinder",
    kinds=(Kind.SAST,),
    homepage="https://dwheeler.com/flawfinder",
    setup=_SETUP,
    formats=(
        Format(
            name="flawfinder-csv",
            container="csv",
            detect=CsvShape(columns=("File", "Line", "Level", "Category", "Name")),
            scan=ScanMap(version="ToolVersion"),
            maps=(
                Map(
                    kind=Kind.SAST,
                    rule_id=first("RuleId", template("{Category}/{Name}")),
                    rule_name=template("{Category}/{Name}"),
                    title="Warning",
                    message="Warning",
                    description="Note",
                    severity=by("Level", "flawfinder"),
                    cwes="CWEs",
                    identifiers="CWEs",
                    location=code(path="File", start_line="Line", start_column="Column", snippet="Context"),
                    fix=fix(recommendation="Suggestion"),
                    references="HelpUri",
                    fingerprints={"contextHash/v1": "Fingerprint"},
                    tags="Category",
                    ignore=("DefaultLevel", "ToolVersion"),
                ),
            ),
        ),
        Format(
            name="flawfinder-html",
            container="html",
            detect=TextShape(patterns=(r"<h1>Flawfinder Results</h1>", r"Flawfinder version \d")),
            scan=ScanMap(version=matching(".", r"Flawfinder version ([\d.]+\d)"), complete=matching(".", r"(</html>)")),
            parse=read_html,
        ),
        Format(
            name="flawfinder-text",
            container="text",
            detect=TextShape(patterns=(r"^Flawfinder version \d", r"^FINAL RESULTS:")),
            scan=ScanMap(version=matching(".", r"Flawfinder version ([\d.]+\d)")),
            parse=read_text,
        ),
        Format(
            name="flawfinder-hits",
            container="text",
            detect=TextShape(patterns=(_HIT,)),
            parse=read_text,
        ),
    ),
)
