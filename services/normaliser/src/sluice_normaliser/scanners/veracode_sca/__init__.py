"""Veracode SCA: the agent (once SourceClear) and the issues of its workspaces."""

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
    ident,
    licence,
    lookup,
    matching,
    package,
    peek,
    rating,
    template,
    timestamp,
    when,
)
from sluice_normaliser.kit.coerce import strings, text
from sluice_normaliser.kit.shapes import obj
from sluice_normaliser.scanners.veracode_sca.agent import read
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_SETUP = """
Export the issues of a workspace from the API, or those of a project as CSV (*Project → Issues → Export*):
```sh
http --auth-type=veracode_hmac "https://api.veracode.com/srcclr/v3/workspaces/$WORKSPACE/issues?size=500" > issues.json
sluice push issues.json --asset repo:github.com/acme/shop
```
The agent's own `srcclr scan --json=issues.json` does, too. Outdated libraries and licences count as findings of their
kinds. A page of several counts as a part of the scan and resolves nothing.
"""
_DONE = {
    "fixed": ObservationStatus.FIXED,
    "resolved": ObservationStatus.FIXED,
    "closed": ObservationStatus.FIXED,
    "ignored": ObservationStatus.SUPPRESSED,
}
_KINDS = {
    "vulnerability": Kind.SCA,
    "library": Kind.QUALITY,
    "outdated library": Kind.QUALITY,
    "license": Kind.LICENCE,
    "licence": Kind.LICENCE,
}
_MANAGERS = {"maven": "maven", "gradle": "maven", "npm": "npm", "yarn": "npm", "pypi": "pypi", "pip": "pypi"}


def _status(said: Any, ignored: Any) -> Any:
    if (text(ignored) or "").lower() in {"true", "yes"}:
        return ObservationStatus.SUPPRESSED
    return _DONE.get((text(said) or "").lower(), ObservationStatus.OPEN)


def _coordinates(library: Any) -> list[str]:
    """Return type, group, artifact and version of ``maven:org.acme:left-lib:1.2:``."""
    return (text(library) or "").split(":")


def _part(index: int) -> Any:
    return lambda library: next(iter(_coordinates(library)[index : index + 1]), None)


def _name(library: Any, name: Any) -> str | None:
    """Return the artifact; where the coordinates have only a group, that is the name."""
    parts = _coordinates(library)
    return (parts[2] if len(parts) > 2 and parts[2] else None) or (parts[1] if len(parts) > 1 else None) or text(name)  # noqa: PLR2004 - type, group, artifact


def _group(library: Any) -> str | None:
    parts = _coordinates(library)
    return parts[1] if len(parts) > 2 and parts[1] and parts[2] else None  # noqa: PLR2004 - as above


def _cve(value: Any) -> list[str]:
    return [f"CVE-{name}" if name[:4].isdigit() else name for name in strings(value)]


def _last_page(page: Any) -> bool:
    pages = obj(page).get("total_pages")
    return not isinstance(pages, int) or pages <= 1


_ISSUES = Map(
    each="_embedded.issues[]",
    kind=lookup("issue_type", _KINDS, default=Kind.SCA),
    rule_id=first(
        call(lambda cve: next(iter(_cve(cve)), None), "vulnerability.cve"),
        template("SRCCLR-SID-{vulnerability.id}"),
        "license.name",
        "issue_type",
    ),
    title=first(
        when("vulnerability.title", template("{vulnerability.title} in {library.name}")),
        when("license.name", template("{license.name} of {library.name}")),
        "library.name",
    ),
    description="vulnerability.overview",
    severity=[
        by("severity", "cvss"),
        by("severity"),
        by("vulnerability.cvss3_score | vulnerability.cvss2_score", "cvss"),
    ],
    status=call(_status, "issue_status", "ignored | Ignored"),
    identifiers=(
        ident(call(_cve, "vulnerability.cve"), "vendor", source=const("veracode")),
        ident("vulnerability.id", scheme="vendor", source=const("veracode")),
    ),
    cwes="vulnerability.cwe_id",
    location=package(
        name=call(_name, "library.id", "library.name"),
        namespace=call(_group, "library.id"),
        version="library.version",
        ecosystem=call(_part(0), "library.id"),
        direct="library.direct",
        reachable="vulnerable_method",
    ),
    ratings=(
        rating(
            const("veracode"),
            vector="vulnerability.cvss3_vector",
            score="vulnerability.cvss3_score",
            method=RatingMethod.CVSS_V3,
        ),
        rating(
            const("veracode"),
            vector="vulnerability.cvss2_vector",
            score="vulnerability.cvss2_score",
            method=RatingMethod.CVSS_V2,
        ),
    ),
    references=("_links.html.href", "vulnerability._links.self.href"),
    licence=licence(name="license.name | license.id", category="license.risk"),
    fingerprints={"veracode_issue": "id"},
    tags=("issue_type", "project_branch"),
    first_detected_at="created_date",
    ignore=("_links",),
)


