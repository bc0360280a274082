"""JUnit XML: failed checks of any tool that writes test results (Checkov, cfn-lint, InSpec, Trivy's template …)."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Format, Reading, ScannerSpec, XmlShape, clean_path, construct, grade
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.scanners._lint import about
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation, ObservationStatus

_SETUP = """
Any tool that writes JUnit's XML, where it has nothing better:
```sh
checkov -d . -o junitxml > junit.xml
sluice push junit.xml --asset repo:github.com/acme/shop --scanner junit --category checkov
```
Failures and errors are observed, tests that hold are counted, tests that were left out are kept as not applicable. The
report does not say which tool wrote it: give each tool a category of its own.
"""
_WORST = 40  # levels of suites in suites; more is no report
# [HIGH][CKV_AWS_24] Ensure …, E3012 Check …, CVE-2024-1 …
_TAGGED = re.compile(r"^(?:\[(?P<grade>[A-Z]+)\])?\[(?P<rule>[\w.:/-]+)\]\s*(?P<title>.+)$", re.DOTALL)
_CODED = re.compile(r"^(?P<rule>[A-Z][A-Z0-9_]*-?\d[\w.-]*)[:\s]\s*(?P<title>.+)$", re.DOTALL)
_INFRA = re.compile(r"CKV\d?_|BC_|AVD-|KSV-?\d|AC_(?:AWS|AZURE|GCP|K8S)_")
_PLACE = re.compile(r"(?im)^\s*(?:location|file)\s*:?\s+(?P<path>[^\s:]+?):?\s*:?(?P<line>\d+)?(?:-(?P<end>\d+))?\s*$")


def _items(value: Any) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return [each if isinstance(each, dict) else {"#text": each} for each in listed]


def _named(name: str) -> dict[str, str | None]:
    """Take a test's name apart: what grade, rule and title it says."""
    found = _TAGGED.match(name) or _CODED.match(name)
    if found is None:
        return {"grade": None, "rule": name, "title": name}
    said = {"grade": None, **found.groupdict()}
    return {**said, "grade": None} if said["grade"] == "NONE" else said


def _place(case: dict[str, Any], told: str) -> CodeLocation | None:
    found = _PLACE.search(told)
    path = words(case.get("@file")) or (found["path"] if found else None)
    if path is None:
        named = words(case.get("@classname"))
        path = named if named and re.search(r"[/\\]|\.\w{1,5}$", named) else None
    if path is None:
        return None
    place = {"path": clean_path(path), "start_line": words(case.get("@line"))}
    if found is not None:
        place = {**place, "start_line": place["start_line"] or found["line"], "end_line": found["end"]}
    return construct(CodeLocation, place)


def _check(case: dict[str, Any], suite: str | None, outcome: dict[str, Any] | None, reading: Reading) -> Observation:
    name = words(case.get("@name")) or "unnamed"
    said = _named(name)
    outcome = outcome or {}
    message, told = words(outcome.get("@message")), words(outcome.get("#text")) or ""
    type_ = words(outcome.get("@type"))
    kind = Kind.IAC if _INFRA.match(said["rule"] or "") else about(name, message, told)
    graded = grade(said["grade"] or type_)
    return reading.observe(
        kind=kind,
        rule_id=said["rule"],
        title=said["title"],
        message=message,
        # The text of a failure may hold the secret in any form, which nobody could blot out.
        description=told or None if kind is not Kind.SECRET else None,
        severity=graded if graded.severity.value != "unknown" else grade("failed", "verdict"),
        identifiers=[name, message, told],
        location=_place(case, told),
        references=[words(case.get("@url"))] if words(case.get("@url")) else [],
        tags=[each for each in (suite, words(case.get("@classname"))) if each],
        evidence={} if kind is Kind.SECRET else {"output": words(case.get("system-out"))},
    )


def _cases(suite: dict[str, Any], reading: Reading, depth: int = 0) -> Iterator[Observation]:
    if depth > _WORST:
        raise ValueError("test suites are nested too deeply")
    name = words(suite.get("@name"))
    for case in _items(suite.get("testcase")):
        bad = [*_items(case.get("failure")), *_items(case.get("error"))]
        for outcome in bad:
            yield _check(case, name, outcome, reading)
        if not bad:
            left_out = "skipped" in case or "disabled" in case
            state = ObservationStatus.NOT_APPLICABLE if left_out else ObservationStatus.PASSED
            observed = _check(case, name, None, reading)
            yield observed.model_copy(update={"status": state})
    for inner in _items(suite.get("testsuite")):
        yield from _cases(inner, reading, depth + 1)


def _read(document: Any, reading: Reading) -> Iterator[Observation]:
    yield from _cases(obj(document), reading)


SPEC = ScannerSpec(
    name="junit",
    title="JUnit XML (any tool)",
    kinds=(Kind.QUALITY, Kind.SAST, Kind.SECRET, Kind.IAC),
    aliases=("junitxml", "junit-xml"),
    homepage="https://github.com/testmoapp/junitxml",
    setup=_SETUP,
    counts_passed=True,
    formats=(Format(name="junit-xml", container="xml", detect=XmlShape(root="testsuites?"), parse=_read),),
)
