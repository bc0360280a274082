"""Ruff: a linter for Python, whose rules S are those of Bandit."""

from typing import Any

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, call, code, fix
from sluice_shared.contracts.finding import Kind, Severity

_SETUP = """
```sh
ruff check --select S --output-format json -o ruff.json .
sluice push ruff.json --asset repo:github.com/acme/shop --scanner ruff
```
`json-lines` and `sarif` do, too. Ruff grades nothing: rules of security (`S`) count as medium, all others as quality.
For a clean tree it writes `[]`, so name the scanner.
"""
_HARDCODED = frozenset({"S105", "S106", "S107"})


def _kind(rule: Any) -> Kind:
    name = str(rule or "")
    if name in _HARDCODED:
        return Kind.SECRET
    return Kind.SAST if name[:1] == "S" and name[1:].isdigit() else Kind.QUALITY


def _severity(rule: Any) -> Severity:
    return Severity.INFO if _kind(rule) is Kind.QUALITY else Severity.MEDIUM


SPEC = ScannerSpec(
    name="ruff",
    title="Ruff",
    kinds=(Kind.SAST, Kind.SECRET, Kind.QUALITY),
    homepage="https://docs.astral.sh/ruff/",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="ruff-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array", has=("[].code", "[].filename", "[].location.row", "[].end_location.row", "[].noqa_row")
            ),
            maps=(
                Map(
                    each="[]",
                    kind=call(_kind, "code"),
                    rule_id="code",
                    title="message",
                    message="message",
                    severity=call(_severity, "code"),
                    location=code(
                        path="filename",
                        start_line="location.row",
                        start_column="location.column",
                        end_line="end_location.row",
                        end_column="end_location.column",
                    ),
                    fix=fix(recommendation="fix.message"),
                    references="url",
                    ignore=("cell", "noqa_row", "fix"),
                ),
            ),
        ),
    ),
)
