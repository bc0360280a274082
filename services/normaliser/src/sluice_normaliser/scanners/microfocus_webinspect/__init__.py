"""WebInspect (Fortify, OpenText): finds problems in running web applications; its XML export."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    Map,
    ScannerSpec,
    XmlShape,
    by,
    call,
    fix,
    ident,
    plain,
    status,
    url,
)
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
In WebInspect, *File › Export › Scan details*, format XML, *Full*; on the command line, `wi.exe -s scan -es scan.xml`.
```sh
sluice push scan.xml --asset url:https://shop.acme.io
```
Best practices are kept as open findings of severity info.
"""


def _listed(value: Any) -> list[Any]:
    return arr(value) if isinstance(value, list) else [value]


def _section(*names: str) -> call:
    def find(sections: Any) -> str | None:
        found = [words(each.get("SectionText")) for each in objs(_listed(sections)) if words(each.get("Name")) in names]
        return "\n".join(text for text in found if text) or None

    return call(find, "ReportSection")


def _classified(kind: str, take: str) -> call:
    def find(classes: Any) -> list[str]:
        return [
            told
            for each in objs(_listed(obj(classes).get("Classification")))
            if (words(each.get("@kind")) or "") == kind and (told := words(each.get(take)))
        ]

    return call(find, "Classifications")


SPEC = ScannerSpec(
    name="microfocus_webinspect",
    scanner="webinspect",
    title="Fortify WebInspect",
    kinds=(Kind.DAST,),
    aliases=("webinspect", "fortify_webinspect"),
    homepage="https://www.opentext.com/products/fortify-webinspect",
    setup=_SETUP,
    differences={"*": "one observation for each Issue; the reference merges issues of one name and address"},
    formats=(
        Format(
            name="webinspect-xml",
            container="xml",
            detect=XmlShape(root="Sessions", has=("Session",)),
            records="Session",
            maps=(
                Map(
                    each="Issues.Issue[]",
                    kind=Kind.DAST,
                    rule_id="VulnerabilityID",
                    rule_name="Name",
                    title="Name",
                    description=plain(_section("Summary", "Implication")),
                    message=plain(_section("Execution")),
                    severity=by("Severity", "0-4"),
                    status=status(
                        "Status | State",
                        {"False Positive": ObservationStatus.SUPPRESSED, "Ignored": ObservationStatus.SUPPRESSED},
                    ),
                    identifiers=(ident("VulnerabilityID", scheme="vendor"), _classified("CWE", "@identifier")),
                    cwes=_classified("CWE", "@identifier"),
                    location=url(
                        url="^.URL",
                        method="^.Method | ^.AttackMethod",
                        parameter="^.AttackParamDescriptor",
                        status_code="^.AttackStatusCode | ^.StatusCode",
                    ),
                    fix=fix(recommendation=plain(_section("Fix"))),
                    references=(_section("Reference Info"), _classified("CWE", "@href")),
                    evidence={
                        "request": "AttackHTTPRequest | ^.AttackHTTPRequest | ^.RawRequest",
                        "response": "^.RawResponse",
                    },
                    fingerprints={"webinspect_issue": "@id"},
                    tags=("CheckTypeID",),
                ),
            ),
        ),
    ),
)
