"""OpenVEX: statements on whether a product is affected by a vulnerability."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    fix,
    ident,
    package,
    status,
    template,
    vex,
)
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
vexctl create --product=pkg:oci/shop --vuln=CVE-2024-0001 --status=not_affected > shop.vex.json   # or an exporter
sluice push shop.vex.json --asset image:registry.acme.io/shop
```
Affected products and those under investigation count as open; not affected ones as not applicable, fixed ones as fixed.
"""

_STATUSES = {
    "not_affected": ObservationStatus.NOT_APPLICABLE,
    "affected": ObservationStatus.OPEN,
    "under_investigation": ObservationStatus.OPEN,
    "fixed": ObservationStatus.FIXED,
}


def _purl(product: Any) -> str | None:
    """Return the purl of a product, which is a text (0.0.1) or an object with an id and identifiers."""
    if not isinstance(product, dict):
        told = words(product)
        return told if told and told.startswith("pkg:") else None
    named = words(obj(product.get("identifiers")).get("purl")) or words(product.get("@id"))
    return named if named and named.startswith("pkg:") else None


def _name(product: Any) -> str | None:
    if _purl(product):
        return None
    return words(product.get("@id")) if isinstance(product, dict) else words(product)


def _cpe(product: Any) -> str | None:
    known = obj(obj(product).get("identifiers"))
    return words(known.get("cpe23")) or words(known.get("cpe22"))


def _kind(*products: Any) -> Kind:
    purls = [purl for product in products if (purl := _purl(product))]
    return Kind.CONTAINER if any(purl.startswith(("pkg:oci/", "pkg:docker/")) for purl in purls) else Kind.SCA


def _statements(path: str, up: str, kind: call | Kind, where: call | None = None, *, product: str | None = ".") -> Map:
    """Return the map of what is at ``path``; ``up`` leads from there to the statement."""

    def part(name: str) -> str:
        return f"{up}{name}"

    vulnerability = part("vulnerability")
    named = f"{vulnerability}.name | {vulnerability}.@id | {vulnerability}"
    return Map(
        each=path,
        where=where,
        kind=kind,
        rule_id=named,
        title=template(f"{{{named}}}: {{{part('status')}}}"),
        description=f"{vulnerability}.description",
        message=f"{part('impact_statement')} | {part('status_notes')}",
        status=status(part("status"), _STATUSES),
        identifiers=(ident(named, "vendor"), ident(f"{vulnerability}.aliases[]", "vendor")),
        location=None
        if product is None
        else package(purl=call(_purl, product), name=call(_name, product), cpe=call(_cpe, product)),
        related_locations=package(purl=call(_purl, "^."), name=call(_name, "^.")) if up == "^^." else None,
        fix=fix(recommendation=part("action_statement")),
        references=(f"{vulnerability}.@id",),
        vex=vex(
            status=part("status"),
            justification=part("justification"),
            statement=f"{part('impact_statement')} | {part('action_statement')} | {part('status_notes')}",
            author=f"{part('supplier')} | $.author",
            timestamp=f"{part('last_updated')} | {part('timestamp')} | $.last_updated | $.timestamp",
        ),
        fingerprints={"openvex_statement": part("@id")},
        last_detected_at=f"{part('last_updated')} | {part('timestamp')} | $.last_updated | $.timestamp",
        ignore=("@id", "identifiers"),
    )


def _none(items: Any) -> bool:
    return not items


_SCAN = ScanMap(name="author", version="version", scanned_at="last_updated | timestamp")
_MAPS = (
    _statements("statements[].products[].subcomponents[]", "^^.", call(_kind, ".", "^.")),
    _statements(
        "statements[].products[]",
        "^.",
        call(_kind, "."),
        call(lambda product: _none(obj(product).get("subcomponents")), "."),
    ),
    _statements("statements[]", "", Kind.SCA, call(_none, "products"), product=None),
)

SPEC = ScannerSpec(
    name="openvex",
    title="OpenVEX",
    kinds=(Kind.SCA, Kind.CONTAINER),
    aliases=("vex",),
    homepage="https://openvex.dev",
    setup=_SETUP,
    formats=(
        Format(
            name="openvex-json",
            container="json",
            detect=JsonShape(root="object", has=("statements",), match={"@context": r"openvex\.dev"}),
            scan=_SCAN,
            maps=_MAPS,
        ),
        Format(
            name="openvex-json-without-context",
            container="json",
            detect=JsonShape(root="object", has=("statements[].vulnerability", "statements[].status")),
            scan=_SCAN,
            maps=_MAPS,
        ),
    ),
)
