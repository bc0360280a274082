"""One report of the operator, a list of them, and how each kind becomes observations."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sluice_normaliser.kit import ParsedScan, RawSecret, Reading, construct, grade
from sluice_normaliser.kit.cvss import rating
from sluice_normaliser.kit.identifiers import identifiers, make
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.kit.times import parse_time
from sluice_normaliser.scanners.trivy_operator.compliance import avd_of, details, requirements
from sluice_normaliser.scanners.trivy_operator.workload import Workload, package_of
from sluice_shared.contracts.finding import (
    CodeLocation,
    Fix,
    Kind,
    Observation,
    ObservationStatus,
    Rating,
    RatingMethod,
    SecretDetail,
)

_NESTED = 5
"""Levels of lists and objects in which reports are looked for."""


class _About(NamedTuple):
    """One report with its workload."""

    kind: str
    document: dict[str, Any]
    report: dict[str, Any]
    workload: Workload


def read(document: Any, reading: Reading) -> Iterator[ParsedScan]:
    """Yield the one scan of a report: it speaks for one workload only."""
    report = obj(document)
    workload = Workload(report)
    category = "/".join(part for part in (words(report.get("kind")), workload.namespace, workload.report) if part)
    yield _scan([report], category, reading)


def read_list(document: Any, reading: Reading) -> Iterator[ParsedScan]:
    """Yield one scan for each kind of report in a list: together they speak for the whole cluster."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in _reports(document, _NESTED):
        found.setdefault(words(each.get("kind")) or "", []).append(each)
    for kind, reports in found.items():
        yield _scan(reports, kind, reading)


def read_delivery(document: Any, reading: Reading) -> Iterator[ParsedScan]:
    """Yield the scan of a report that the operator sent; a deleted one shows nothing any more."""
    delivery = obj(document)
    for scan in read(delivery.get("operatorObject"), reading):
        if words(delivery.get("verb")) == "delete":
            scan.observations = []
        yield scan


def _reports(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the reports in lists, lists of lists, and objects of lists by kind."""
    if isinstance(value, dict):
        ours = (words(value.get("apiVersion")) or "").startswith("aquasecurity.github.io/")
        if (ours or isinstance(value.get("report"), dict)) and "items" not in value:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list) and depth:
        for each in value:
            yield from _reports(each, depth - 1)


def _scan(reports: Iterable[dict[str, Any]], category: str, reading: Reading) -> ParsedScan:
    observations: list[Observation] = []
    moments: list[Any] = []
    for document in reports:
        report = obj(document.get("report"))
        scanner, status = obj(report.get("scanner")), obj(document.get("status"))
        reading.scanner_name, reading.scanner_version = words(scanner.get("name")), words(scanner.get("version"))
        moments.append(parse_time(report.get("updateTimestamp")) or parse_time(status.get("updateTimestamp")))
        about = _About(words(document.get("kind")) or "", document, report, Workload(document))
        observations += _observations(about, reading)
    seen = [moment for moment in moments if moment is not None]
    return reading.scan(category=category, scanned_at=max(seen, default=None), observations=observations)


def _observations(about: _About, reading: Reading) -> Iterator[Observation]:
    for each in objs(about.report.get("vulnerabilities")):
        yield _vulnerability(each, about, reading)
    for each in objs(about.report.get("checks")):
        yield _check(each, about, reading)
    for each in objs(about.report.get("secrets")):
        yield _secret(each, about, reading)
    if about.kind == "ClusterComplianceReport":
        yield from requirements(about.document, reading)
    elif about.kind == "ClusterComplianceDetailReport":
        yield from details(about.document, reading)


_VULNERABILITY = frozenset(
    {"vulnerabilityID", "resource", "installedVersion", "fixedVersion", "severity", "title", "description"}
    | {"primaryLink", "links", "score", "target", "packageType", "packagePath", "packagePURL", "pkgPURL", "class"}
    | {"publishedDate", "cvss", "cvsssource"}
)


def _vulnerability(each: dict[str, Any], about: _About, reading: Reading) -> Observation:
    name, package = words(each.get("vulnerabilityID")), words(each.get("resource"))
    of_system = words(each.get("class")) in {"os-pkgs", None} and not words(each.get("packagePath"))
    return reading.observe(
        kind=Kind.CONTAINER,
        rule_id=name,
        title=words(each.get("title")) or f"{name} in {package} {words(each.get('installedVersion')) or ''}".strip(),
        description=each.get("description"),
        severity=grade(words(each.get("severity"))),
        identifiers=identifiers(name, otherwise="vendor"),
        location=package_of(each, about.report, of_system=of_system),
        related_locations=about.workload.places,
        ratings=_ratings(each),
        references=[link for link in (words(each.get("primaryLink")), *_texts(each.get("links"))) if link],
        published_at=parse_time(each.get("publishedDate")),
        unmapped=_rest(each, _VULNERABILITY),
    )


def _ratings(each: dict[str, Any]) -> list[Rating] | None:
    found: list[Rating | None] = []
    for source, given in obj(each.get("cvss")).items():
        told = obj(given)
        for version, method in (
            ("V40", RatingMethod.CVSS_V4),
            ("V3", RatingMethod.CVSS_V31),
            ("V2", RatingMethod.CVSS_V2),
        ):
            vector, score = told.get(f"{version}Vector"), told.get(f"{version}Score")
            if vector or score:
                found.append(rating(source, vector=vector, score=score, method=method))
    score = each.get("score")
    if not found and score is not None:
        found.append(rating(words(each.get("cvsssource")) or "trivy", score=score, method=RatingMethod.CVSS_V31))
    return [each_ for each_ in found if each_ is not None] or None


_CHECK = frozenset({"checkID", "title", "severity", "description", "messages", "remediation", "success", "category"})


def _check(each: dict[str, Any], about: _About, reading: Reading) -> Observation:
    name, remedy = words(each.get("checkID")), words(each.get("remediation"))
    passed = each.get("success") is True
    return reading.observe(
        kind=Kind.IAC,
        rule_id=name,
        title=each.get("title"),
        description=each.get("description"),
        message="\n".join(_texts(each.get("messages"))) or None,
        severity=grade(words(each.get("severity"))),
        status=ObservationStatus.PASSED if passed else ObservationStatus.OPEN,
        identifiers=[make("avd", avd_of(name))] if name else None,
        location=about.workload.resource,
        fix=construct(Fix, {"recommendation": remedy}) if remedy else None,
        tags=[tag for tag in (words(each.get("category")), about.kind) if tag],
        unmapped=_rest(each, _CHECK),
    )


_SECRET = frozenset({"ruleID", "title", "severity", "target", "match", "category"})


def _secret(each: dict[str, Any], about: _About, reading: Reading) -> Observation:
    target, match = words(each.get("target")), words(each.get("match"))
    path = construct(CodeLocation, {"path": target}) if target else about.workload.resource
    return reading.observe(
        kind=Kind.SECRET,
        rule_id=words(each.get("ruleID")),
        title=each.get("title"),
        severity=grade(words(each.get("severity"))),
        location=path,
        related_locations=about.workload.places,
        secret=RawSecret(construct(SecretDetail, {"type": words(each.get("ruleID"))}), (match,) if match else ()),
        evidence={"match": match},
        tags=_texts(each.get("category")),
        unmapped={**_rest(each, _SECRET), **_rest({"artifact": about.report.get("artifact")}, frozenset())},
    )


def _texts(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [found for found in map(words, listed) if found]


def _rest(each: dict[str, Any], used: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in each.items() if key not in used and value not in (None, "", [], {})}
