"""ShellCheck: finds mistakes in shell scripts."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, by, call, code, template
from sluice_normaliser.scanners._lint import about
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
shellcheck -f json1 *.sh > shellcheck.json
sluice push shellcheck.json --asset repo:github.com/acme/shop --scanner shellcheck
```
`-f json` does, too. ShellCheck ends with status 1 when it found something; that is no failure.
"""


def _comments(records: str) -> Map:
    return Map(
        each=records,
        kind=call(about, "message"),
        rule_id=template("SC{code}"),
        title="message",
        message="message",
        severity=by("level", "lint"),
        location=code(
            path="file", start_line="line", start_column="column", end_line="endLine", end_column="endColumn"
        ),
        references=template("https://www.shellcheck.net/wiki/SC{code}"),
    )


_FIELDS = ("file", "line", "endLine", "column", "endColumn", "level", "message")

SPEC = ScannerSpec(
    name="shellcheck",
    title="ShellCheck",
    kinds=(Kind.QUALITY, Kind.SAST),
    homepage="https://www.shellcheck.net",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="shellcheck-json",
            container="json",
            detect=JsonShape(
                root="array", has=tuple(f"[].{field}" for field in _FIELDS), match={"[].code": r"^\d{4}$"}
            ),
            maps=(_comments("[]"),),
        ),
        Format(
            name="shellcheck-json1",
            container="json",
            detect=JsonShape(root="object", has=("comments",), only=("comments",)),
            maps=(_comments("comments[]"),),
        ),
    ),
)
