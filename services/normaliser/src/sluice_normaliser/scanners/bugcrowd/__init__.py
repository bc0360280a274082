"""Bugcrowd: submissions of bug bounty programmes; the CSV export, and what the API gives."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    JsonShape,
    Map,
    Said,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    fix,
    peek,
    reference,
    sections,
    status,
    suppression,
    template,
    url,
    urls_in,
    when,
)
from sluice_normaliser.kit.coerce import boolean
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
In the programme's *Submissions*, choose *Export › CSV*.
```sh
sluice push submissions.csv --asset app:shop
```
or from the API, page by page (a page closes nothing), or all `data` in one list:
```sh
curl -g -H "Authorization: Token $TOKEN" -H "Accept: application/vnd.bugcrowd+json" \
  "https://api.bugcrowd.com/submissions?filter[program]=shop&page[limit]=100&include=target,program" > submissions.json
```
"""

_STATUSES = {
    "resolved": ObservationStatus.FIXED,
    "fixed": ObservationStatus.FIXED,
    "wont_fix": ObservationStatus.SUPPRESSED,
    "won't fix": ObservationStatus.SUPPRESSED,
    "duplicate": ObservationStatus.SUPPRESSED,
    "not_applicable": ObservationStatus.NOT_APPLICABLE,
    "not applicable": ObservationStatus.NOT_APPLICABLE,
    "out_of_scope": ObservationStatus.NOT_APPLICABLE,
    "out of scope": ObservationStatus.NOT_APPLICABLE,
    "not_reproducible": ObservationStatus.NOT_APPLICABLE,
    "not reproducible": ObservationStatus.NOT_APPLICABLE,
    "informational": ObservationStatus.INFORMATIONAL,
    "closed": ObservationStatus.FIXED,
}


def _rule(lineage: Any) -> str | None:
    return (words(lineage) or "").replace(" > ", ".").lower().replace(" ", "_") or None


def _weaknesses(references: Any) -> list[str]:
    return [part for part in (words(references) or "").split() if "cwe.mitre" in part]


_ONE = "attributes."


def _standing(state: Any, duplicate: Any) -> Said:
    """Return where a submission stands; a duplicate keeps the state that it had."""
    word = words(state)
    if boolean(duplicate):
        return Said(ObservationStatus.SUPPRESSED, "duplicate")
    return Said(_STATUSES.get((word or "").lower(), ObservationStatus.OPEN), word)


def _dismissed(state: Any, duplicate: Any) -> bool:
    return _standing(state, duplicate).status is ObservationStatus.SUPPRESSED


def _named(kind: str) -> Any:
    """Return an expression for the name of a related thing, which is told at the end of the page."""

    def find(identifier: Any, included: Any) -> str | None:
        wanted = words(identifier)
        found = (item for item in objs(included) if wanted and item.get("id") == wanted and item.get("type") == kind)
        return next((words(obj(item.get("attributes")).get("name")) for item in found), None)

    return call(find, f"relationships.{kind}.data.id", peek("$.included"))


def _page(data: Any, total: Any) -> bool:
    """Return False for a page; only a page with everything says something about what is gone."""
    return isinstance(total, int) and len(arr(data)) >= total


def _submission(each_: str) -> Map:
    return Map(
        each=each_,
        kind=Kind.DAST,
        rule_id=f"{_ONE}vrt_id | {_ONE}title",
        rule_name=f"{_ONE}vrt_id",
        title=f"{_ONE}title",
        description=sections(f"{_ONE}description"),
        message=f"{_ONE}extra_info",
        severity=by(f"{_ONE}severity", "5-1"),
        status=call(_standing, f"{_ONE}state", f"{_ONE}duplicate"),
        identifiers=f"{_ONE}vulnerability_references",
        cwes=call(_weaknesses, f"{_ONE}vulnerability_references"),
        location=url(url=f"{_ONE}bug_url"),
        fix=fix(recommendation=f"{_ONE}remediation_advice"),
        references=(
            call(urls_in, f"{_ONE}vulnerability_references"),
            reference(url=template("https://tracker.bugcrowd.com{links.self}"), type=const("report")),
        ),
        evidence={"request": f"{_ONE}http_request"},
        suppressions=when(
            call(_dismissed, f"{_ONE}state", f"{_ONE}duplicate"),
            suppression(kind=const("external"), status=f"{_ONE}state"),
        ),
        fingerprints={"bugcrowd_submission": "id"},
        tags=(_named("target"), _named("program"), f"{_ONE}source"),
        first_detected_at=f"{_ONE}submitted_at",
        ignore=("type", "relationships", "links", f"{_ONE}vrt_version"),
    )


_MARKS = ("attributes.vrt_id", "attributes.vrt_version", "attributes.bug_url", "attributes.submitted_at")

SPEC = ScannerSpec(
    name="bugcrowd",
    title="Bugcrowd",
    kinds=(Kind.DAST,),
    homepage="https://www.bugcrowd.com",
    setup=_SETUP,
    aliases=("api_bugcrowd",),
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="bugcrowd-csv",
            container="csv",
            detect=CsvShape(columns=("title", "vrt_lineage"), any_of=("reference_number", "substate", "priority")),
            maps=(
                Map(
                    kind=Kind.DAST,
                    rule_id=call(_rule, "vrt_lineage"),
                    rule_name="vrt_lineage",
                    title="title",
                    description=sections("description"),
                    message="extra_info",
                    severity=[by("priority", "5-1"), by("priority", "priority")],
                    status=status("substate | state", _STATUSES),
                    identifiers="vulnerability_references",
                    cwes=call(_weaknesses, "vulnerability_references"),
                    location=url(url="bug_url"),
                    fix=fix(recommendation="remediation_advice"),
                    references=("vulnerability_references",),
                    evidence={"request": "http_request"},
                    fingerprints={"bugcrowd_reference": "reference_number"},
                    tags=("target_category", "target_name"),
                    first_detected_at="submitted_at",
                ),
            ),
        ),
        Format(
            name="bugcrowd-api-json",
            container="json",
            detect=JsonShape(
                root="object", has=("data[].attributes",), any_of=tuple(f"data[].{mark}" for mark in _MARKS)
            ),
            scan=ScanMap(complete=call(_page, peek("data"), "meta.total_hits")),
            maps=(_submission("data[]"),),
        ),
        Format(
            name="bugcrowd-api-none",
            container="json",
            detect=JsonShape(
                root="object",
                has=("data", "meta.total_hits"),
                lacks=("data[]",),
                only=("data", "included", "meta", "links"),
            ),
            scan=ScanMap(complete=call(_page, peek("data"), "meta.total_hits")),
            maps=(_submission("data[]"),),
        ),
        Format(
            name="bugcrowd-api-list",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].attributes",), any_of=tuple(f"[].{mark}" for mark in _MARKS)),
            maps=(_submission("[]"),),
        ),
    ),
)
