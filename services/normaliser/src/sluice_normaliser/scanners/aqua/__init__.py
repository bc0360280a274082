"""Aqua: scans images for vulnerabilities, sensitive data and malware."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    Group,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    code,
    const,
    each,
    epss,
    first,
    fix,
    ident,
    image,
    image_name,
    matching,
    package,
    rating,
    secret,
    several_assets,
    suppression,
    template,
    timestamp,
    when,
)
from sluice_normaliser.kit.coerce import text
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_SETUP = """
```sh
scannercli scan --host $AQUA --token $TOKEN --registry hub --jsonfile aqua.json registry.acme.io/shop:1.4
sluice push aqua.json --asset image:registry.acme.io/shop
```
The answers of `GET /api/v2/risks/vulnerabilities?image_name=…` and of `…/scan_result` do, too; a page of several counts
as a part of the scan. What was acknowledged in Aqua counts as suppressed.
"""
_SYSTEMS = {"deb", "rpm", "apk", "alpm"}


def _bare(reference: Any) -> str | None:
    found = text(reference)
    return image_name(found).name if found else None


def _tag(reference: Any) -> str | None:
    found = text(reference)
    return image_name(found).tag if found else None


def _ecosystem(format_: Any, cpe: Any, system: Any) -> str | None:
    """Return the distribution for packages of the system (``pkg:/debian:11.7:libc6:2.31``), else the format."""
    kind = (text(format_) or "").lower()
    named = (text(cpe) or "").removeprefix("pkg:/").partition(":")[0]
    if kind in _SYSTEMS or (not kind and named):
        return named or text(system) or kind
    return kind or None


def _acknowledged(flag: Any, date: Any) -> bool:
    return (text(flag) or "").lower() == "true" or bool(text(date))


_TAKEN = call(_acknowledged, "acknowledged | is_acknowledged", "acknowledged_date")


def _page_is_all(count: Any, size: Any) -> bool:
    total, shown = text(count), text(size)
    return not (total and shown and total.isdigit() and shown.isdigit() and int(total) > int(shown))


def _vulnerabilities(path: str, of: str, result: str | None, **more: Any) -> Map:
    """Return the map of vulnerabilities at ``path``; ``of`` leads to the package, ``result`` to the image's scan."""
    named = f"{result}.image | {result}.image_name" if result else "image_name"
    return Map(
        each=path,
        kind=Kind.CONTAINER,
        rule_id="name",
        title=template(f"{{name}} in {{{of}.name}} {{{of}.version}}"),
        description="description",
        severity=[
            by("aqua_severity", source=const("aqua")),
            by("nvd_severity_v3 | nvd_cvss3_severity", source=const("nvd")),
            by("vendor_severity_v3 | vendor_severity", source=const("vendor")),
            by("nvd_severity", source=const("nvd")),
            by("aqua_score", "cvss", source=const("aqua")),
            by("vendor_score_v3 | vendor_score", "cvss", source=const("vendor")),
            by("nvd_score_v3 | nvd_cvss3_score", "cvss", source=const("nvd")),
            by("nvd_score | nvd_cvss2_score", "cvss2", source=const("nvd")),
        ],
        status=when(_TAKEN, const(ObservationStatus.SUPPRESSED), const(ObservationStatus.OPEN)),
        identifiers=(ident("name", "vendor", source=const("aqua")), ident("ref_vulns[].name | ref_vulns[]")),
        cwes=("cwe_info[].Id", "cwe_info[].id", "ref_vulns[].cwe_info[].Id"),
        location=package(
            name=f"{of}.name | {of}.path",
            version=f"{of}.version",
            ecosystem=call(_ecosystem, f"{of}.format", f"{of}.cpe", f"{result or '^'}.os"),
            path=f"{of}.path",
            fixed_versions="fix_version",
            image=image(
                name=call(_bare, named),
                tag=call(_tag, named),
                digest=f"{result}.digest" if result else "image_digest",
                os=template(f"{{{result}.os}} {{{result}.version}}") if result else "os",
                layer_digest=f"{of}.layer_digest",
                instruction=f"{of}.layer",
            ),
        ),
        ratings=(
            rating(
                const("aqua"),
                vector="aqua_vectors",
                score="aqua_score",
                severity="aqua_severity",
                version=matching("aqua_scoring_system", r"V(\d)"),
            ),
            rating(
                const("nvd"),
                vector="nvd_vectors_v3 | nvd_cvss3_vectors",
                score="nvd_score_v3 | nvd_cvss3_score",
                severity="nvd_severity_v3 | nvd_cvss3_severity",
                method=RatingMethod.CVSS_V31,
            ),
            rating(
                const("nvd"),
                vector="nvd_vectors | nvd_cvss2_vectors",
                score="nvd_score | nvd_cvss2_score",
                severity="nvd_severity",
                method=RatingMethod.CVSS_V2,
            ),
            rating(
                const("vendor"),
                vector="vendor_vectors_v3 | vendor_cvss3_vectors | vendor_vectors | vendor_cvss2_vectors",
                score="vendor_score_v3 | vendor_cvss3_score | vendor_score | vendor_cvss2_score",
                severity="vendor_severity_v3 | vendor_severity",
            ),
            each(
                "ref_vulns[]",
                rating(
                    const("nvd"),
                    vector="nvd_vectors_v3",
                    score="nvd_score_v3",
                    severity="nvd_severity_v3",
                    method=RatingMethod.CVSS_V31,
                ),
            ),
            epss("epss_score", "epss_percentile", "epss_date"),
        ),
        fix=fix(recommendation="solution"),
        references=("nvd_url", "vendor_url", "ref_vulns[].nvd_url", "ref_vulns[].vendor_url"),
        exploit_maturity="exploit_type",
        suppressions=when(
            _TAKEN,
            suppression(
                kind=const("external"),
                status=const("accepted"),
                justification="acknowledge_comment",
                author="ack_author",
            ),
        ),
        first_detected_at="first_found_date",
        last_detected_at="last_found_date",
        published_at="publish_date",
        **more,
    )


