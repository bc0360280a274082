"""njsscan: finds insecure code in Node.js applications and their templates."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    code,
    peek,
)
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.shapes import arr, obj, words
from sluice_normaliser.scanners._sonar_issues import sonar_formats
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
njsscan --json --output njsscan.json .
sluice push njsscan.json --asset repo:github.com/acme/shop
```
njsscan ends with status 1 when it found something; that is no failure. Without its engine (semgrep) it ends well and
shows nothing but an error: such a report is refused. `--sarif` and `--sonarqube` do, too.
"""


def _told(errors: Any) -> list[str]:
    found = [words(obj(each).get("message")) or words(each) for each in arr(errors)]
    return [said for said in found if said]


def _failure(errors: Any) -> str | None:
    told = _told(errors)
    return f"{len(told)} errors: " + "; ".join(told[:5]) if told else None


def _refused(errors: Any, nodejs: Any, templates: Any) -> str | None:
    """Return the errors where the engine itself failed: those about a file are objects."""
    if obj(nodejs) or obj(templates) or not any(isinstance(each, str) for each in arr(errors)):
        return None
    return _failure(errors)


def _has_no_files(files: Any) -> bool:
    return not files


def _column(lines: Any, position: Any, index: int) -> int | None:
    span = arr(position)
    return integer(span[index]) if len(span) > index and arr(lines) else None


def _start(lines: Any, position: Any) -> int | None:
    return _column(lines, position, 0)


def _end(lines: Any, position: Any) -> int | None:
    return _column(lines, position, 1)


def _length(position: Any) -> int | None:
    span = [found for each in arr(position) if (found := integer(each)) is not None]
    return span[1] - span[0] if len(span) > 1 else None


def _map(path: str, rule: str, metadata: str, **more: Any) -> Map:
    return Map(
        each=path,
        kind=Kind.SAST,
        rule_id=rule,
        title=f"{metadata}.description",
        description=f"{metadata}.description",
        severity=by(f"{metadata}.severity", "levels"),
        cwes=(f"{metadata}.cwe",),
        tags=(f"{metadata}.owasp-web", f"{metadata}.owasp", f"{metadata}.owasp-mobile", f"{metadata}.masvs"),
        **more,
    )


_LINES = {"path": "file_path", "start_line": "match_lines[0]", "end_line": "match_lines[1]", "snippet": "match_string"}

_SCAN = ScanMap(
    version="njsscan_version",
    failure=call(_failure, "errors"),
    refuse=call(_refused, "errors", "nodejs", "templates"),
)
_MAPS = (
    _map(
        "nodejs.*.files[]",
        "^#key",
        "^.metadata",
        location=code(
            **_LINES,
            start_column=call(_start, "match_lines", "match_position"),
            end_column=call(_end, "match_lines", "match_position"),
        ),
    ),
    _map("nodejs.*", "#key", "metadata", where=call(_has_no_files, peek("files"))),
    _map(
        "templates.*.files[]",
        "^#key",
        "^.metadata",
        # what is found by patterns has its place in the file, not in the line
        location=code(**_LINES, char_offset="match_position[0]", char_length=call(_length, "match_position")),
    ),
    _map("templates.*", "#key", "metadata", where=call(_has_no_files, peek("files"))),
)

SPEC = ScannerSpec(
    name="njsscan",
    title="njsscan",
    kinds=(Kind.SAST,),
    homepage="https://github.com/ajinabraham/njsscan",
    setup=_SETUP,
    formats=(
        Format(
            name="njsscan-json",
            container="json",
            detect=JsonShape(
                root="object", any_of=("njsscan_version", "nodejs.*.metadata", "templates.*.metadata"), weight=2
            ),
            scan=_SCAN,
            maps=_MAPS,
        ),
        Format(
            name="njsscan-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("nodejs",),
                any_of=("templates", "errors"),
                lacks=("nodejs.*", "templates.*"),
                weight=1,
            ),
            scan=_SCAN,
            maps=_MAPS,
        ),
        *sonar_formats("njsscan", r"^njsscan$"),
    ),
)
