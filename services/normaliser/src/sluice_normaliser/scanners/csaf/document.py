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
        said = _Said(vulnerability, head)
        for state, key in stated or [(None, None)]:
            yield said.observe(state, key, known.get(key or ""), reading)


class _Said:
    """What a document says of one vulnerability: of all products once, and of each group of them once."""

    def __init__(self, vulnerability: dict[str, Any], head: dict[str, Any]) -> None:
        self._head = head
        self._tracking = obj(head.get("tracking"))
        self._author = words(obj(head.get("publisher")).get("name"))
        self._parts = {name: _Part(vulnerability.get(name)) for name in ("metrics", "threats", "flags", "remediations")}
        self._parts["scores"] = _Part(vulnerability.get("scores"))
        self._of_group: dict[tuple[Any, ...], dict[str, Any]] = {}
        links = [*objs(vulnerability.get("references")), *objs(head.get("references"))]
        cve, title = words(vulnerability.get("cve")), words(vulnerability.get("title"))
        self._values: dict[str, Any] = {
            "rule_id": cve or _first_id(vulnerability) or words(self._tracking.get("id")),
            "title": title or cve or words(head.get("title")),
            "description": _notes(vulnerability, {"description", "summary", "details", "general", "faq"}),
            "message": _notes(vulnerability, {"other"}),
            "identifiers": _identifiers(vulnerability, self._tracking),
            "cwes": [obj(each).get("id") for each in (vulnerability.get("cwe"), *items_of(vulnerability.get("cwes")))],
            "references": references([words(link.get("url")) for link in links]),
            "published_at": vulnerability.get("release_date") or vulnerability.get("disclosure_date"),
            "first_detected_at": vulnerability.get("discovery_date"),
            "unmapped": {name: value for name, value in vulnerability.items() if name not in _MAPPED and value},
        }

    def observe(self, state: str | None, key: str | None, product: Product | None, reading: Reading) -> Observation:
        """Return what is said of one product."""
        group = (state, *(part.of(key) for part in self._parts.values()))
        values = self._of_group.get(group)
        if values is None:
            values = self._of_group[group] = self._of(state, key)
        return reading.observe(
            kind=Kind.SCA,
            location=_location(product, key),
            fingerprints={"csaf": f"{words(self._tracking.get('id')) or ''}:{key or ''}"},
            **self._values,
            **values,
        )

    def _of(self, state: str | None, key: str | None) -> dict[str, Any]:
        """Return what is said of all products of a state of which the same parts speak."""
        status, meant = _STATUSES.get(state or "", (ObservationStatus.OPEN, state or "affected"))
        scores, metrics = (self._parts[name].saying(key) for name in ("scores", "metrics"))
        cvss = _ratings([(each, each) for each in scores], self._author)
        cvss += _ratings([(each, obj(each.get("content"))) for each in metrics], self._author)
        threats = self._parts["threats"].saying(key)
        impact = _threat(threats, "impact")
        grade_of_vendor = impact if impact and len(impact.split()) == 1 else None
        graded: str | Grade | None = next((each.severity for each in cvss if each.severity), None) or grade_of_vendor
        scored = next((grade(each.score, "cvss") for each in cvss if each.score is not None), None)
        flags = (words(each.get("label")) for each in self._parts["flags"].saying(key))
        vex = {
            "status": meant,
            "justification": next(flags, None),
            "statement": None if impact == grade_of_vendor else impact,
            "author": self._author,
            "timestamp": words(self._tracking.get("current_release_date")),
        }
        return {
            "severity": graded or words(obj(self._head.get("aggregate_severity")).get("text")) or scored,
            "status": Said(status, state),
            "ratings": cvss,
            "fix": _fix(self._parts["remediations"].saying(key)),
            "exploit_maturity": _threat(threats, "exploit_status"),
            "vex": construct(Vex, vex),
        }


class _Part:
    """The entries of one list of a vulnerability, each with the products it speaks of; of all when it names none."""

    def __init__(self, listed: Any) -> None:
        self._entries = [(frozenset(map(words, _products_of(each))), each) for each in objs(listed)]

    def of(self, key: str | None) -> tuple[int, ...]:
        """Return which entries speak of a product."""
        return tuple(n for n, (products_, _) in enumerate(self._entries) if not products_ or key in products_)

    def saying(self, key: str | None) -> list[dict[str, Any]]:
        """Return the entries that speak of a product."""
        return [self._entries[n][1] for n in self.of(key)]


def _products_of(entry: dict[str, Any]) -> list[Any]:
    return [*items_of(entry.get("product_ids")), *items_of(entry.get("products"))]


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


def _ratings(blocks: list[tuple[dict[str, Any], dict[str, Any]]], source: str | None) -> list[Rating]:
    found = [
        rating(
            words(outer.get("source")) or source,
            vector=cvss.get("vectorString"),
            score=cvss.get("baseScore"),
            severity=cvss.get("baseSeverity"),
            version=cvss.get("version"),
        )
        for outer, block in blocks
        for cvss in (obj(block.get(name)) for name in ("cvss_v4", "cvss_v3", "cvss_v2"))
    ]
    return [each for each in found if each is not None]


def _threat(threats: list[dict[str, Any]], category: str) -> str | None:
    """Return what is said of a threat; that of category impact is the vendor's own grade where it is one word."""
    return next((words(each.get("details")) for each in threats if words(each.get("category")) == category), None)


def _fix(found: list[dict[str, Any]]) -> Fix | None:
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
