"""Fortify: static analysis (FPR and its XML report), and WebInspect's export."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    Reading,
    ReportError,
    ScanMap,
    ScannerSpec,
    XmlShape,
    ZipShape,
    by,
    call,
    code,
    const,
    first,
    fix,
    join,
    lookup,
    peek,
    plain,
    status,
    suppression,
    url,
    when,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import obj
from sluice_normaliser.scanners.fortify.project import ANALYSIS, read
from sluice_normaliser.scanners.fortify.server import SERVER
from sluice_shared.contracts.events import RejectReason
from sluice_shared.contracts.finding import Kind, Observation, ObservationStatus

_SETUP = """
```sh
sourceanalyzer -b shop -scan -f shop.fpr
sluice push shop.fpr --asset repo:github.com/acme/shop
```
Push the FPR as downloaded from Software Security Center to have suppressed and audited issues marked as such. The
legacy XML report (`ReportGenerator -format xml -f report.xml -source shop.fpr`)
and the XML that WebInspect exports do, too, and so does the answer of Software Security Center
(`/api/v1/projectVersions/$ID/issues?limit=-1&showsuppressed=true`).
"""


def _half(_: Any, __: Reading) -> Iterator[Observation]:
    raise ReportError(
        RejectReason.SCHEMA,
        "this is the audit.fvdl of a Fortify project alone, without its audit.xml, so what was suppressed cannot be "
        "told; push the whole .fpr",
    )


def _attribute(name: str) -> Any:
    """Return what finds an entry of the group's ``MetaInfo`` (Abstract, Explanation, Recommendations)."""

    def find(summary: Any) -> str | None:
        entries = obj(summary).get("MetaInfo")
        for entry in entries if isinstance(entries, list) else [entries]:
            if obj(entry).get("Name") == name:
                return text(obj(entry).get("Value"))
        return None

    return find


def _section(name: str) -> Any:
    def find(sections: Any) -> str | None:
        for section in sections if isinstance(sections, list) else [sections]:
            if obj(section).get("Name") == name:
                return text(obj(section).get("SectionText"))
        return None

    return find


def _analysis(tags: Any) -> str | None:
    """Return the auditor's word among an issue's tags."""
    for tag in tags if isinstance(tags, list) else [tags]:
        if obj(tag).get("Name") == "Analysis":
            return text(obj(tag).get("Value"))
    return None


_META = peek("^.MajorAttributeSummary")
_ISSUE = Map(
    each="[].Issue[]",
    kind=Kind.SAST,
    rule_id="@ruleID | Category",
    rule_name="Category",
    title="Category",
    description=plain(first("Abstract", call(_attribute("Abstract"), _META))),
    message=plain("Abstract"),
    severity=by("Friority | Folder"),
    status=status(call(_analysis, peek("Tag")), ANALYSIS),
    cwes=call(_attribute("CWE"), _META),
    location=code(
        path="Primary.FilePath | Primary.FileName",
        start_line="Primary.LineStart",
        snippet="Primary.Snippet",
        symbol="Primary.TargetFunction",
    ),
    related_locations=code(
        path="Source.FilePath", start_line="Source.LineStart", snippet="Source.Snippet", message=const("source")
    ),
    fix=fix(recommendation=plain(call(_attribute("Recommendations"), _META))),
    suppressions=when(
        call(lambda said: said == "Not an Issue", call(_analysis, peek("Tag"))),
        suppression(kind=const("external"), justification=join("Comment[].Comment", "Comment[].#text")),
    ),
    fingerprints={"fortify_instance": "@iid"},
    tags=("Kingdom", "Folder"),
    ignore=("Source",),
)

_ISSUES = _ISSUE.compile()


def _groups(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the elements that have issues, wherever a template puts them."""
    if isinstance(value, list):
        for each in value:
            yield from _groups(each)
    elif isinstance(value, dict):
        if "Issue" in value:
            yield value
        for each in value.values():
            yield from _groups(each)


def _issues(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield each issue once; a template may list the same issues in several of its sections."""
    seen: set[str] = set()
    for observation in _ISSUES.run((None, list(_groups(document))), reading):
        instance = observation.fingerprints.get("fortify_instance")
        if instance is None or instance not in seen:
            yield observation
        seen.add(instance or "")


_FOUND = Map(
    each="Issues.Issue[]",
    kind=Kind.DAST,
    rule_id="VulnerabilityID | Name",
    rule_name="Name",
    title="Name",
    description=plain(call(_section("Summary"), peek("ReportSection"))),
    severity=by("Severity", "0-4"),
    status=lookup("CheckTypeID", {"info": ObservationStatus.INFORMATIONAL}, default=ObservationStatus.OPEN),
    identifiers=(call(_section("Reference Info"), peek("ReportSection")),),
    cwes="Classifications.Classification[]",
    location=url(url="URL", method="AttackMethod", parameter="VulnerableParameter | ParamName"),
    fix=fix(recommendation=plain(call(_section("Fix"), peek("ReportSection")))),
    references=(call(_section("Reference Info"), peek("ReportSection")),),
    evidence={
        "request": "VulnerableSession",
        "response": "RawResponse",
        "output": call(_section("Execution"), peek("ReportSection")),
    },
    fingerprints={"webinspect_issue": "@id"},
    tags=("CheckTypeID",),
    ignore=("ReportSection", "Scheme", "Host", "Port"),
)

SPEC = ScannerSpec(
    name="fortify",
    title="Fortify",
    kinds=(Kind.SAST, Kind.DAST),
    aliases=("fortify-sca", "opentext-fortify"),
    homepage="https://www.opentext.com/products/fortify-static-code-analyzer",
    setup=_SETUP,
    formats=(
        Format(name="fortify-fpr", container="zip", detect=ZipShape(members=("*audit.fvdl",)), parse=read),
        Format(
            name="fortify-fvdl",
            container="xml",
            detect=XmlShape(root="FVDL", namespace="fortifysoftware"),
            parse=_half,
        ),
        Format(
            name="fortify-report-xml",
            container="xml",
            detect=XmlShape(root="ReportDefinition", has=("ReportSection",), weight=1),
            scan=ScanMap(category="TemplateName"),
            parse=_issues,
        ),
        Format(
            name="fortify-server-json",
            container="json",
            detect=JsonShape(
                root="object", has=("data[].issueInstanceId",), any_of=("data[].issueName", "data[].friority")
            ),
            maps=(SERVER,),
        ),
        Format(
            name="fortify-webinspect-scan-xml",
            container="xml",
            detect=XmlShape(
                root="Scan",
                has=("Issues",),
                any_of=("PolicyName", "StartTime", "Issues.Issue.VulnerabilityID", "Issues.Issue.CheckTypeID"),
                weight=1,
            ),
            scan=ScanMap(scanned_at="StartTime", category="Name"),
            maps=(_FOUND,),
        ),
    ),
)
