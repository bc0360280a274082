"""Gitleaks: finds secrets in files and in the history of a Git repository."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    XmlShape,
    call,
    code,
    secret,
    split,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import obj
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
gitleaks git . --report-format json --report-path gitleaks.json
sluice push gitleaks.json --asset repo:github.com/acme/shop --scanner gitleaks
```
`csv`, `junit` and `sarif` are read, too. Name the scanner: a run that found nothing writes `[]`, as many tools do. Do
not use `--redact`, else the same secret cannot be recognised in another place; Sluice itself keeps only a keyed
digest.
"""


@lru_cache(maxsize=1)
def _record(said: str) -> dict[str, Any]:
    """Return the finding that a failure of the JUnit form holds as JSON."""
    return obj(orjson.loads(said))


def _inside(name: str) -> call:
    return call(lambda said: _record(text(said) or "{}").get(name), "failure.#text | failure")


def _findings(records: str, of: Callable[[str], Any]) -> Map:
    """Return the map of Gitleaks 8; ``of`` gives where a field of its finding stands in a record."""
    return Map(
        each=records,
        kind=Kind.SECRET,
        rule_id=of("RuleID"),
        title=of("Description"),
        location=code(
            path=of("File"),
            start_line=of("StartLine"),
            end_line=of("EndLine"),
            start_column=of("StartColumn"),
            end_column=of("EndColumn"),
            snippet=of("Line"),
            commit=of("Commit"),
        ),
        secret=secret(
            value=of("Secret"),
            match=of("Match"),
            type=of("RuleID"),
            commit=of("Commit"),
            author=of("Author"),
            email=of("Email"),
            committed_at=of("Date"),
            entropy=of("Entropy"),
        ),
        evidence={"match": of("Match")},
        references=of("Link"),
        fingerprints={"gitleaks": of("Fingerprint")},
        tags=of("Tags"),
        ignore=("@name", "@file", "@classname", "failure"),  # of the JUnit form; they say the same again
    )


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
            container="json",
            detect=JsonShape(root="array", has=("[].RuleID", "[].Match", "[].File", "[].Secret", "[].StartLine")),
            maps=(_findings("[]", str),),
        ),
        Format(
            name="gitleaks-json-7",
            container="json",
            detect=JsonShape(root="array", has=("[].line", "[].offender", "[].commit", "[].rule", "[].file")),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.SECRET,
                    rule_id="rule",
                    severity="severity",
                    location=code(path="file", start_line="lineNumber", snippet="line", commit="commit"),
                    secret=secret(
                        match="offender",
                        type="rule",
                        commit="commit",
                        author="author",
                        email="email",
                        committed_at="date",
                        entropy="offenderEntropy",
                    ),
                    evidence={"match": "offender"},
                    references="leakURL",
                    tags=split("tags"),
                ),
            ),
        ),
        Format(
            name="gitleaks-csv",
            container="csv",
            detect=CsvShape(columns=("RuleID", "Commit", "File", "Secret", "Match", "StartLine", "Fingerprint")),
            maps=(_findings(".", str),),
        ),
        Format(
            name="gitleaks-junit",
            container="xml",
            detect=XmlShape(root="testsuites", match={"testsuite.@name": "^gitleaks$"}),
            maps=(_findings("testsuite[].testcase[]", _inside),),
        ),
    ),
)
