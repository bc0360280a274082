"""Burp Suite DAST's GraphQL API: the issues of a scan."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    each,
    evidence,
    fix,
    sections,
    url,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.kit.text import plain
from sluice_normaliser.scanners._burp import address, marked
from sluice_shared.contracts.finding import Kind

_SETUP = """
```graphql
query Issues { scan(id: "7") { id status issues(start: 0, count: 10000) {
  confidence severity serial_number origin path novelty description_html remediation_html
  issue_type { type_index name description_html remediation_html vulnerability_classifications_html references_html }
  evidence {
    ... on Request { request_index request_count request_segments { ...on DataSegment { data_html }
      ...on HighlightSegment { highlight_html } ...on SnipSegment { snip_length } } }
    ... on Response { response_index response_count response_segments { ...on DataSegment { data_html }
      ...on HighlightSegment { highlight_html } ...on SnipSegment { snip_length } } } } } } }
```
```sh
sluice push issues.json --asset url:https://shop.acme.io --scanner burp_graphql
```
A list of issues of your own as `{"Issues": […]}` does, too.
"""


def _message(segments: Any) -> str | None:
    """Return a request or a response from its segments; parts that Burp snipped are marked."""
    found: list[str] = []
    for segment in objs(segments):
        told = text(segment.get("data_html")) or text(segment.get("highlight_html"))
        length = segment.get("snip_length")
        found += [told] if told else [f"[{length} bytes left out]"] if length else []
    return plain("".join(found)) or None


def _listed(document: Any) -> list[dict[str, Any]]:
    data = obj(obj(document).get("data"))
    one = data.get("issue")
    issues = obj(document).get("Issues") or obj(data.get("scan")).get("issues")
    return objs(issues) or ([one] if isinstance(one, dict) else [])


def _nameless(document: Any) -> str | None:
    """Return why the list cannot be trusted to be whole: an issue without a type was not read rightly."""
    lost = sum(not words(obj(each.get("issue_type")).get("name")) for each in _listed(document))
    return f"{lost} issues have no name of their type; ask for issue_type {{ name }}" if lost else None


def _errors(errors: Any) -> str | None:
    return "; ".join(words(each.get("message")) or "" for each in objs(errors)) or None


def _ended(status: Any) -> bool | None:
    said = words(status)
    return None if said is None else said.lower() in {"succeeded", "completed"}


def _issues(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id="issue_type.type_index | issue_type.name",
        rule_name="issue_type.name",
        title="issue_type.name",
        description=sections("issue_type.description_html"),
        message=sections("description_html"),
        severity=by("severity", "web"),
        confidence="confidence",
        status=call(marked, "severity"),
        identifiers="issue_type.vulnerability_classifications_html",
        cwes="issue_type.vulnerability_classifications_html",
        location=url(url=call(address, "origin", "path")),
        fix=fix(recommendation=sections("issue_type.remediation_html", Detail="remediation_html")),
        references=("issue_type.references_html", "issue_type.vulnerability_classifications_html"),
        evidence=(
            each("evidence[]", evidence(type=const("request"), text=call(_message, "request_segments"))),
            each("evidence[]", evidence(type=const("response"), text=call(_message, "response_segments"))),
            each("evidence[]", evidence(type=const("output"), text=sections("title", "description_html"))),
        ),
        fingerprints={"burp_serial_number": "serial_number"},
        # unmapped, it would show the credentials that evidence hides
        ignore=("evidence",),
    )


SPEC = ScannerSpec(
    name="burp_graphql",
    scanner="burp",
    title="Burp Suite DAST GraphQL API",
    kinds=(Kind.DAST,),
    aliases=("burp_enterprise_graphql",),
    homepage="https://portswigger.net/burp/extensibility/dast/graphql-api",
    setup=_SETUP,
    differences={"*": "one per issue; the reference merges those of one type"},
    formats=(
        Format(
            name="burp-graphql-list",
            container="json",
            detect=JsonShape(root="object", has=("Issues",), any_of=("Issues[].issue_type", "Issues[].origin")),
            scan=ScanMap(failure=call(_nameless, ".")),
            maps=(_issues("Issues[]"),),
        ),
        Format(
            name="burp-graphql-none",
            container="json",
            detect=JsonShape(root="object", has=("Issues",), only=("Issues",), lacks=("Issues[]",)),
            maps=(_issues("Issues[]"),),
        ),
        Format(
            name="burp-graphql-scan",
            container="json",
            detect=JsonShape(root="object", has=("data.scan.issues",)),
            scan=ScanMap(
                failure=call(_nameless, "."),
                refuse=call(_errors, "errors"),
                complete=call(_ended, "data.scan.status"),
                scanned_at="data.scan.end_time | data.scan.start_time",
            ),
            maps=(_issues("data.scan.issues[]"),),
        ),
        Format(
            name="burp-graphql-issue",
            container="json",
            detect=JsonShape(root="object", has=("data.issue.issue_type", "data.issue.serial_number")),
            scan=ScanMap(failure=call(_nameless, "."), complete=const(value=False)),
            maps=(_issues("data.issue"),),
        ),
    ),
)
