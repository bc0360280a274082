"""Bearer CLI: finds security and privacy problems in code."""

from typing import Any

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScanMap, ScannerSpec, by, code, when
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
bearer scan . --format json --output bearer.json
sluice push bearer.json --asset repo:github.com/acme/shop --scanner bearer_cli
```
`--format jsonv2` and `--format sarif` do, too. A clean scan writes `{}`, so name the scanner.
"""


def _map(each: str, severity: str) -> Map:
    span: dict[str, Any] = {
        "path": "full_filename | filename",
        "start_line": "sink.start | line_number",
        "end_line": "sink.end",
        "start_column": "sink.column.start",
        "end_column": "sink.column.end",
        "snippet": "code_extract | snippet | sink.content",
    }
    return Map(
        each=each,
        kind=Kind.SAST,
        rule_id="id | rule_display_id",
        title="title | rule_description",
        description="description",
        severity=by(severity, "lint"),
        cwes="cwe_ids",
        location=code(**span),
        related_locations=when(
            "source.start",
            code(
                path="full_filename | filename",
                start_line="source.start",
                end_line="source.end",
                start_column="source.column.start",
                end_column="source.column.end",
            ),
        ),
        references=("documentation_url", "rule_documentation_url"),
        fingerprints={"bearer": "fingerprint", "bearer_old": "old_fingerprint"},
        tags=("category_groups[]",),
        ignore=("parent_line_number", "line_number", "filename"),
    )


SPEC = ScannerSpec(
    name="bearer_cli",
    title="Bearer CLI",
    kinds=(Kind.SAST,),
    aliases=("bearer",),
    homepage="https://docs.bearer.com",
    setup=_SETUP,
    differences={"*": "one per finding; the reference merges those of one fingerprint"},
    trivial={"{}": CLEAN},
    formats=(
        Format(
            name="bearer-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("*[].cwe_ids", "*[].documentation_url", "*[].rule_documentation_url"),
                only=("critical", "high", "medium", "low", "warning", "ignored"),
            ),
            maps=(_map("*[]", "^#key"),),
        ),
        Format(
            name="bearer-json-2",
            container="json",
            detect=JsonShape(root="object", has=("findings",), match={"source": "^Bearer$"}),
            scan=ScanMap(version="version"),
            maps=(_map("findings[]", "severity"),),
        ),
    ),
)
