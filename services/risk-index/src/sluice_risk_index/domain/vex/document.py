"""A VEX document as it was pushed for an asset, and what of it is about that asset."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sluice_risk_index.domain.purl import Purl, read_purl
from sluice_risk_index.domain.vex.statements import Statement, VexStatus
from sluice_shared.contracts.assets import parse_asset_key

MAX_STATEMENTS = 100_000
"""Statements of one document, each counted once for every name of its vulnerability."""
_LONGEST = 2_000
_WHOLES = frozenset({"oci", "docker", "github", "gitlab", "bitbucket", "generic", "swid"})
"""Types of purl by which people call what they ship, not what it is made of."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a document names: a purl where it has one, and a name. ``root`` is what the document is about."""

    name: str | None = None
    purl: str | None = None
    root: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A product, and the parts of it that are meant; the product as a whole where none is named."""

    product: Named
    parts: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement as it stands in the document; without targets it is about whatever the document was pushed for."""

    identifiers: tuple[str, ...]
    status: VexStatus
    stated_at: datetime | None
    justification: str | None = None
    statement: str | None = None
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class VexDocument:
    """A document; ``id`` is the same in all of its versions, of which that issued last counts."""

    id: str
    form: str
    author: str | None
    issued_at: datetime | None
    version: str | None
    stated: tuple[Stated, ...]


def statements_for(asset: str, document: VexDocument, source: str | None, at: datetime) -> tuple[list[Statement], int]:
    """Return what the document says of the asset, once for each name of a vulnerability, and how much of others.

    ``at`` is when it was issued, for statements without a time of their own.
    """
    statements: list[Statement] = []
    unused = 0
    products = {t.product.purl or t.product.name for s in document.stated for t in s.targets}
    sole = len(products) == 1
    for stated in document.stated:
        packages = _packages(asset, stated.targets, sole=sole)
        if packages is None:
            unused += 1
            continue
        statements += [
            Statement(
                identifier=identifier,
                document=document.id,
                status=stated.status,
                stated_at=stated.stated_at or at,
                author=document.author,
                justification=_bounded(stated.justification),
                statement=_bounded(stated.statement),
                packages=packages,
                source=source,
            )
            for identifier in dict.fromkeys(name.upper() for name in stated.identifiers)
        ]
    return statements, unused


def _packages(asset: str, targets: Sequence[Target], *, sole: bool) -> tuple[str, ...] | None:
    """Return the packages that are meant, none for all of the asset; None when it is about something else."""
    if not targets:
        return ()
    packages: dict[str, None] = {}
    about_all = False
    for target in targets:
        whole = _is_asset(target.product, asset) or (sole and (bool(target.parts) or not _is_package(target.product)))
        if whole and not target.parts:
            about_all = True
        elif whole or not _is_whole(target.product):
            meant = target.parts if whole else (target.product,) if not target.parts else ()
            packages.update((name, None) for each in meant if (name := each.purl or each.name))
    if about_all:
        return ()
    return tuple(packages) if packages else None


def _is_asset(product: Named, asset: str) -> bool:
    if product.root:
        return True
    kind, name = parse_asset_key(asset)
    purl = read_purl(product.purl) if product.purl else None
    if purl is None:
        return product.name is not None and product.name.casefold() in {asset.casefold(), name.casefold()}
    return (kind.value, name.casefold()) in set(_keys(purl))


def _keys(purl: Purl) -> Iterator[tuple[str, str]]:
    """Yield types and names of assets that a purl may call."""
    match purl.type:
        case "oci" | "docker":
            yield "image", (purl.repository or purl.name).casefold()
            yield "image", f"{purl.repository}/{purl.name}".casefold()
        case "github" | "bitbucket" | "gitlab":
            host = "bitbucket.org" if purl.type == "bitbucket" else f"{purl.type}.com"
            yield "repo", f"{host}/{purl.name}".casefold()
        case "golang":
            yield "repo", purl.name.casefold()
        case _:
            yield "package", f"{purl.type}/{purl.name}".casefold()


def _is_package(product: Named) -> bool:
    purl = read_purl(product.purl) if product.purl else None
    return purl is not None and purl.type not in _WHOLES


def _is_whole(product: Named) -> bool:
    """Tell whether a product that is not the asset is another thing of its kind, and no package in it."""
    return not _is_package(product)


def _bounded(text: str | None) -> str | None:
    return text.replace("\x00", "")[:_LONGEST] if text else None
