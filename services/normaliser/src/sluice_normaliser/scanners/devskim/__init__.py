"""DevSkim: finds security problems in source code of many languages."""

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    TextShape,
    by,
    code,
    fix,
    join,
)
from sluice_normaliser.scanners.devskim.text import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
devskim analyze -I . -O devskim.sarif -f sarif
sluice push devskim.sarif --asset repo:github.com/acme/shop
```
SARIF says the most. `-f json` and `-f text`, with their default fields or others (`-o %F%L%R…`), do, too.
"""

SPEC = ScannerSpec(
    name="devskim",
    title="DevSkim",
    kinds=(Kind.SAST,),
    aliases=("microsoft-devskim",),
    homepage="https://github.com/microsoft/DevSkim",
    setup=_SETUP,
    trivial={"[]": CLEAN, "": CLEAN},
    formats=(
        Format(
            name="devskim-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].rule_id", "[].rule_name"),
                any_of=("[].filename", "[].start_line", "[].match_index", "[].fixes"),
                lacks=("[].rule_source",),
            ),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.SAST,
                    rule_id="rule_id",
                    rule_name="rule_name",
                    title="rule_name",
                    description="description",
                    severity=by("severity", "devskim"),
                    location=code(
                        path="filename",
                        start_line="start_line",
                        start_column="start_column",
                        end_line="end_line",
                        end_column="end_column",
                        char_offset="match_index",
                        char_length="match_length",
                        snippet="match",
                    ),
                    fix=fix(
                        recommendation=join("fixes[].name | fixes[].Name"),
                        patch=join("fixes[].replacement | fixes[].Replacement"),
                    ),
                    tags="tags",
                ),
            ),
        ),
        Format(
            name="devskim-text",
            container="text",
            detect=TextShape(patterns=(r"^.+:\d+:\d+:\d+:\d+ \[[A-Za-z, ]+\] \S+ .+$",)),
            parse=read,
        ),
    ),
)
