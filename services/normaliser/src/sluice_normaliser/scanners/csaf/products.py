"""The product tree of a CSAF document: what a product id stands for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sluice_normaliser.kit.shapes import obj, objs, words


@dataclass(frozen=True, slots=True)
class Product:
    """A product: its name without the version, the version, and its other names."""

    name: str
    version: str | None = None
    vendor: str | None = None
    purl: str | None = None
    cpe: str | None = None
    part_of: str | None = None


def products(document: Any) -> dict[str, Product]:
    """Return every product of a document by its id, combinations of two products included."""
    tree = obj(obj(document).get("product_tree"))
    found: dict[str, Product] = {}
    for branch in objs(tree.get("branches")):
        found.update(_branch(branch, {}))
    for full in objs(tree.get("full_product_names")):
        found.update(_full(full, {}))
    for relation in objs(tree.get("relationships")):
        full = obj(relation.get("full_product_name"))
        part, whole = (found.get(words(relation.get(f"{side}")) or "") for side in _SIDES)
        name = words(full.get("name"))
        helper = obj(full.get("product_identification_helper"))
        key = words(full.get("product_id"))
        if key:
            found[key] = Product(
                part.name if part else name or key,
                part.version if part else None,
                part.vendor if part else None,
                _purl(helper) or (part.purl if part else None),
                words(helper.get("cpe")) or (part.cpe if part else None),
                f"{whole.name} {whole.version or ''}".strip() if whole else name,
            )
    return found


_SIDES = ("product_reference", "relates_to_product_reference")


def _branch(branch: dict[str, Any], above: dict[str, str]) -> Iterator[tuple[str, Product]]:
    category, name = words(branch.get("category")), words(branch.get("name"))
    named = {**above, category: name} if category and name else above
    if isinstance(branch.get("product"), dict):
        yield from _full(branch["product"], named)
    for inner in objs(branch.get("branches")):
        yield from _branch(inner, named)


def _full(full: dict[str, Any], named: dict[str, str]) -> Iterator[tuple[str, Product]]:
    key = words(full.get("product_id"))
    if key is None:
        return
    helper = obj(full.get("product_identification_helper"))
    version = named.get("product_version") or named.get("product_version_range")
    name = named.get("product_name") or words(full.get("name")) or key
    yield key, Product(name, version, named.get("vendor"), _purl(helper), words(helper.get("cpe")))


def _purl(helper: dict[str, Any]) -> str | None:
    several = helper.get("purls")
    return words(helper.get("purl")) or (words(several[0]) if isinstance(several, list) and several else None)
