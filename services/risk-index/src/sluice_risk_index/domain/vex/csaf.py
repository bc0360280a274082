"""CSAF 2.0 and 2.1, profile VEX and others that give products a status (OASIS)."""

from collections.abc import Iterator
from typing import Any

from sluice_risk_index.domain.evidence import EvidenceRefusedError
from sluice_risk_index.domain.vex.document import Named, Stated, Target, VexDocument
from sluice_risk_index.domain.vex.shapes import moment, obj, objs, texts, words
from sluice_risk_index.domain.vex.statements import VexStatus
from sluice_shared.contracts.events import RejectReason

_STATUSES = {
    "known_affected": VexStatus.AFFECTED,
    "first_affected": VexStatus.AFFECTED,
    "last_affected": VexStatus.AFFECTED,
    "under_investigation": VexStatus.UNDER_INVESTIGATION,
    "unknown": VexStatus.UNDER_INVESTIGATION,
    "known_not_affected": VexStatus.NOT_AFFECTED,
    "fixed": VexStatus.FIXED,
    "first_fixed": VexStatus.FIXED,
}
_WITHDRAWN = frozenset({"csaf_withdrawn", "csaf_superseded"})


def recognises(document: dict[str, Any]) -> bool:
    """Tell whether a document is of this form."""
    return "csaf_version" in obj(document.get("document"))


def read(document: dict[str, Any]) -> VexDocument:
    """Return what it says; one that was withdrawn or superseded says nothing any more."""
    head = obj(document.get("document"))
    tracking, publisher = obj(head.get("tracking")), obj(head.get("publisher"))
    name = words(tracking.get("id"))
    if name is None:
        raise EvidenceRefusedError(RejectReason.SCHEMA, "document.tracking.id is missing: versions are one by it")
    withdrawn = words(head.get("category")) in _WITHDRAWN
    known = {} if withdrawn else _products(obj(document.get("product_tree")))
    vulnerabilities = [] if withdrawn else objs(document.get("vulnerabilities"))
    return VexDocument(
        id=f"csaf:{name}",
        form="csaf",
        author=words(publisher.get("name")),
        issued_at=moment(tracking.get("current_release_date"), tracking.get("initial_release_date")),
        version=words(tracking.get("version")),
        stated=tuple(each for vulnerability in vulnerabilities for each in _statements(vulnerability, known)),
    )


def _statements(vulnerability: dict[str, Any], known: dict[str, Target]) -> Iterator[Stated]:
    ids = [words(each.get("text")) for each in objs(vulnerability.get("ids"))]
    names = tuple(dict.fromkeys(text for text in (words(vulnerability.get("cve")), *ids) if text))
    for state, status in _STATUSES.items():
        for key in texts(obj(vulnerability.get("product_status")).get(state)):
            target = known.get(key)
            if names and target is not None:
                yield Stated(
                    identifiers=names,
                    status=status,
                    stated_at=None,
                    justification=_said(vulnerability, "flags", key, "label"),
                    statement=_said(vulnerability, "threats", key, "details", category="impact"),
                    targets=(target,),
                )


def _said(vulnerability: dict[str, Any], name: str, key: str, field: str, *, category: str | None = None) -> str | None:
    """Return what is said of a product, or of all of them."""
    for each in objs(vulnerability.get(name)):
        meant = texts(each.get("product_ids"))
        if (not meant or key in meant) and category in (None, words(each.get("category"))):
            return words(each.get(field))
    return None


def _products(tree: dict[str, Any]) -> dict[str, Target]:
    """Return what each product id means; a product in another one is a part of it."""
    found: dict[str, Named] = {}
    for branch in objs(tree.get("branches")):
        found.update(_branch(branch, None))
    for full in objs(tree.get("full_product_names")):
        found.update(_full(full, None))
    targets = {key: Target(named) for key, named in found.items()}
    for relation in objs(tree.get("relationships")):
        full = obj(relation.get("full_product_name"))
        key = words(full.get("product_id"))
        part = found.get(words(relation.get("product_reference")) or "")
        whole = found.get(words(relation.get("relates_to_product_reference")) or "")
        if key and part and whole:
            own = _purl(obj(full.get("product_identification_helper")))
            targets[key] = Target(whole, (Named(part.name, own or part.purl),))
        elif key:
            targets.update({key: Target(named) for key, named in _full(full, None)})
    return targets


def _branch(branch: dict[str, Any], product: str | None) -> Iterator[tuple[str, Named]]:
    named = words(branch.get("name")) if words(branch.get("category")) == "product_name" else product
    if isinstance(branch.get("product"), dict):
        yield from _full(branch["product"], named)
    for inner in objs(branch.get("branches")):
        yield from _branch(inner, named)


def _full(full: dict[str, Any], product: str | None) -> Iterator[tuple[str, Named]]:
    key = words(full.get("product_id"))
    if key is not None:
        purl = _purl(obj(full.get("product_identification_helper")))
        yield key, Named(product or words(full.get("name")) or key, purl)


def _purl(helper: dict[str, Any]) -> str | None:
    return words(helper.get("purl")) or next(iter(texts(helper.get("purls"))), None)
