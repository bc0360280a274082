"""Bandit: finds security problems in Python code."""

import re
from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    XmlShape,
    call,
    code,
    first,
    matching,
    one_based,
    secret,
    when,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.scanners.bandit.page import PAGE
from sluice_shared.contracts.finding import Kind

_NUMBERED = re.compile(r"(?P<line>\d+) ?(?P<code>.*)")
_HARDCODED = frozenset({"B105", "B106", "B107"})
_SETUP = """
```sh
bandit -r . -f json -o bandit.json
sluice push bandit.json --asset repo:github.com/acme/shop
```
`-f csv`, `xml`, `html` and `sarif` do, too, but tell less. Bandit ends with status 1 when it found something; that is
no failure.
"""


def _kind(test_id: Any) -> Kind:
    return Kind.SECRET if test_id in _HARDCODED else Kind.SAST


def _hardcoded(test_id: Any) -> bool:
    return test_id in _HARDCODED


def _unreadable(errors: Any) -> str | None:
    if not isinstance(errors, list) or not errors:
        return None
    told = [f"{each.get('filename')}: {each.get('reason')}" for each in errors if isinstance(each, dict)]
    return f"{len(errors)} files could not be scanned: " + "; ".join(told[:5])


def _flagged(extract: Any, lines: Any) -> str | None:
    """Return the flagged lines of the extract, which numbers them and their neighbours."""
    if not isinstance(extract, str):
        return None
    wanted = {str(line) for line in items_of(lines)}
    numbered = (_NUMBERED.match(line) for line in extract.splitlines())
    return "\n".join(match["code"] for match in numbered if match and match["line"] in wanted) or extract


def _last(lines: Any) -> str | None:
    """Return the last of ``[3, 4]``, a list in JSON and its text in CSV."""
    numbers = re.findall(r"\d+", text(lines) or "")
    return numbers[-1] if numbers else None


def _result(cwe: str, link: str, **more: Any) -> Map:
    """Return the map of a result; a row of the CSV has the fields of the JSON, but for the weakness."""
    return Map(
        kind=call(_kind, "test_id"),
        rule_id="test_id | test_name",
        rule_name="test_name",
        title="issue_text",
        message="issue_text",
        severity="issue_severity",
        confidence="issue_confidence",
        cwes=cwe,
        location=code(
            path="filename",
            start_line="line_number",
            start_column=one_based("col_offset"),
            end_line=call(_last, "line_range"),
            end_column=one_based("end_col_offset"),
            snippet=call(_flagged, "code", "line_range"),
        ),
        references=("more_info", link),
        secret=when(
            call(_hardcoded, "test_id"),
            secret(type="test_name", value=matching("issue_text", r"'(.+)'\s*$")),
        ),
        evidence={"code": "code"},
        **more,
    )


_NAMES = ("results[].test_id", "results[].test_name", "results[].issue_text")
"""What names a result; the first versions gave their tests no ids."""
_RUN = ScanMap(scanned_at="generated_at", failure=call(_unreadable, "errors"))
_TEST = matching("#text", r"Test ID: (\w+)")

SPEC = ScannerSpec(
    name="bandit",
    title="Bandit",
    kinds=(Kind.SAST, Kind.SECRET),
    homepage="https://bandit.readthedocs.io",
    setup=_SETUP,
    formats=(
        Format(
            name="bandit-json",
            container="json",
            detect=JsonShape(root="object", has=("results[].issue_severity",), any_of=_NAMES, weight=2),
            scan=_RUN,
            maps=(_result("issue_cwe.id", "issue_cwe.link", each="results[]"),),
        ),
        Format(
            name="bandit-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results", "metrics"),
                any_of=("metrics._totals", "generated_at"),
                only=("results", "errors", "metrics", "generated_at", "stats"),
                lacks=("results[]",),
                weight=1,
            ),
            scan=_RUN,
            maps=(_result("issue_cwe.id", "issue_cwe.link", each="results[]"),),
        ),
        Format(
            name="bandit-csv",
            container="csv",
            detect=CsvShape(columns=("filename", "test_name", "test_id", "issue_severity", "issue_confidence")),
            maps=(_result("issue_cwe", "issue_cwe"),),
        ),
        Format(
            name="bandit-xml",
            container="xml",
            detect=XmlShape(root="testsuite", match={"@name": "^bandit$"}),
            maps=(
                Map(
                    each="testcase[].error[]",
                    kind=call(_kind, _TEST),
                    rule_id=first(_TEST, "^.@name"),
                    rule_name="^.@name",
                    title="@message",
                    message="@message",
                    severity="@type",
                    confidence=matching("#text", r"Confidence: (\w+)"),
                    cwes="#text",
                    location=code(path="^.@classname", start_line=matching("#text", r"Location .*:(\d+)\s*$")),
                    references="@more_info",
                    secret=when(
                        call(_hardcoded, _TEST), secret(type="^.@name", value=matching("@message", r"'(.+)'\s*$"))
                    ),
                ),
            ),
        ),
        PAGE,
    ),
)
