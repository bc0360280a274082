"""Rapplex: finds vulnerabilities of web applications by attacking them."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    const,
    construct,
    each,
    evidence,
    fix,
    join,
    lookup,
    plain,
    rating,
    reference,
    sections,
    timestamp,
    url,
)
from sluice_normaliser.kit.shapes import objs, words
from sluice_shared.contracts.finding import Compliance, Confidence, Kind

_SETUP = """
*Scan → Report → JSON*:
```sh
sluice push rapplex.json --asset service:shop
```
"""
_IN = {
    "querystring": "query",
    "query": "query",
    "post": "body",
    "body": "body",
    "json": "body",
    "header": "header",
    "cookie": "cookie",
    "url": "path",
    "path": "path",
    "urlrewrite": "path",
}
_DEFINITION = "^.Definition"


def _confidence(exploitable: Any) -> Confidence | None:
    """Return that a weakness is confirmed when Rapplex has exploited it."""
    return Confidence.CONFIRMED if exploitable is True else None


def _classes(value: Any) -> list[str]:
    """Return ``CWE-79``, ``CAPEC-19``, ``A07:2017`` and the like."""
    found: list[str] = []
    for one in objs(value):
        number, version = words(one.get("Value")) or "", words(one.get("Version")) or ""
        name = (words(one.get("Foundation")) or "").upper()
        if name == "OWASP":
            found += [f"{number}:{version}"] if version.isdigit() else []
        elif name in {"CWE", "CAPEC", "WASC"}:
            found.append(f"{name}-{number}")
    return found


def _requirements(value: Any) -> list[Compliance]:
    return [
        construct(
            Compliance, {"standard": f"PCI DSS {words(one.get('Version')) or ''}".strip(), "control": one["Value"]}
        )
        for one in objs(value)
        if (words(one.get("Foundation")) or "").upper() == "PCI" and one.get("Value")
    ]


def _vector(value: Any) -> str | None:
    """Return the CVSS vector that stands among the references."""
    return next((told for one in objs(value) if (told := words(one.get("Title")) or "").startswith("CVSS:")), None)


SPEC = ScannerSpec(
    name="rapplex",
    title="Rapplex",
    kinds=(Kind.DAST,),
    homepage="https://rapplex.com",
    setup=_SETUP,
    formats=(
        Format(
            name="rapplex-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("Severities",),
                any_of=("ScanId", "ScanPolicy", "Severities.*.IssueGroups"),
                weight=2,
            ),
            scan=ScanMap(scanned_at=timestamp("StartedDate | CreatedDate", "%d/%m/%Y %H:%M:%S")),
            maps=(
                Map(
                    each="Severities.*.IssueGroups[].Issues[]",
                    kind=Kind.DAST,
                    rule_id="^.Group",
                    rule_name="^.Definition.Title | ^.Group",
                    title="Title",
                    description=sections(
                        f"{_DEFINITION}.Sections.Summary", f"{_DEFINITION}.MarkdownContent", Payload="Payload"
                    ),
                    message="Comment",
                    severity="Severity | ^.Severity | ^^.Name",
                    confidence=call(_confidence, "Exploitable"),
                    identifiers=call(_classes, f"{_DEFINITION}.Classifications"),
                    location=url(
                        url="Url",
                        parameter="InjectionPoint.Name",
                        parameter_in=lookup("InjectionPoint.Type", _IN),
                    ),
                    ratings=rating(const("rapplex"), vector=call(_vector, f"{_DEFINITION}.References")),
                    fix=fix(recommendation=plain(f"{_DEFINITION}.Sections.Remediation")),
                    references=each(f"{_DEFINITION}.References[]", reference(url="Link", title="Title")),
                    evidence=(
                        evidence(type=const("request"), text="HttpRequest"),
                        evidence(type=const("response"), text="HttpResponse"),
                        evidence(type=const("page"), text="Html"),
                        each("CommentGroups[].Items[]", evidence(type="^.Name", text=join("Title", "Text", "Note"))),
                    ),
                    compliance=call(_requirements, f"{_DEFINITION}.Classifications"),
                    ignore=("vIndex", "IsR2Visible", "Path"),
                ),
            ),
        ),
    ),
)
