"""`/v1/identity`: why a finding is one finding, and a person's word that it is two, or that two are one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from sluice_normaliser.application.change_identity import ChangeIdentity
from sluice_normaliser.application.explain_identity import ExplainIdentity
from sluice_normaliser.errors import IdentityConflictError, NoSuchFindingError
from sluice_shared.auth import Principal, Scope, require
from sluice_shared.http import Problem

router = APIRouter(prefix="/v1/identity", tags=["identity"])
Reader = Annotated[Principal, Depends(require(Scope.READ))]
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


def _conflict(error: IdentityConflictError) -> Problem:
    return Problem(409, "identity_conflict", "The findings cannot be changed so", f"{error}.")
