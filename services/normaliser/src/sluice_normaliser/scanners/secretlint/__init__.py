"""Secretlint: finds credentials in files."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    call,
    code,
    one_based,
    secret,
)
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
secretlint "**/*" --format json > secretlint.json
sluice push secretlint.json --asset repo:github.com/acme/shop --scanner secretlint
```
It ends with status 1 when it found something; that is no failure.
"""


def _found(source: Any, span: Any) -> str | None:
    """Return the flagged part of the source, which the report holds whole."""
    if not isinstance(source, str) or not isinstance(span, list) or len(span) != 2:  # noqa: PLR2004 - start and end
        return None
    start, end = span
    return source[start:end] or None if isinstance(start, int) and isinstance(end, int) else None


SPEC = ScannerSpec(
    name="secretlint",
    title="Secretlint",
    kinds=(Kind.SECRET,),
    homepage="https://github.com/secretlint/secretlint",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="secretlint-json",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].filePath", "[].messages"),
                any_of=("[].sourceContentType", "[].sourceContent", "[].messages[].docsUrl"),
                lacks=("[].errorCount",),
            ),
            maps=(
                Map(
                    each="[].messages[]",
                    kind=Kind.SECRET,
                    rule_id="ruleId",
                    rule_name="messageId",
                    title="message",
                    message="message",
                    severity=by("severity", "levels"),
                    location=code(
                        path="^.filePath",
                        start_line="loc.start.line",
                        start_column=one_based("loc.start.column"),
                        end_line="loc.end.line",
                        end_column=one_based("loc.end.column"),
                        char_offset="range[0]",
                    ),
                    references=("docsUrl",),
                    secret=secret(value=call(_found, "^.sourceContent", "range"), type="messageId"),
                    tags=("ruleParentId",),
                    ignore=("type", "data"),
                ),
            ),
        ),
    ),
)
