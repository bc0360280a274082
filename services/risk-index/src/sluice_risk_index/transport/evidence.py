"""`/v1/codeowners` and `/v1/vex`: what was taken as evidence, and what it leaves open."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from sluice_risk_index.application.list_evidence import OwnedAsset
from sluice_risk_index.transport.parameters import Cursor, Limit, printable
from sluice_risk_index.transport.service import Reader, ServiceDep
from sluice_shared.http import Page, Problem, decode_cursor, encode_cursor

router = APIRouter(prefix="/v1", tags=["evidence"])


class BadLineItem(BaseModel):
    """A line that neither GitHub nor GitLab could read; it is passed over."""

    line: int
    problem: str


class CodeownersItem(BaseModel):
    """The CODEOWNERS that hold for an asset."""

    asset: str
    from_catalogue: bool = Field(description="They are a file of the configuration folder, and were not pushed")
    lines: int
    unknown_owners: list[str] = Field(description="Owners that no team goes by: add them to a team's aliases")
    bad_lines: list[BadLineItem]
    ref: str | None
    commit: str | None
    source: str | None = Field(description="Who pushed them")
    evidence_id: UUID | None
    made_at: datetime | None


class VexItem(BaseModel):
    """A VEX document about an asset, in the version that was issued last."""

    asset: str
    id: str = Field(description="Its form and its own id; the same in all of its versions")
    form: str
    author: str | None
    version: str | None
    issued_at: datetime
    statements: int
    unused: int = Field(description="Statements about products that are neither the asset nor packages")
    findings: int = Field(description="Open findings of the asset that it excuses")
    source: str | None = Field(description="Who pushed it")
    evidence_id: UUID


@router.get("/codeowners", summary="CODEOWNERS by asset, and what of them leads to nobody")
async def list_codeowners(
    service: ServiceDep, reader: Reader, limit: Limit = 100, cursor: Cursor = None
) -> Page[CodeownersItem]:
    """List assets with CODEOWNERS in the order of their keys."""
    (after,) = _place(cursor, 1)
    found, following = await service.list_evidence.codeowners(reader, after=after, limit=limit)
    return Page(items=[_item(each) for each in found], next_cursor=encode_cursor(following) if following else None)


@router.get("/vex", summary="VEX documents by asset")
async def list_vex(
    service: ServiceDep,
    reader: Reader,
    asset: Annotated[str | None, Query(max_length=512, description="Only of this asset")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[VexItem]:
    """List VEX documents; what they say about a finding is in its `analysis`."""
    wanted = None if asset is None else printable(asset, "asset")
    rows, following = await service.list_evidence.vex(reader, asset=wanted, after=_place(cursor, 3), limit=limit)
    items = [VexItem.model_validate({**dict(row.items()), "author": row["author"] or None}) for row in rows]
    return Page(items=items, next_cursor=encode_cursor(*following) if following else None)


def _item(owned: OwnedAsset) -> CodeownersItem:
    return CodeownersItem(
        asset=owned.asset,
        from_catalogue=owned.evidence_id is None,
        lines=len(owned.read.lines),
        unknown_owners=list(owned.unknown),
        bad_lines=[BadLineItem(line=bad.number, problem=bad.problem) for bad in owned.read.bad],
        ref=owned.ref,
        commit=owned.commit,
        source=owned.source,
        evidence_id=owned.evidence_id,
        made_at=owned.made_at,
    )


def _place(cursor: str | None, parts: int) -> list[str]:
    """Read a cursor of so many texts; raises a 400 problem when it is of another list."""
    if cursor is None:
        return [""] * parts
    place = decode_cursor(cursor)
    if len(place) == parts and all(isinstance(part, str) and "\x00" not in part for part in place):
        return place
    raise Problem(400, "bad_cursor", "The cursor is of another list", "Leave `cursor` out to begin at the first page.")
