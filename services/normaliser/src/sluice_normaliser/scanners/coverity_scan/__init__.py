"""Coverity: the issues of an analysis, from the command line."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    code,
    const,
    construct,
    each,
    fix,
    join,
    peek,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.scanners._coverity import cwe, kind, taken_away, triaged
from sluice_shared.contracts.finding import CodeFlowStep, CodeLocation, Kind

_SETUP = """
```sh
cov-format-errors --dir idir --json-output-v10 coverity.json     # or coverity scan -o local.results.path=…
sluice push coverity.json --asset repo:github.com/acme/shop --scanner coverity_scan
```
`cov-run-desktop --json-output-v10` does, too; it analyses some files only, so push its report with `complete=false`.
"""


def _where(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "path": words(event.get("strippedFilePathname")) or words(event.get("filePathname")),
        "start_line": event.get("lineNumber"),
        "start_column": event.get("columnNumber"),
        "message": words(event.get("eventDescription")) or words(event.get("eventTag")),
    }


def _flows(events: Any) -> list[list[CodeFlowStep]]:
    """Return the events in their order; those of a called function stand below the event of the call."""
    steps = [construct(CodeFlowStep, {k: v for k, v in _where(event).items() if v}) for event in _each(events)]
    return [steps] if len(steps) > 1 else []


def _each(events: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for event in objs(events):
        if not event.get("remediation"):
            found += [event, *_each(event.get("events"))]
    return found


def _main(events: Any) -> dict[str, Any]:
    return next((event for event in _each(events) if event.get("main")), {})


def _message(events: Any) -> str | None:
    return words(_main(events).get("eventDescription"))


def _remedy(events: Any) -> str | None:
    told = [words(event.get("eventDescription")) for event in objs(events) if event.get("remediation")]
    return "\n".join(filter(None, told)) or None


def _located(events: Any) -> CodeLocation | None:
    """Return where the main event is, for old versions that say so only there."""
    place = {k: v for k, v in _where(_main(events)).items() if v and k != "message"}
    return construct(CodeLocation, place) if place.get("path") else None


def _failed(error: Any) -> str | None:
    return words(obj(error).get("message")) or words(error)


def _fruitless(error: Any, issues: Any) -> str | None:
    return None if objs(issues) else _failed(error)


_EVENTS = peek("events")
_TRIAGE = "stateOnServer.triage"
_LOCAL = "localTriage"
_STAND = ("localStatus", f"{_LOCAL}.classification | {_TRIAGE}.classification", f"{_LOCAL}.action | {_TRIAGE}.action")
_FILE = "strippedMainEventFilePathname | mainEventFilePathname"
_ISSUE = Map(
    each="issues[]",
    kind=call(kind, "checkerProperties.issueKinds"),
    rule_id="checkerName",
    rule_name="checkerProperties.subcategoryShortDescription",
    title="checkerProperties.subcategoryShortDescription | checkerName",
    description=join(
        "checkerProperties.subcategoryLongDescription", "checkerProperties.subcategoryLocalEffect", sep="\n\n"
    ),
    message=call(_message, _EVENTS),
    severity="checkerProperties.impact",
    status=call(triaged, *_STAND),
    cwes=call(cwe, "checkerProperties.cweCategory"),
    location=when(
        _FILE,
        code(
            path=_FILE,
            start_line="mainEventLineNumber",
            start_column="mainEventColumnNumber",
            symbol="functionDisplayName | functionSimpleName",
        ),
        call(_located, _EVENTS),
    ),
    code_flows=call(_flows, _EVENTS),
    fix=fix(recommendation=call(_remedy, _EVENTS)),
    suppressions=when(
        call(taken_away, *_STAND),
        suppression(
            kind=const("external"),
            status=f"{_LOCAL}.classification | {_TRIAGE}.classification",
            author=f"{_LOCAL}.owner | {_TRIAGE}.owner",
        ),
    ),
    fingerprints={
        "coverity_merge_key": when("occurrenceNumberInMK", template("{mergeKey}/{occurrenceNumberInMK}"), "mergeKey"),
        "coverity_cid": "stateOnServer.cid",
    },
    occurrence_count="occurrenceCountForMK",
    tags=("checkerProperties.category", "language", "domain", each("stateOnServer.components[]", ".")),
    first_detected_at="stateOnServer.firstDetectedDateTime",
    ignore=(
        *("events", "mainEventFilePathname", "functionHtmlDisplayName", "functionSearchName", "functionMangledName"),
        *("checkerProperties.categoryDescription", "checkerProperties.impactDescription"),
        *("checkerProperties.eventSetCaptions", "ordered"),
    ),
)
_SCAN = ScanMap(
    failure=call(_failed, "error"),
    refuse=call(_fruitless, "error", peek("issues")),
    scanned_at="desktopAnalysisSettings.analysisDate",
)

SPEC = ScannerSpec(
    name="coverity_scan",
    scanner="coverity",
    title="Coverity (command line)",
    kinds=(Kind.SAST, Kind.QUALITY),
    aliases=("coverity_cli", "cov-format-errors", "cov-run-desktop"),
    homepage="https://www.blackduck.com/static-analysis-tools-sast/coverity.html",
    setup=_SETUP,
    formats=(
        Format(
            name="coverity-json",
            container="json",
            detect=JsonShape(root="object", has=("issues",), match={"type": "(?i)^coverity issues$"}),
            scan=_SCAN,
            maps=(_ISSUE,),
        ),
        Format(
            name="coverity-json-issues",
            container="json",
            detect=JsonShape(
                root="object",
                has=("issues",),
                any_of=("issues[].mergeKey", "issues[].mainEventFilePathname", "issues[].checkerProperties"),
            ),
            scan=_SCAN,
            maps=(_ISSUE,),
        ),
    ),
)
