"""Chef InSpec: controls of compliance profiles."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    Grade,
    JsonShape,
    Map,
    Said,
    ScanMap,
    ScannerSpec,
    call,
    compliance,
    const,
    fix,
    grade,
    host,
    join,
    peek,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.coerce import number
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
inspec exec profile --reporter json:inspec.json
sluice push inspec.json --asset host:node-1
```
The reports of `json-min` and `json-automate` do, too, and so do lines of single controls; controls that hold are kept
as such.
"""
_STATUSES = {"passed": ObservationStatus.PASSED, "skipped": ObservationStatus.NOT_APPLICABLE}
_WORST = ("failed", "error", "passed", "skipped")


def _impact(impact: Any) -> Grade:
    """Return the severity of an impact between 0 and 1, as InSpec reads it in words."""
    bands = ((0.9, "critical"), (0.7, "high"), (0.4, "medium"), (0.01, "low"), (0.0, "none"))
    known = None if isinstance(impact, bool) else number(impact)
    word = next((name for least, name in bands if known is not None and known >= least), words(impact) or "unknown")
    return grade(word)._replace(raw=None if impact is None else str(impact))


def _word(own: Any, results: Any) -> str | None:
    """Return whether a control holds, in InSpec's words: as it says itself, else the worst of its tests."""
    tests = {(words(test.get("status")) or "").lower() for test in objs(results)}
    return words(own) or next((each for each in _WORST if each in tests), None)


def _waived(waiver: Any) -> bool:
    """Return True for a control that is waived; what the waiver has a message for has expired."""
    return bool(obj(waiver)) and not obj(waiver).get("message")


def _status(own: Any, results: Any, waiver: Any) -> Said:
    word = _word(own, results)
    found = _STATUSES.get((word or "").lower(), ObservationStatus.OPEN)
    away = found is ObservationStatus.OPEN and _waived(waiver)
    return Said(ObservationStatus.SUPPRESSED if away else found, word)


def _control(each: str, profile: str, platform: str) -> Map:
    """Return the map of the controls at a path; ``profile`` and ``platform`` are the paths of what they belong to."""
    return Map(
        each=each,
        kind=Kind.COMPLIANCE,
        rule_id="id",
        title="title | id",
        description="description | desc",
        severity=call(_impact, "impact"),
        status=call(_status, "status", peek("results"), peek("waiver_data")),
        identifiers=("tags.cve[]", "tags.cce[]", "tags.cci[]"),
        location=host(host=f"{platform}.target_id", os=template(f"{{{platform}.name}} {{{platform}.release}}")),
        compliance=compliance(
            standard=f"{profile}.name",
            control="id",
            title=f"{profile}.title",
            status=call(_word, "status", peek("results")),
        ),
        fix=fix(recommendation="tags.fix"),
        references=("refs[].url", "refs[].uri", "refs[].ref"),
        suppressions=when(
            call(_waived, peek("waiver_data")),
            suppression(kind=const("policy"), justification="waiver_data.justification"),
        ),
        evidence={
            "output": join("results[].code_desc", sep="\n"),
            "message": join("results[].message", "results[].skip_message", sep="\n"),
        },
        last_detected_at="results[0].start_time",
        tags=("application_group", "zone", "environment"),
        ignore=("code",),
    )


_MINIMAL = Map(
    each="controls[]",
    kind=Kind.COMPLIANCE,
    rule_id="id",
    title="id",
    message="code_desc",
    status=call(_status, "status", peek("results"), peek("waiver_data")),
    location=host(host="$.platform.target_id", os=template("{$.platform.name} {$.platform.release}")),
    compliance=compliance(standard="profile_id", control="id", status="status"),
    evidence={"output": "message | skip_message"},
    ignore=("profile_sha256",),
)
_SCAN = ScanMap(version="version", scanned_at="end_time")

SPEC = ScannerSpec(
    name="chefinspect",
    title="Chef InSpec",
    kinds=(Kind.COMPLIANCE,),
    aliases=("inspec", "chef-inspec", "cinc-auditor"),
    homepage="https://docs.chef.io/inspec/",
    setup=_SETUP,
    trivial={"": CLEAN},
    formats=(
        Format(
            name="chef-inspec-controls-jsonl",
            container=("jsonl", "json"),
            detect=JsonShape(
                root="array",
                any_of=("[].results[].code_desc", "[].control_tags", "[].control_runtime", "[].source_location.ref"),
            ),
            maps=(_control("[]", "profile", "platform"),),
        ),
        Format(
            name="chef-inspec-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("profiles",),
                any_of=("profiles[].controls", "profiles[].sha256", "statistics.duration", "statistics.controls"),
            ),
            scan=_SCAN,
            maps=(_control("profiles[].controls[]", "^", "$.platform"),),
        ),
        Format(
            name="chef-inspec-json-min",
            container="json",
            detect=JsonShape(
                root="object",
                has=("controls",),
                any_of=("controls[].code_desc", "statistics.duration"),
                lacks=("profiles",),
            ),
            scan=_SCAN,
            maps=(_MINIMAL,),
        ),
    ),
)
