"""From a CSAF document to observations: one for each product that a vulnerability has a status for."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Grade, Reading, Said, construct, grade, references
from sluice_normaliser.kit.cvss import rating
from sluice_normaliser.kit.identifiers import identifiers
from sluice_normaliser.kit.packages import complete
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.scanners.csaf.products import Product, products
from sluice_shared.contracts.finding import (
    Fix,
    Identifier,
    Kind,
    Observation,
    ObservationStatus,
    PackageLocation,
    Rating,
    Vex,
)

_STATUSES = {
    "known_affected": (ObservationStatus.OPEN, "affected"),
    "first_affected": (ObservationStatus.OPEN, "affected"),
    "last_affected": (ObservationStatus.OPEN, "affected"),
    "under_investigation": (ObservationStatus.OPEN, "under_investigation"),
    "unknown": (ObservationStatus.OPEN, "under_investigation"),
    "known_not_affected": (ObservationStatus.NOT_APPLICABLE, "not_affected"),
    "fixed": (ObservationStatus.FIXED, "fixed"),
    "first_fixed": (ObservationStatus.FIXED, "fixed"),
    "recommended": (ObservationStatus.INFORMATIONAL, "fixed"),
}
_MAPPED = frozenset(
    {"cve", "ids", "title", "notes", "product_status", "scores", "metrics", "remediations", "cwe", "cwes", "references"}
    | {"threats", "flags", "discovery_date", "release_date", "disclosure_date"}
)


def observations(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield what a document says, in its order."""
    known, head = products(document), obj(obj(document).get("document"))
    for vulnerability in objs(obj(document).get("vulnerabilities")):
        stated: list[tuple[str | None, str | None]] = [
            (state, words(key) or "")
            for state, keys in obj(vulnerability.get("product_status")).items()
            for key in items_of(keys)
        ]
        for state, key in stated or [(None, None)]:
            yield _observe(vulnerability, state, key, known.get(key or ""), head, reading)


def _observe(
    vulnerability: dict[str, Any],
    state: str | None,
    key: str | None,
    product: Product | None,
    head: dict[str, Any],
    reading: Reading,
) -> Observation:
    status, meant = _STATUSES.get(state or "", (ObservationStatus.OPEN, state or "affected"))
    tracking = obj(head.get("tracking"))
    cvss = _ratings(vulnerability, key, words(obj(head.get("publisher")).get("name")))
    graded: str | Grade | None = next((each.severity for each in cvss if each.severity), None)
    graded = graded or _impact(vulnerability, key)
    scored = next((grade(each.score, "cvss") for each in cvss if each.score is not None), None)
    graded = graded or words(obj(head.get("aggregate_severity")).get("text")) or scored
    links = [*objs(vulnerability.get("references")), *objs(head.get("references"))]
    return reading.observe(
        kind=Kind.SCA,
        rule_id=words(vulnerability.get("cve")) or _first_id(vulnerability) or words(tracking.get("id")),
        title=words(vulnerability.get("title")) or words(vulnerability.get("cve")) or words(head.get("title")),
        description=_notes(vulnerability, {"description", "summary", "details", "general", "faq"}),
        message=_notes(vulnerability, {"other"}),
        severity=graded,
        status=Said(status, state),
        identifiers=_identifiers(vulnerability, tracking),
        cwes=[obj(each).get("id") for each in (vulnerability.get("cwe"), *items_of(vulnerability.get("cwes")))],
        location=_location(product, key),
        ratings=cvss,
        fix=_fix(vulnerability, key),
        references=references([words(link.get("url")) for link in links]),
        exploit_maturity=_threat(vulnerability, key, "exploit_status"),
        vex=construct(
            Vex,
            {
                "status": meant,
                "justification": _flag(vulnerability, key),
                "statement": _statement(vulnerability, key),
                "author": words(obj(head.get("publisher")).get("name")),
                "timestamp": words(tracking.get("current_release_date")),
            },
        ),
        fingerprints={"csaf": f"{words(tracking.get('id')) or ''}:{key or ''}"},
        published_at=vulnerability.get("release_date") or vulnerability.get("disclosure_date"),
        first_detected_at=vulnerability.get("discovery_date"),
        unmapped={name: value for name, value in vulnerability.items() if name not in _MAPPED and value},
    )


