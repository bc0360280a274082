"""HackerOne: reports of bug bounty and disclosure programmes."""

from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    first,
    host,
    peek,
    rating,
    sections,
    split,
    status,
    template,
    url,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
The API gives reports as JSON; the inbox exports CSV (*Export reports*).
```sh
curl -u "$NAME:$TOKEN" 'https://api.hackerone.com/v1/reports?filter[program][]=acme' -o reports.json
sluice push reports.json --asset app:shop
```
"""

_STATUSES = {
    "resolved": ObservationStatus.FIXED,
    "duplicate": ObservationStatus.SUPPRESSED,
    "not-applicable": ObservationStatus.NOT_APPLICABLE,
    "spam": ObservationStatus.NOT_APPLICABLE,
    "informative": ObservationStatus.INFORMATIONAL,
    "closed": ObservationStatus.FIXED,
}


def _is_all(data: Any, following: Any) -> bool:
    """Return False for a single report and for a page that another one follows: they close nothing."""
    return isinstance(data, list) and not following


def _web(name: Any) -> str | None:
    told = words(name)
    return told if told and "://" in told else None


def _host(name: Any) -> str | None:
    told = words(name)
    return told if told and "." in told and " " not in told and "*" not in told else None


def _exported(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id="weakness",
        title="title",
        severity=["severity_rating", by("severity_score", "cvss")],
        status=status("substate | state", _STATUSES),
        identifiers=(split("cve_ids"), "weakness", "title"),
        cwes="weakness",
        location=first(url(url=call(_web, "structured_scope")), host(host=call(_host, "structured_scope"))),
        ratings=rating(const("hackerone"), score="severity_score", severity="severity_rating"),
        references=("reference_url", template("https://hackerone.com/reports/{id}")),
        fingerprints={"hackerone_id": "id"},
        first_detected_at="reported_at",
    )


_API = "attributes"
_SEVERITY = "relationships.severity.data.attributes"
_WEAKNESS = "relationships.weakness.data.attributes"
_SCOPE = "relationships.structured_scope.data.attributes"


def _reports(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id=f"{_WEAKNESS}.external_id | {_WEAKNESS}.name",
        rule_name=f"{_WEAKNESS}.name",
        title=f"{_API}.title",
        description=sections(f"{_WEAKNESS}.description"),
        message=f"{_API}.vulnerability_information",
        severity=[f"{_SEVERITY}.rating", by(f"{_SEVERITY}.score", "cvss")],
        status=status(f"{_API}.state | {_API}.main_state", _STATUSES),
        identifiers=(f"{_API}.cve_ids[]", f"{_WEAKNESS}.external_id", f"{_API}.title"),
        cwes=f"{_WEAKNESS}.external_id",
        location=first(
            url(url=call(_web, f"{_SCOPE}.asset_identifier")), host(host=call(_host, f"{_SCOPE}.asset_identifier"))
        ),
        ratings=rating(
            const("hackerone"),
            vector=f"{_SEVERITY}.cvss_vector_string",
            score=f"{_SEVERITY}.score",
            severity=f"{_SEVERITY}.rating",
        ),
        references=(f"{_API}.issue_tracker_reference_url", template("https://hackerone.com/reports/{id}")),
        fingerprints={"hackerone_id": "id"},
        first_detected_at=f"{_API}.created_at | {_API}.submitted_at",
        last_detected_at=f"{_API}.last_activity_at",
        published_at=f"{_API}.disclosed_at",
        ignore=("relationships.reporter", "relationships.assignee", "relationships.closed_by"),
    )


SPEC = ScannerSpec(
    name="h1",
    scanner="hackerone",
    title="HackerOne",
    kinds=(Kind.DAST,),
    aliases=("hackerone",),
    homepage="https://www.hackerone.com",
    setup=_SETUP,
    formats=(
        Format(
            name="hackerone-api-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("data[].attributes.title",),
                any_of=(
                    "data[].attributes.vulnerability_information",
                    "data[].attributes.main_state",
                    "data[].relationships.weakness",
                    "data[].relationships.severity",
                ),
                weight=2,
            ),
            scan=ScanMap(complete=call(_is_all, peek("data"), "links.next")),
            maps=(_reports("data[]"),),
        ),
        Format(
            name="hackerone-export-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("findings[].title",),
                any_of=("findings[].severity_rating", "findings[].substate", "findings[].weakness"),
                weight=1,
            ),
            maps=(_exported("findings[]"),),
        ),
        Format(
            name="hackerone-export-json-nothing",
            container="json",
            detect=JsonShape(root="object", has=("findings",), only=("findings",), lacks=("findings[]",), weight=-3),
            maps=(_exported("findings[]"),),
        ),
        Format(
            name="hackerone-csv",
            container="csv",
            detect=CsvShape(columns=("title",), any_of=("severity_rating", "weakness", "structured_scope"), weight=2),
            maps=(_exported("."),),
        ),
    ),
)