def _manager(name: Any) -> str | None:
    word = (text(name) or "").lower()
    return _MANAGERS.get(word, word or None)


_ROWS = Map(
    kind=lookup("Issue type", _KINDS, default=Kind.SCA),
    rule_id=first(call(lambda cve: next(iter(_cve(cve)), None), "CVE"), "Vulnerability ID | License | Issue type"),
    title=first(template("{Title} in {Library}"), "Title | Vulnerability | Library"),
    description="Description | Vulnerability description",
    severity=[by("Severity", "cvss"), by("Severity"), by("CVSS score", "cvss")],
    status=call(_status, "Status", "Ignored"),
    identifiers=(ident(call(_cve, "CVE"), "vendor", source=const("veracode")),),
    cwes="CWE",
    location=package(
        name=first("Coordinate 2", "Coordinate 1", "Library"),
        namespace=when("Coordinate 2", "Coordinate 1"),
        version="Version in use",
        ecosystem=call(_manager, "Package manager"),
        direct=lookup("Dependency", {"direct": True, "transitive": False}),
        fixed_versions="Safe version | Update to version",
    ),
    ratings=rating(const("veracode"), score="CVSS score"),
    licence=when(matching("Issue type", "(?i)^(licen[cs]e)"), licence(name="License")),
    fingerprints={"veracode_issue": "Issue ID"},
    tags=("Issue type", "Branch"),
    first_detected_at=timestamp("Issue opened: Scan date", "%d %b %Y %I:%M%p %Z", "%d %b %Y %H:%M%p %Z"),
)

SPEC = ScannerSpec(
    name="veracode_sca",
    title="Veracode SCA",
    kinds=(Kind.SCA, Kind.LICENCE, Kind.QUALITY),
    aliases=("sourceclear", "srcclr"),
    homepage="https://docs.veracode.com/r/Veracode_SCA",
    setup=_SETUP,
    formats=(
        Format(
            name="veracode-sca-issues-json",
            container="json",
            detect=JsonShape(
                root="object", any_of=("_embedded.issues[].issue_type", "_embedded.issues[].library"), weight=1
            ),
            scan=ScanMap(
                category="_embedded.issues[0].project_name",
                ref="_embedded.issues[0].project_branch",
                complete=call(_last_page, peek("page")),
            ),
            maps=(_ISSUES,),
        ),
        Format(
            name="veracode-sca-issues-json-none",
            container="json",
            detect=JsonShape(
                root="object",
                match={"_links.self.href": r"/srcclr/v3/.*issues"},
                lacks=("_embedded.issues[].issue_type",),
            ),
            maps=(_ISSUES,),
        ),
        Format(
            name="veracode-sca-issues-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("_embedded.issues",),
                lacks=("_embedded.issues[]",),
                only=("_embedded", "_links", "page"),
            ),
            maps=(_ISSUES,),
        ),
        Format(
            name="veracode-sca-csv",
            container="csv",
            detect=CsvShape(columns=("Issue type", "Library"), any_of=("Version in use", "Issue ID", "CVE")),
            maps=(_ROWS,),
        ),
        Format(
            name="veracode-sca-agent-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("records",),
                any_of=("records[].libraries", "records[].vulnMethods", "records[].vulnerabilities"),
                lacks=("results",),
            ),
            scan=ScanMap(
                scanned_at="metadata.requestDate", commit="records[0].metadata.commit", ref="records[0].metadata.branch"
            ),
            parse=read,
        ),
    ),
)
