"""CycloneDX 1.4 and later: vulnerabilities with an analysis, in a bill of materials or apart from it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from sluice_risk_index.domain.vex.document import Named, Stated, Target, VexDocument
from sluice_risk_index.domain.vex.shapes import moment, obj, objs, words
from sluice_risk_index.domain.vex.statements import VexStatus

_STATES = {
    "not_affected": VexStatus.NOT_AFFECTED,
    "false_positive": VexStatus.NOT_AFFECTED,
    "exploitable": VexStatus.AFFECTED,
    "in_triage": VexStatus.UNDER_INVESTIGATION,
    "resolved": VexStatus.FIXED,
    "resolved_with_pedigree": VexStatus.FIXED,
}
_UNNAMED = "unnamed"
_ROOT = Named(root=True)


def recognises(document: dict[str, Any]) -> bool:
    """Tell whether a document is of this form."""
    return document.get("bomFormat") == "CycloneDX"


def read(document: dict[str, Any]) -> VexDocument:
    """Return what its analyses say; vulnerabilities without one say nothing."""
    metadata = obj(document.get("metadata"))
    known = dict(_components(document))
    version = document.get("version")
    return VexDocument(
        # Without a serial number there is one document of an author for an asset, of which the last counts.
        id=f"cyclonedx:{words(document.get('serialNumber')) or _UNNAMED}",
        form="cyclonedx",
        author=_author(metadata),
        issued_at=moment(metadata.get("timestamp")),
        version=None if version is None else str(version),
        stated=tuple(each for item in objs(document.get("vulnerabilities")) for each in _statements(item, known)),
    )


def _statements(item: dict[str, Any], known: dict[str, Named]) -> Iterator[Stated]:
    analysis = obj(item.get("analysis"))
    status = _STATES.get((words(analysis.get("state")) or "").lower())
    aliases = [words(each.get("id")) for each in objs(item.get("references"))]
    names = tuple(dict.fromkeys(text for text in (words(item.get("id")), *aliases) if text))
    if status is None or not names:
        return
    refs = [ref for each in objs(item.get("affects")) if (ref := words(each.get("ref")))]
    yield Stated(
        identifiers=names,
        status=status,
        stated_at=moment(analysis.get("lastUpdated"), analysis.get("firstIssued")),
        justification=words(analysis.get("justification")),
        statement=words(analysis.get("detail")),
        targets=tuple(_target(_named(ref, known)) for ref in refs),
    )


def _target(named: Named) -> Target:
    """Return a component as the part that it is of whatever the bill of materials was pushed for."""
    return Target(named) if named.root else Target(_ROOT, (named,))


def _named(ref: str, known: dict[str, Named]) -> Named:
    """Return what a reference means: by its own name, or by what follows # in the link to another document."""
    bare = unquote(ref.rpartition("#")[2])
    purl = bare if bare.startswith("pkg:") else None
    return known.get(ref) or known.get(bare) or Named(bare, purl)


def _components(document: dict[str, Any]) -> Iterator[tuple[str, Named]]:
    root = obj(obj(document.get("metadata")).get("component"))
    waiting = [(each, False) for each in objs(document.get("components"))]
    if root:
        waiting.append((root, True))
    while waiting:
        component, is_root = waiting.pop()
        waiting += [(inner, False) for inner in objs(component.get("components"))]
        purl = words(component.get("purl"))
        group, name = words(component.get("group")), words(component.get("name"))
        named = Named(f"{group}/{name}" if group and name else name, purl, root=is_root)
        for ref in (words(component.get("bom-ref")), purl):
            if ref:
                yield ref, named


def _author(metadata: dict[str, Any]) -> str | None:
    people = [words(each.get("name")) or words(each.get("email")) for each in objs(metadata.get("authors"))]
    houses = [words(obj(metadata.get(name)).get("name")) for name in ("supplier", "manufacturer", "manufacture")]
    return next((name for name in (*people, *houses) if name), None)