def _location(product: Product | None, key: str | None) -> PackageLocation | None:
    if product is None:
        return construct(PackageLocation, {"name": key}) if key else None
    version = product.version
    exact = version is None or not version.startswith(("vers:", "<", ">", "="))
    done = complete(
        {
            name: value
            for name, value in {
                "name": product.name,
                "version": version if exact else None,
                "affected_range": None if exact else version,
                "namespace": product.vendor if not product.purl else None,
                "purl": product.purl,
                "cpe": product.cpe,
                "scope": product.part_of,
            }.items()
            if value is not None
        }
    )
    return construct(PackageLocation, done) if done else None


def _concerns(item: dict[str, Any], key: str | None, names: str = "product_ids") -> bool:
    """Return True for what is said of a product, or of all of them."""
    listed = items_of(item.get(names))
    return not listed or key in listed


def _ratings(vulnerability: dict[str, Any], key: str | None, source: str | None) -> list[Rating]:
    found: list[Rating | None] = []
    blocks = [(each, each) for each in objs(vulnerability.get("scores"))]
    blocks += [(each, obj(each.get("content"))) for each in objs(vulnerability.get("metrics"))]
    for outer, block in blocks:
        if not _concerns(outer, key, "products"):
            continue
        for name in ("cvss_v4", "cvss_v3", "cvss_v2"):
            cvss = obj(block.get(name))
            found.append(
                rating(
                    words(outer.get("source")) or source,
                    vector=cvss.get("vectorString"),
                    score=cvss.get("baseScore"),
                    severity=cvss.get("baseSeverity"),
                    version=cvss.get("version"),
                )
            )
    return [each for each in found if each is not None]


def _impact(vulnerability: dict[str, Any], key: str | None) -> str | None:
    """Return the vendor's own grade, which many write as the details of the threat of category impact."""
    told = _threat(vulnerability, key, "impact")
    return told if told and len(told.split()) == 1 else None


def _statement(vulnerability: dict[str, Any], key: str | None) -> str | None:
    told = _threat(vulnerability, key, "impact")
    return None if told is None or told == _impact(vulnerability, key) else told


def _threat(vulnerability: dict[str, Any], key: str | None, category: str) -> str | None:
    found = (each for each in objs(vulnerability.get("threats")) if words(each.get("category")) == category)
    return next((words(each.get("details")) for each in found if _concerns(each, key)), None)


def _flag(vulnerability: dict[str, Any], key: str | None) -> str | None:
    return next((words(each.get("label")) for each in objs(vulnerability.get("flags")) if _concerns(each, key)), None)


def _fix(vulnerability: dict[str, Any], key: str | None) -> Fix | None:
    found = [each for each in objs(vulnerability.get("remediations")) if _concerns(each, key)]
    told = [f"{words(each.get('category'))}: {words(each.get('details'))}" for each in found if each.get("details")]
    if not told:
        return None
    categories = {words(each.get("category")) for each in found}
    available = (
        True if "vendor_fix" in categories else False if categories & {"no_fix_planned", "none_available"} else None
    )
    return construct(Fix, {"recommendation": "\n".join(told), "available": available})


def _first_id(vulnerability: dict[str, Any]) -> str | None:
    return next((words(each.get("text")) for each in objs(vulnerability.get("ids"))), None)


def _identifiers(vulnerability: dict[str, Any], tracking: dict[str, Any]) -> list[Identifier]:
    found = identifiers(vulnerability.get("cve"))
    for each in objs(vulnerability.get("ids")):
        found += identifiers(each.get("text"), source=words(each.get("system_name")), otherwise="vendor")
    return found + identifiers(tracking.get("id"), otherwise="vendor")


def _notes(vulnerability: dict[str, Any], categories: set[str]) -> str | None:
    found = [
        words(each.get("text"))
        for each in objs(vulnerability.get("notes"))
        if words(each.get("category")) in categories
    ]
    return "\n\n".join(text for text in found if text) or None
