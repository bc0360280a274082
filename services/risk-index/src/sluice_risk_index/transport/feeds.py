"""`/v1/feeds`: which editions of EPSS and KEV findings are scored by."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from sluice_risk_index.domain.feeds import FeedName
from sluice_risk_index.transport.service import Reader, ServiceDep
from sluice_shared.http import Page

router = APIRouter(prefix="/v1/feeds", tags=["feeds"])


class FeedItem(BaseModel):
    """An edition of a feed."""

    name: FeedName
    version: str = Field(description="Model version of EPSS, catalogue version of KEV")
    released_at: datetime
    entries: int
    taken_at: datetime = Field(description="When it was last had from its source")


@router.get("", summary="Editions of the feeds in use")
async def list_feeds(service: ServiceDep, _: Reader) -> Page[FeedItem]:
    """List the feeds that have been read; the list is never cut into pages."""
    rows = await service.feed_editions()
    return Page(items=[FeedItem.model_validate(dict(row.items())) for row in rows], next_cursor=None)