_SENSITIVE = Map(
    each="sensitive_data_items[]",
    kind=Kind.SECRET,
    rule_id="type",
    title=template("{type} in {^.resource.path}"),
    location=code(path="^.resource.path | ^.resource.name"),
    secret=secret(type="type"),
    fingerprints={"sha1": "^.resource.hash"},
)
_MALWARE = Map(
    each="malware_items[] | malware[]",
    kind=Kind.MALWARE,
    rule_id="malware | name",
    title=template("{malware | name} in {^.resource.path | path}"),
    location=code(path="^.resource.path | path"),
    fingerprints={"file": "^.resource.hash | hash"},
)


def _resources(path: str) -> Group:
    return Group(
        each=f"{path}resources[]",
        maps=(_vulnerabilities("vulnerabilities[]", "^.resource", "^^"), _SENSITIVE, _MALWARE),
    )


_CVES = Map(
    each="cves[]",
    kind=Kind.CONTAINER,
    rule_id="name",
    title=template("{name} in {file}"),
    description="description",
    severity=[
        by("severity", source=const("aqua")),
        by("vendor_severity", source=const("vendor")),
        by("score", "cvss", source=const("aqua")),
    ],
    status=when(_TAKEN, const(ObservationStatus.SUPPRESSED), const(ObservationStatus.OPEN)),
    identifiers=(ident("name", "vendor", source=const("aqua")),),
    location=package(
        name="file",
        path=matching("file", r"^(.*/.*)$"),
        fixed_versions="fix_version",
        image=image(name=call(_bare, "^.image_name"), tag=call(_tag, "^.image_name"), digest="^.digest"),
    ),
    ratings=rating(const("aqua"), score="score", severity="severity", version=matching("score_version", r"v(\d)")),
    fix=fix(recommendation="solution"),
    references=("url",),
    suppressions=when(_TAKEN, suppression(kind=const("external"), status=const("accepted"))),
    published_at="publishdate",
)
_FAILED = first("errorMsg", "error")

SPEC = ScannerSpec(
    name="aqua",
    title="Aqua",
    kinds=(Kind.CONTAINER, Kind.SECRET, Kind.MALWARE),
    aliases=("aqua-csp", "aquasec"),
    homepage="https://www.aquasec.com",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    differences={
        "aqua_devops_issue_10611.json": "four sensitive items of three files are findings beside the 98 vulnerabilities"
    },
    misses={
        "*: priv.pem*": "the file that holds a key is where a secret lies, no vulnerability and no package",
        "*: server.key*": "the file that holds a key is where a secret lies, no vulnerability and no package",
    },
    formats=(
        Format(
            name="aqua-scanner-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("image",),
                any_of=("image_assurance_results", "vulnerability_summary", "resources[].resource"),
                weight=1,
            ),
            scan=ScanMap(scanned_at=timestamp("scan_started.seconds")),
            maps=(_resources(""),),
        ),
        Format(
            name="aqua-scanner-json-cut",
            container="json",
            detect=JsonShape(root="object", has=("image", "registry"), any_of=("resources", "scan_started")),
            maps=(_resources(""),),
        ),
        Format(
            name="aqua-scanner-list-json",
            container="json",
            detect=JsonShape(
                root="array", any_of=("[].results.resources", "[].results.vulnerability_summary"), weight=2
            ),
            scan=ScanMap(scanned_at=timestamp("[0].results.scan_started.seconds")),
            parse=several_assets(Group(each="results", maps=(_resources(""),))),
        ),
        Format(
            name="aqua-resources-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("resources[].resource",),
                any_of=(
                    "resources[].vulnerabilities[].name",
                    "resources[].sensitive_data_items",
                    "resources[].scanned",
                ),
            ),
            maps=(_resources(""),),
        ),
        Format(
            name="aqua-cves-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("cves",),
                any_of=("cves_counts", "disallowed", "image_name", "cves[].file"),
                weight=1,
            ),
            scan=ScanMap(failure=_FAILED),
            maps=(_CVES,),
        ),
        Format(
            name="aqua-api-json",
            container="json",
            detect=JsonShape(root="object", has=("count", "pagesize", "result", "page")),
            scan=ScanMap(complete=call(_page_is_all, "count", "pagesize")),
            parse=several_assets(_vulnerabilities("result[]", "resource", None)),
        ),
        Format(
            name="aqua-api-json-cut",
            container="json",
            detect=JsonShape(
                root="object", has=("result[].name",), any_of=("result[].resource", "result[].aqua_severity")
            ),
            scan=ScanMap(complete=call(_page_is_all, "count", "pagesize")),
            parse=several_assets(_vulnerabilities("result[]", "resource", None)),
        ),
    ),
)
