"""`/v1/alerts`: what an administrator can do about alerts that nobody confirmed."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from sluice_risk_index.transport.service import ServiceDep
from sluice_shared.auth import Principal, Scope, require

Admin = Annotated[Principal, Depends(require(Scope.ADMIN))]
router = APIRouter(prefix="/v1", tags=["alerts"])


class Replayed(BaseModel):
    """How many alerts are due again."""

    replayed: int = Field(description="Alerts that were stuck: published again and again, and never confirmed")


@router.post("/alerts/replay", status_code=202, summary="Publish stuck alerts again")
async def replay_alerts(
    service: ServiceDep, principal: Annotated[Principal, Depends(require(Scope.ADMIN))]
) -> Replayed:
    """Make all alerts due that were given up because notifier did not confirm them."""
    return Replayed(replayed=await service.replay_alerts(by=principal.name))
