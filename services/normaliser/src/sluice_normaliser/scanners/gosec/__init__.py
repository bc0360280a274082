"""gosec: finds security problems in Go code."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    Grade,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    TextShape,
    call,
    code,
    each,
    fix,
    grade,
    matching,
    peek,
    secret,
    suppression,
    when,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.scanners._sonar_issues import sonar_formats
from sluice_normaliser.scanners.gosec.lines import end_of, flagged, read, start_of
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
gosec -fmt=json -out=gosec.json ./...
sluice push gosec.json --asset repo:github.com/acme/shop
```
gosec ends with status 1 when it found something; that is no failure. With `-track-suppressions` what `#nosec` hides
is kept, as suppressed. `-fmt=sarif`, `-fmt=sonarqube` and `-fmt=csv` do, too, but the CSV names no rules.
"""


def _kind(rule: Any) -> Kind:
    return Kind.SECRET if rule == "G101" else Kind.SAST


def _sonar_grade(said: Any) -> Grade:
    """Return the severity of the report for SonarQube, in which gosec's high is a blocker."""
    return grade("HIGH" if said == "BLOCKER" else said, "sonarqube")._replace(raw=text(said))


def _is_secret(rule: Any) -> bool:
    return _kind(rule) is Kind.SECRET


def _status(nosec: Any, suppressions: Any) -> ObservationStatus | None:
    return ObservationStatus.SUPPRESSED if nosec is True or suppressions else None


def _unbuilt(errors: Any) -> str | None:
    """Return what could not be read: gosec then reports of the rest only."""
    if not isinstance(errors, dict) or not errors:
        return None
    first = [f"{path}: {_said(told)}" for path, told in errors.items()][:5]
    return f"{len(errors)} packages or files could not be read: " + "; ".join(first)


def _said(told: Any) -> str:
    problem = told[0] if isinstance(told, list) and told else told
    return str(problem.get("error")) if isinstance(problem, dict) else str(problem)


SPEC = ScannerSpec(
    name="gosec",
    title="gosec",
    kinds=(Kind.SAST, Kind.SECRET),
    homepage="https://github.com/securego/gosec",
    setup=_SETUP,
    formats=(
        Format(
            name="gosec-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("Issues",),
                any_of=("Stats.nosec", "Stats.found", "GosecVersion", "Issues[].rule_id", "Issues[].cwe"),
                weight=2,
            ),
            scan=ScanMap(version="GosecVersion", failure=call(_unbuilt, '"Golang errors"')),
            maps=(
                Map(
                    each="Issues[]",
                    kind=call(_kind, "rule_id"),
                    rule_id="rule_id",
                    title="details",
                    message="details",
                    severity="severity",
                    confidence="confidence",
                    status=call(_status, peek("nosec"), peek("suppressions")),
                    cwes=("cwe.id | cwe.ID | cwe", "cwe.url | cwe.URL"),
                    location=code(
                        path="file",
                        start_line=call(start_of, "line"),
                        end_line=call(end_of, "line"),
                        start_column="column",
                        snippet=call(flagged, "code", "line"),
                    ),
                    secret=when(
                        call(_is_secret, "rule_id"),
                        secret(type="rule_id", value=matching(call(flagged, "code", "line"), r'["`]([^"`]{4,})["`]')),
                    ),
                    fix=fix(recommendation="autofix"),
                    references=("cwe.url | cwe.URL",),
                    evidence={"code": "code"},
                    suppressions=each("suppressions[]", suppression(kind="kind", justification="justification")),
                    ignore=("nosec",),
                ),
            ),
        ),
        Format(
            name="gosec-csv",
            container="text",
            detect=TextShape(
                patterns=(
                    r'\A\s*(?=\S)"?[^\n"]+\.go"?,\d+(?:-\d+)?,.+,(?:LOW|MEDIUM|HIGH),(?:LOW|MEDIUM|HIGH),',
                    r"CWE-\d*\s*$",
                )
            ),
            parse=read,
        ),
        *sonar_formats("gosec", r"^gosec$", call(_kind, "ruleId"), severity=call(_sonar_grade, "severity")),
    ),
)
