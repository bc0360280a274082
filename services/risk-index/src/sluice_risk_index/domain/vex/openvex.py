"""OpenVEX 0.0.1 to 0.2.0 (https://github.com/openvex/spec)."""

from typing import Any

from sluice_risk_index.domain.evidence import EvidenceRefusedError
from sluice_risk_index.domain.vex.document import Named, Stated, Target, VexDocument
from sluice_risk_index.domain.vex.shapes import moment, obj, objs, texts, words
from sluice_risk_index.domain.vex.statements import VexStatus
from sluice_shared.contracts.events import RejectReason


def recognises(document: dict[str, Any]) -> bool:
    """Tell whether a document is of this form."""
    return "openvex" in str(document.get("@context", "")) and isinstance(document.get("statements"), list)


def read(document: dict[str, Any]) -> VexDocument:
    """Return what it says; one without statements withdraws what its versions before said."""
    name = words(document.get("@id"))
    if name is None:
        raise EvidenceRefusedError(
            RejectReason.SCHEMA, "the document has no @id, by which its versions are one: add it"
        )
    stated = [_statement(each, number) for number, each in enumerate(objs(document.get("statements")))]
    version = document.get("version")
    return VexDocument(
        id=f"openvex:{name}",
        form="openvex",
        author=words(document.get("author")),
        issued_at=moment(document.get("last_updated"), document.get("timestamp")),
        version=None if version is None else str(version),
        stated=tuple(stated),
    )


def _statement(each: dict[str, Any], number: int) -> Stated:
    given = words(each.get("status")) or ""
    if given not in set(VexStatus):
        known = ", ".join(VexStatus)
        raise EvidenceRefusedError(
            RejectReason.SCHEMA, f"statements[{number}].status is '{given[:40]}': write one of {known}"
        )
    vulnerability = each.get("vulnerability")
    about = obj(vulnerability)
    name = words(vulnerability) or words(about.get("name")) or _last(words(about.get("@id")))
    aliases = texts(about.get("aliases"))
    if name is None and not aliases:
        raise EvidenceRefusedError(RejectReason.SCHEMA, f"statements[{number}] names no vulnerability: write its name")
    products = each.get("products")
    return Stated(
        identifiers=tuple(text for text in (name, *aliases) if text),
        status=VexStatus(given),
        stated_at=moment(each.get("last_updated"), each.get("timestamp")),
        justification=words(each.get("justification")),
        statement=words(each.get("impact_statement"))
        or words(each.get("action_statement"))
        or words(each.get("status_notes")),
        targets=tuple(_target(product) for product in products) if isinstance(products, list) else (),
    )


def _target(product: Any) -> Target:
    parts = obj(product).get("subcomponents")
    return Target(_named(product), tuple(_named(part) for part in parts) if isinstance(parts, list) else ())


def _named(thing: Any) -> Named:
    """Read a product or part: a text in 0.0.1, an object with an id and identifiers later."""
    about = obj(thing)
    name = words(thing) or words(about.get("@id"))
    purl = words(obj(about.get("identifiers")).get("purl")) or (name if name and name.startswith("pkg:") else None)
    return Named(name, purl)


def _last(address: str | None) -> str | None:
    return address.rstrip("/").rpartition("/")[2] or None if address else None
