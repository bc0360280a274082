"""PMD: checks Java, Apex, JavaScript and other source code."""

from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    XmlShape,
    by,
    call,
    code,
    const,
    join,
    suppression,
)
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
pmd check --dir src --rulesets rulesets/java/quickstart.xml --format json --report-file pmd.json
sluice push pmd.json --asset repo:github.com/acme/shop
```
`--format xml`, `csv` and `sarif` do, too. PMD ends with status 4 when it found something; that is no failure. Results
of a rule set *Security* count as such, those of all others as quality.
"""


def _kind(ruleset: Any) -> Kind:
    return Kind.SAST if "security" in (words(ruleset) or "").lower() else Kind.QUALITY


def _unread(errors: Any, name: str, message: str) -> str | None:
    told = [f"{words(obj(each).get(name))}: {words(obj(each).get(message))}" for each in items_of(errors)]
    return f"{len(told)} files could not be read: " + "; ".join(told[:5]) if told else None


def _json_failure(errors: Any) -> str | None:
    return _unread(errors, "filename", "message")


def _xml_failure(errors: Any) -> str | None:
    return _unread(errors, "@filename", "@msg")


def _suppressed(path: str, prefix: str) -> Map:
    return Map(
        each=path,
        kind=Kind.QUALITY,
        rule_id=f"{prefix}rule",
        title=f"{prefix}suppressedmsg | {prefix}msg",
        status=ObservationStatus.SUPPRESSED,
        location=code(path=f"{prefix}filename"),
        suppressions=suppression(
            kind=f"{prefix}suppressiontype", status=const("accepted"), justification=f"{prefix}usermsg"
        ),
    )


_ROW = Map(
    kind=call(_kind, "Rule set"),
    rule_id="Rule",
    title="Description",
    message="Description",
    severity=by("Priority", "5-1"),
    location=code(path="File", start_line="Line", module="Package"),
    tags=("Rule set",),
    ignore=("Problem",),
)

SPEC = ScannerSpec(
    name="pmd",
    title="PMD",
    kinds=(Kind.QUALITY, Kind.SAST),
    homepage="https://pmd.github.io",
    setup=_SETUP,
    formats=(
        Format(
            name="pmd-csv",
            container="csv",
            detect=CsvShape(columns=("Problem", "File", "Rule"), any_of=("Rule set", "Priority", "Description")),
            maps=(_ROW,),
        ),
        Format(
            name="pmd-csv-of-some-columns",
            container="csv",
            detect=CsvShape(columns=("Rule set", "Rule"), any_of=("File", "Description", "Package"), weight=-1),
            maps=(_ROW,),
        ),
        Format(
            name="pmd-json",
            container="json",
            detect=JsonShape(
                root="object", has=("files",), any_of=("pmdVersion", "files[].violations", "suppressedViolations")
            ),
            scan=ScanMap(version="pmdVersion", scanned_at="timestamp", failure=call(_json_failure, "processingErrors")),
            maps=(
                Map(
                    each="files[].violations[]",
                    kind=call(_kind, "ruleset"),
                    rule_id="rule",
                    title="description",
                    message="description",
                    severity=by("priority", "5-1"),
                    location=code(
                        path="^.filename",
                        start_line="beginline",
                        start_column="begincolumn",
                        end_line="endline",
                        end_column="endcolumn",
                    ),
                    references=("externalInfoUrl",),
                    tags=("ruleset",),
                ),
                _suppressed("suppressedViolations[]", ""),
            ),
        ),
        Format(
            name="pmd-xml",
            container="xml",
            detect=XmlShape(root="pmd"),
            scan=ScanMap(version="@version", scanned_at="@timestamp", failure=call(_xml_failure, "error")),
            maps=(
                Map(
                    each="file[].violation[]",
                    kind=call(_kind, "@ruleset"),
                    rule_id="@rule",
                    title="#text",
                    message="#text",
                    severity=by("@priority", "5-1"),
                    location=code(
                        path="^.@name",
                        start_line="@beginline",
                        start_column="@begincolumn",
                        end_line="@endline",
                        end_column="@endcolumn",
                        symbol=join("@package", "@class", "@method | @variable", sep="."),
                    ),
                    references=("@externalInfoUrl",),
                    tags=("@ruleset",),
                ),
                _suppressed("suppressedviolation[]", "@"),
            ),
        ),
    ),
)
