"""Gitleaks: finds secrets in files and in the history of a Git repository."""

from collections.abc import Iterator
from typing import Any

import orjson

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    JsonShape,
    Map,
    Reading,
    ScannerSpec,
    XmlShape,
    code,
    secret,
    split,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj
from sluice_shared.contracts.finding import Kind, Observation

_SETUP = """
```sh
gitleaks git . --report-format json --report-path gitleaks.json
sluice push gitleaks.json --asset repo:github.com/acme/shop --scanner gitleaks
```
Name the scanner: a run that found nothing writes `[]`, which many tools write. Do not use `--redact`, else the same
secret cannot be recognised in another place; Sluice itself keeps only a keyed digest. `csv`, `junit` and `sarif` do,
too.
"""


def _leaks(**more: Any) -> Map:
    """Return the map of a leak; a row of the CSV has the fields of the JSON."""
    return Map(
        kind=Kind.SECRET,
        rule_id="RuleID",
        title="Description",
        location=code(
            path="File",
            start_line="StartLine",
            end_line="EndLine",
            start_column="StartColumn",
            end_column="EndColumn",
            snippet="Line",
            commit="Commit",
        ),
        secret=secret(
            value="Secret",
            match="Match",
            type="RuleID",
            commit="Commit",
            author="Author",
            email="Email",
            committed_at="Date",
            entropy="Entropy",
        ),
        evidence={"match": "Match"},
        references="Link",
        fingerprints={"gitleaks": "Fingerprint"},
        tags=split("Tags", " "),
        **more,
    )


def _old_leaks(**more: Any) -> Map:
    """Return the map of a leak as versions before 8 wrote it; the first of them had a reason in place of a rule."""
    return Map(
        kind=Kind.SECRET,
        rule_id="rule | reason",
        severity="severity",
        location=code(path="file", start_line="lineNumber", snippet="line", commit="commit"),
        secret=secret(
            match="offender",
            type="rule | reason",
            commit="commit",
            author="author",
            email="email",
            committed_at="date",
            entropy="offenderEntropy",
        ),
        evidence={"match": "offender"},
        references="leakURL",
        tags=split("tags"),
        **more,
    )


_LEAK = _leaks().compile()


def _junit(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the leaks of a JUnit report, each of which stands as JSON in its failure."""
    for case in items_of(obj(obj(document).get("testsuite")).get("testcase")):
        for failure in items_of(obj(case).get("failure")):
            leak = orjson.loads(text(failure) or "")
            yield from _LEAK.run((None, leak), reading)


SPEC = ScannerSpec(
    name="gitleaks",
    title="Gitleaks",
    kinds=(Kind.SECRET,),
    homepage="https://github.com/gitleaks/gitleaks",
    setup=_SETUP,
    trivial={"[]": CLEAN, "null": CLEAN},
    formats=(
        Format(
            name="gitleaks-json-8",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array", has=("[].RuleID",), any_of=("[].Secret", "[].Match", "[].Fingerprint"), weight=2
            ),
            maps=(_leaks(each="[]"),),
        ),
        Format(
            name="gitleaks-json-7",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].offender",),
                any_of=("[].rule", "[].reason", "[].commit", "[].line"),
                weight=2,
            ),
            maps=(_old_leaks(each="[]"),),
        ),
        Format(
            name="gitleaks-csv",
            container="csv",
            detect=CsvShape(columns=("RuleID", "File"), any_of=("Secret", "Match", "Fingerprint"), weight=1),
            maps=(_leaks(),),
        ),
        Format(
            name="gitleaks-csv-7",
            container="csv",
            detect=CsvShape(columns=("offender", "commit", "file"), any_of=("rule", "reason"), weight=1),
            maps=(_old_leaks(),),
        ),
        Format(
            name="gitleaks-junit",
            container="xml",
            detect=XmlShape(root="testsuites", match={"testsuite.@name": "^gitleaks$"}),
            parse=_junit,
        ),
    ),
)
