"""From a report of AppScan on Cloud (or AppScan 360°) to observations: static, dynamic and open-source issues alike."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct
from sluice_normaliser.kit.cvss import rating
from sluice_normaliser.kit.packages import complete
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.kit.times import parse_time
from sluice_normaliser.kit.values import Said
from sluice_normaliser.scanners.hcl_appscan.report import Report, listed, refs, texts
from sluice_shared.contracts.finding import (
    CodeLocation,
    Fix,
    Kind,
    Location,
    Observation,
    ObservationStatus,
    PackageLocation,
    UrlLocation,
)

_KINDS = {
    "sast": Kind.SAST,
    "dast": Kind.DAST,
    "iast": Kind.DAST,
    "sca": Kind.SCA,
    "iac": Kind.IAC,
    "secrets": Kind.SECRET,
    "containers": Kind.CONTAINER,
}
_STATUS = {
    "noise": ObservationStatus.SUPPRESSED,
    "passed": ObservationStatus.FIXED,
    "fixed": ObservationStatus.FIXED,
}
_DATE = "%A, %B %d, %Y"
_PARTS = {"parameter": "query", "cookie": "cookie", "header": "header"}
_MAPPED = frozenset(
    {"@id", "@filename", "@caller", "@context", "@language", "@cve", "issue-type", "issue-type-name", "variant-group"}
    | {"variants-count", "fix", "severity", "severity-id", "technology", "cwe", "threat-class", "status"}
    | {"date-created", "location", "source-file", "element", "element-type"}
    | {"line", "port", "host", "scheme", "path", "domain", "url-name", "asoc-issue-id", "cvss", "cvss-vector"}
    | {"cvss-version", "library-name", "library-version"}
)
_EMPTY = ("", "0", "None", None)


def observations(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the issues of a report, in its order."""
    report = Report(document)
    for item in report.items("issue"):
        yield _observe(obj(item), report, reading)


def _observe(issue: dict[str, Any], report: Report, reading: Reading) -> Observation:
    article = obj(report.find("article", issue.get("issue-type")))
    rule = next(iter(refs(issue.get("issue-type"))), "")
    status = words(issue.get("status"))
    variants = [obj(each) for each in listed(obj(issue.get("variant-group")).get("item"))]
    score = rating(
        "appscan",
        vector=words(issue.get("cvss-vector")),
        score=issue.get("cvss"),
        version=words(issue.get("cvss-version")),
    )
    told = [*texts(article.get("cause")), *texts(article.get("risk"))]
    return reading.observe(
        kind=_kind(issue),
        rule_id=rule,
        rule_name=words(issue.get("issue-type-name")),
        title=words(issue.get("issue-type-name")) or rule,
        description="\n\n".join(dict.fromkeys(told)) or None,
        message=_message(variants),
        severity=words(issue.get("severity")),
        status=Said(_STATUS.get((status or "").lower(), ObservationStatus.OPEN), status),
        identifiers=[words(issue.get("@cve"))],
        cwes=refs(issue.get("cwe")) or [words(issue.get("cwe"))],
        location=_location(issue),
        ratings=[score] if score else [],
        fix=_fix(issue, article),
        references=[
            text for each in listed(obj(article.get("externalReferences")).get("item")) for text in texts(each)
        ],
        evidence={"trace": _trace(variants), "request": _traffic(variants)},
        fingerprints={
            name: value
            for name, value in (
                ("asoc_issue", words(issue.get("asoc-issue-id"))),
                ("appscan_id", words(issue.get("@id"))),
            )
            if value
        },
        occurrence_count=len(variants) or None,
        first_detected_at=parse_time(words(issue.get("date-created")), _DATE),
        tags=[tag for tag in (words(issue.get("@language")), *refs(issue.get("threat-class"))) if tag],
        unmapped={key: value for key, value in issue.items() if key not in _MAPPED and value not in _EMPTY},
    )


def _kind(issue: dict[str, Any]) -> Kind:
    if (words(issue.get("@language")) or "").lower() == "infrastructure-as-code":
        return Kind.IAC
    return _KINDS.get((words(issue.get("technology")) or "").lower(), Kind.SAST)


def _message(variants: list[dict[str, Any]]) -> str | None:
    found = [
        text
        for each in variants
        for text in (words(obj(each.get("issue-information")).get("method-signature")), words(each.get("reasoning")))
        if text
    ]
    return "\n".join(dict.fromkeys(found)) or None


def _trace(variants: list[dict[str, Any]]) -> str | None:
    """Return the calls of the variants, one a line: what is called, and the code that calls it."""
    lines: list[str] = []
    for each in variants:
        trace = obj(obj(each.get("issue-information")).get("call-trace"))
        for call in map(obj, listed(trace.get("call-invocation"))):
            parts = [words(call.get("@signature")), *texts(call.get("context"))]
            lines += [": ".join(part for part in parts if part)]
    return "\n".join(line for line in lines if line) or None


def _traffic(variants: list[dict[str, Any]]) -> str | None:
    return next((text for each in variants if (text := words(each.get("test-http-traffic")))), None)


def _fix(issue: dict[str, Any], article: dict[str, Any]) -> Fix | None:
    groups = [obj(each) for each in listed(obj(issue.get("fix")).get("item"))]
    actions = [text for each in groups if (text := words(each.get("remediation")))]
    told = [*actions, *texts(article.get("recommendations"))]
    if not told:
        return None
    return construct(Fix, {"recommendation": "\n".join(dict.fromkeys(told)), "action": next(iter(actions), None)})


def _location(issue: dict[str, Any]) -> Location | None:
    if library := words(issue.get("library-name")):
        done = complete({"name": library, "version": words(issue.get("library-version"))})
        return construct(PackageLocation, done) if done else None
    path = words(issue.get("source-file")) or words(issue.get("@filename"))
    if path:
        values = {"path": path, "start_line": words(issue.get("line")), "symbol": words(issue.get("@caller"))}
        return construct(CodeLocation, {**values, "snippet": words(issue.get("@context"))})
    return _place(issue)


def _place(issue: dict[str, Any]) -> Location | None:
    """Return the address of a dynamic issue, else the place that is said in words."""
    address = words(issue.get("url-name")) or _address(issue)
    if address is None:
        said = words(issue.get("location"))
        return construct(CodeLocation, {"path": said}) if said else None
    kind = (words(issue.get("element-type")) or "").lower()
    part = next((place for name, place in _PARTS.items() if name in kind), None)
    return construct(
        UrlLocation,
        {"url": address, "parameter": words(issue.get("element")) if part else None, "parameter_in": part},
    )


def _address(issue: dict[str, Any]) -> str | None:
    said = words(issue.get("location"))
    if said and "://" in said:
        return said
    host = words(issue.get("host")) or words(issue.get("domain"))
    if host is None:
        return None
    port, path = words(issue.get("port")), words(issue.get("path")) or ""
    shown = f":{port}" if port not in _EMPTY and ":" not in host else ""
    return f"{words(issue.get('scheme')) or 'https'}://{host}{shown}/{path.lstrip('/')}"
