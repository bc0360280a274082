"""SPDX 2 documents: the security references of their packages."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    Reading,
    ScanMap,
    ScannerSpec,
    TextShape,
    call,
    matching,
    package,
    status,
    template,
)
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners.spdx.tagvalue import as_json
from sluice_shared.contracts.finding import Kind, Observation, ObservationStatus

_SETUP = """
```sh
syft registry.acme.io/shop:1.4 -o spdx-json > shop.spdx.json
sluice push shop.spdx.json --asset image:registry.acme.io/shop
```
An SPDX document is a list of packages; findings are its external references of the category `SECURITY` and of the types
`advisory`, `fix` and `url`. CPEs are names of packages. JSON and tag-value are read; SPDX 3 is not.
"""
_TYPES = frozenset({"advisory", "fix", "url"})


def _is_finding(category: Any, kind: Any) -> bool:
    """Return whether a reference is about a vulnerability; ``url`` stands in other categories, too."""
    said, named = (words(category) or "").upper(), _type(kind)
    return named in _TYPES and (said == "SECURITY" or (not said and named != "url"))


def _type(kind: Any) -> str:
    """Return a type of references, which version 2.0 writes as ``http://spdx.org/rdf/references/advisory``."""
    return (words(kind) or "").rstrip("/").rpartition("/")[2]


def _reference(kinds: tuple[str, ...]) -> Any:
    """Return what finds the locator of the package's reference of some type."""

    def find(references_: Any) -> str | None:
        listed = references_ if isinstance(references_, list) else []
        return next(
            (
                str(one.get("referenceLocator"))
                for one in listed
                if isinstance(one, dict) and _type(one.get("referenceType")) in kinds
            ),
            None,
        )

    return find


_FINDING = Map(
    each="packages[].externalRefs[]",
    where=call(_is_finding, "referenceCategory", "referenceType"),
    kind=Kind.SCA,
    rule_id="referenceLocator",
    title=template("{^.name} {^.versionInfo}: {referenceLocator}"),
    description="comment",
    status=status(call(_type, "referenceType"), {"fix": ObservationStatus.FIXED}),
    identifiers=("referenceLocator", "comment"),
    location=package(
        name="^.name",
        version="^.versionInfo",
        purl=call(_reference(("purl",)), "^.externalRefs"),
        cpe=call(_reference(("cpe23Type", "cpe22Type")), "^.externalRefs"),
    ),
    references="referenceLocator",
)
_COMPILED = _FINDING.compile()


def _tags(document: Any, reading: Reading) -> Iterator[Observation]:
    yield from _COMPILED.run((None, as_json(document)), reading)


SPEC = ScannerSpec(
    name="spdx",
    title="SPDX",
    kinds=(Kind.SCA,),
    homepage="https://spdx.dev",
    setup=_SETUP,
    formats=(
        Format(
            name="spdx-json-2",
            container="json",
            detect=JsonShape(root="object", match={"spdxVersion": "^SPDX-2"}, weight=1),
            scan=ScanMap(scanned_at="creationInfo.created"),
            maps=(_FINDING,),
        ),
        Format(
            name="spdx-tag-value-2",
            container="text",
            detect=TextShape(patterns=(r"^SPDXVersion: *SPDX-2",), weight=1),
            scan=ScanMap(scanned_at=matching(".", r"(?m)^Created: *(\S+)")),
            parse=_tags,
        ),
    ),
)
