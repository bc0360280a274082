"""AIDE: finds files that were added, removed or changed since the database of a machine was made."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, TextShape, call, matching
from sluice_normaliser.scanners.aide.report import read_json, read_plain, without_entries, without_lines
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
aide --check > aide.txt            # with report_format=json in aide.conf: JSON
sluice push aide.txt --asset host:web-1
```
AIDE's exit status 1 to 7 means that it found differences; that is no failure. The report level must be `list_entries`
or more: a summary names no file and is refused, and so is a run that only made the database.
"""

SPEC = ScannerSpec(
    name="aide",
    title="AIDE",
    kinds=(Kind.HOST,),
    homepage="https://aide.github.io",
    setup=_SETUP,
    formats=(
        Format(
            name="aide-json",
            container="json",
            detect=JsonShape(
                root="object", has=("outline",), any_of=("number_of_entries", "aide_version", "start_time")
            ),
            scan=ScanMap(
                version="aide_version",
                scanned_at="start_time",
                refuse=call(without_entries, "."),
            ),
            parse=read_json,
        ),
        Format(
            name="aide-plain",
            container="text",
            detect=TextShape(
                patterns=(
                    (
                        r"\bAIDE(?:,? (?:version )?\d\S*)?\s+(?:found (?:NO )?differences between"
                        r"|successfully initialized)|All files match AIDE database"
                    ),
                    r"^(?:Start timestamp|Number of entries|Summary|Total number of|AIDE,? |### )",
                )
            ),
            scan=ScanMap(
                version=matching(".", r"(?:\(AIDE |\bAIDE,? (?:version )?)(\d[^)\s]*)"),
                scanned_at=matching(".", r"Start timestamp: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: [+-]\d{4})?)"),
                refuse=call(without_lines, "."),
            ),
            parse=read_plain,
        ),
    ),
)
