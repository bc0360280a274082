"""`/v1/identity`: why a finding is one finding, and a person's word that it is two, or that two are one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from sluice_normaliser.application.change_identity import ChangeIdentity
from sluice_normaliser.application.explain_identity import ExplainIdentity
from sluice_normaliser.application.plan_identity import PlanIdentity
from sluice_normaliser.application.publish_actions import PublishActions
from sluice_normaliser.application.rename_asset import RenameAsset
from sluice_normaliser.errors import (
    IdentityConflictError,
    NoSuchAssetError,
    NoSuchFindingError,
    NothingToPlanError,
    RenameConflictError,
    UnknownAlgorithmError,
)
from sluice_shared.auth import Principal, Scope, require
from sluice_shared.contracts.assets import AssetKeyError
from sluice_shared.http import Problem, decode_cursor, encode_cursor

router = APIRouter(prefix="/v1/identity", tags=["identity"])
Reader = Annotated[Principal, Depends(require(Scope.READ))]
Admin = Annotated[Principal, Depends(require(Scope.ADMIN))]
Writer = Annotated[Principal, Depends(require(Scope.WRITE))]


class SplitRequest(BaseModel):
    """What to part."""

    scanner: str = Field(description="Its view becomes a finding of its own")
    reason: str = Field(min_length=3, max_length=2000)


class MergeRequest(BaseModel):
    """What to join."""

    into: UUID = Field(description="The finding that remains")
    reason: str = Field(min_length=3, max_length=2000)


class Changed(BaseModel):
    """The finding that the change leads to."""

    finding_id: UUID


class Plan(BaseModel):
    """What a change of key algorithms would do, over some assets."""

    on: list[str] = Field(description="Algorithms that would decide and do not now")
    off: list[str] = Field(description="Algorithms that decide now and would not")
    counts: dict[str, int] = Field(description="Of these assets; add up the pages")
    examples: dict[str, list[dict[str, Any]]]
    next_cursor: str | None = Field(default=None, description="Pass it as `cursor` for the assets that follow")


class RenameRequest(BaseModel):
    """What to call an asset."""

    old: str = Field(description="Its key until now")
    new: str = Field(description="Its key from now on")
    reason: str = Field(min_length=3, max_length=2000)


class RenamedAsset(BaseModel):
    """The asset as it is called now."""

    asset_id: UUID
    asset: str
    aliases: list[str] = Field(description="Former keys; reports under them go to the asset")
    absorbed: UUID | None = Field(default=None, description="The asset that had the new key, whose findings ended")


@router.post("/assets/rename", summary="Rename an asset")
async def rename(body: RenameRequest, request: Request, admin: Admin) -> RenamedAsset:
    """Have reports under the old and the new key go to the one asset, which keeps its findings."""
    use_case: RenameAsset = request.app.state.rename_asset
    try:
        renamed = await use_case(body.old, body.new, actor=admin.name, reason=body.reason)
    except AssetKeyError as error:
        raise Problem(422, "bad_asset_key", "This is no asset key", f"{error}.") from error
    except NoSuchAssetError as error:
        raise _no_asset(error) from error
    except RenameConflictError as error:
        raise Problem(409, "rename_conflict", "The asset cannot be renamed so", f"{error}.") from error
    return RenamedAsset(
        asset_id=renamed.asset_id,
        asset=renamed.name.key,
        aliases=list(renamed.name.aliases),
        absorbed=renamed.absorbed,
    )


@router.get("/assets", summary="Tell what an asset is and was called")
async def asset_names(
    request: Request, reader: Reader, key: Annotated[str, Query(description="Its key, present or former")]
) -> dict[str, Any]:
    """Return its present and its former keys, and who renamed it when and why."""
    use_case: RenameAsset = request.app.state.rename_asset
    try:
        told = await use_case.describe(key)
    except NoSuchAssetError as error:
        raise _no_asset(error) from error
    if not reader.covers(told["asset"]):
        raise _no_asset(NoSuchAssetError(key))
    return told


@router.get("/algorithms", summary="List the key algorithms and which of them decide")
async def algorithms(request: Request, _reader: Reader) -> list[dict[str, Any]]:
    """Return them by strength; those on trial are computed and stored, and decide nothing."""
    use_case: PlanIdentity = request.app.state.plan_identity
    return use_case.algorithms()


@router.get("/plan", summary="Show what a change of key algorithms would do")
async def plan(
    request: Request,
    _admin: Admin,
    on: Annotated[list[str], Query(description="Switched on, by label; all on trial when nothing is named")] = [],  # noqa: B006 - FastAPI copies it
    off: Annotated[list[str], Query(description="Switched off, by label")] = [],  # noqa: B006
    asset: Annotated[str | None, Query(description="One asset only, by its key")] = None,
    examples: Annotated[int, Query(ge=0, le=500, description="How many of each sort")] = 20,
    cursor: str | None = None,
) -> Plan:
    """Replay what every scope last showed by the algorithms as they would be; nothing is written."""
    use_case: PlanIdentity = request.app.state.plan_identity
    after = str(decode_cursor(cursor)[0]) if cursor else None
    try:
        answer, last = await use_case(asset=asset, on=on, off=off, after=after, examples=examples)
    except UnknownAlgorithmError as error:
        raise Problem(422, "unknown_algorithm", "There is no such key algorithm", f"{error}.") from error
    except NothingToPlanError as error:
        raise Problem(
            409, "nothing_to_plan", "There is nothing to plan", f"{error}: name what to switch with `on` or `off`."
        ) from error
    except NoSuchAssetError as error:
        raise _no_asset(error) from error
    return Plan(**answer, next_cursor=None if last is None else encode_cursor(last))


class Replayed(BaseModel):
    """How many actions are due again."""

    replayed: int = Field(description="Splits, merges and renames that were published again and never confirmed")


@router.post("/actions/replay", status_code=202, summary="Publish stuck changes of identity again")
async def replay_actions(request: Request, admin: Admin) -> Replayed:
    """Make all changes due that were given up because risk-index did not confirm them."""
    use_case: PublishActions = request.app.state.publish_actions
    return Replayed(replayed=await use_case.replay(by=admin.name))


@router.get("/findings/{finding_id}", summary="Explain a finding's identity")
async def explain(finding_id: UUID, request: Request, _reader: Reader) -> dict[str, Any]:
    """Return keys, presences, joins and neighbours of a finding."""
    use_case: ExplainIdentity = request.app.state.explain_identity
    try:
        return await use_case(finding_id)
    except NoSuchFindingError as error:
        raise _missing(error) from error


@router.post("/findings/{finding_id}/split", summary="Split a scanner's view off a finding")
async def split(finding_id: UUID, body: SplitRequest, request: Request, writer: Writer) -> Changed:
    """Make what one scanner says of the finding a finding of its own; the answer names it."""
    use_case: ChangeIdentity = request.app.state.change_identity
    try:
        new = await use_case.split(finding_id, scanner=body.scanner, actor=writer.name, reason=body.reason)
    except NoSuchFindingError as error:
        raise _missing(error) from error
    except IdentityConflictError as error:
        raise _conflict(error) from error
    return Changed(finding_id=new)


@router.post("/findings/{finding_id}/merge", summary="Merge a finding into another")
async def merge(finding_id: UUID, body: MergeRequest, request: Request, writer: Writer) -> Changed:
    """Make the finding part of another, which the answer names."""
    use_case: ChangeIdentity = request.app.state.change_identity
    try:
        remaining = await use_case.merge(finding_id, into=body.into, actor=writer.name, reason=body.reason)
    except NoSuchFindingError as error:
        raise _missing(error) from error
    except IdentityConflictError as error:
        raise _conflict(error) from error
    return Changed(finding_id=remaining)


def _missing(error: NoSuchFindingError) -> Problem:
    return Problem(
        404, "no_such_finding", "There is no such finding", f"{error}; risk-index lists them at /v1/findings."
    )


def _no_asset(error: NoSuchAssetError) -> Problem:
    return Problem(404, "no_such_asset", "There is no such asset", f"{error}; risk-index lists them at /v1/assets.")


def _conflict(error: IdentityConflictError) -> Problem:
    return Problem(409, "identity_conflict", "The findings cannot be changed so", f"{error}.")
