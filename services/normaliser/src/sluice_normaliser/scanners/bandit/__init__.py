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
    matching,
    one_based,
    secret,
    when,
)
from sluice_shared.contracts.finding import Kind

_NUMBERED = re.compile(r"(?P<line>\d+) ?(?P<code>.*)")
_HARDCODED = frozenset({"B105", "B106", "B107"})
_SETUP = """
```sh
bandit -r . -f json -o bandit.json
sluice push bandit.json --asset repo:github.com/acme/shop
```
`-f csv`, `-f xml` and `-f sarif` are read, too. Bandit ends with status 1 when it found something; that is no failure.
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
    wanted = {str(line) for line in lines} if isinstance(lines, list) else set()
    numbered = (_NUMBERED.match(line) for line in extract.splitlines())
    return "\n".join(match["code"] for match in numbered if match and match["line"] in wanted) or extract


# Of the XML (JUnit's form): "Test ID: B602 Severity: HIGH Confidence: HIGH", "CWE: CWE-78 (…)", "Location a.py:3".
_ID = matching("error.#text", r"Test ID: (\w+)")
_LINE = matching("error.#text", r"(?m)^Location .*:(\d+)\s*$")


def _secret(test_id: Any, text: str) -> Any:
    return when(
        call(_hardcoded, test_id),
        secret(type="test_name | @name", value=matching(text, r"'(.+)'\s*$")),
    )


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
            detect=JsonShape(root="object", has=("results", "errors", "metrics", "generated_at")),
            scan=ScanMap(scanned_at="generated_at", failure=call(_unreadable, "errors")),
            maps=(
                Map(
                    each="results[]",
                    kind=call(_kind, "test_id"),
                    rule_id="test_id",
                    rule_name="test_name",
                    title="issue_text",
                    message="issue_text",
                    severity="issue_severity",
                    confidence="issue_confidence",
                    cwes="issue_cwe.id",
                    location=code(
                        path="filename",
                        start_line="line_number",
                        start_column=one_based("col_offset"),
                        end_line="line_range[-1]",
                        end_column=one_based("end_col_offset"),
                        snippet=call(_flagged, "code", "line_range"),
                    ),
                    references=("more_info", "issue_cwe.link"),
                    secret=_secret("test_id", "issue_text"),
                    evidence={"code": "code"},
                ),
            ),
        ),
        Format(
            name="bandit-csv",
            container="csv",
            detect=CsvShape(
                columns=("filename", "test_name", "test_id", "issue_severity", "issue_confidence", "issue_text")
            ),
            maps=(
                Map(
                    kind=call(_kind, "test_id"),
                    rule_id="test_id",
                    rule_name="test_name",
                    title="issue_text",
                    message="issue_text",
                    severity="issue_severity",
                    confidence="issue_confidence",
                    cwes="issue_cwe",
                    location=code(
                        path="filename",
                        start_line="line_number",
                        start_column=one_based("col_offset"),
                        end_line=matching("line_range", r"(\d+)\]?\s*$"),
                        end_column=one_based("end_col_offset"),
                    ),
                    references=("more_info", "issue_cwe"),
                    secret=_secret("test_id", "issue_text"),
                ),
            ),
        ),
        Format(
            name="bandit-xml",
            container="xml",
            detect=XmlShape(root="testsuite", match={"@name": "^bandit$"}),
            maps=(
                Map(
                    each="testcase[]",
                    kind=call(_kind, _ID),
                    rule_id=_ID,
                    rule_name="@name",
                    title="error.@message",
                    message="error.@message",
                    severity="error.@type",
                    confidence=matching("error.#text", r"Confidence: (\w+)"),
                    cwes=matching("error.#text", r"(?m)^CWE: (CWE-\d+)"),
                    location=code(path="@classname", start_line=_LINE),
                    references=("error.@more_info",),
                    secret=_secret(_ID, "error.@message"),
                    evidence={"output": "error.#text"},
                ),
            ),
        ),
    ),
)
