"""`/v1/assets`, `/v1/teams`: where the risk is."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from sluice_risk_index.application.list_assets import AssetSummary
from sluice_risk_index.application.measure_portfolio import TeamTotals, Totals
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.risk import FORMULA
from sluice_risk_index.transport.parameters import Cursor, Limit, printable, several
from sluice_risk_index.transport.service import Reader, ServiceDep
from sluice_shared.http import Page, Problem, decode_cursor, encode_cursor

router = APIRouter(prefix="/v1", tags=["portfolio"])


class CoverageItem(BaseModel):
    """When a scanner last looked with success, null where never; `kind` is null where it did not say for what."""

    scanner: str
    kind: str | None
    ref: str
    commit: str | None
    last_scan_at: datetime | None


class AssetItem(BaseModel):
    """An asset with its open findings by class."""

    id: UUID
    asset: str
    title: str | None
    team: str
    tier: str
    criticality: str
    exposure: str
    environment: str | None
    data_class: str | None
    tags: list[str]
    first_seen_at: datetime
    last_scan_at: datetime | None
    open: int
    by_class: dict[RiskClass, int]
    coverage: list[CoverageItem]


class TotalsView(BaseModel):
    """Open findings, counted; those that a decision or an exception excuses are counted on their own."""

    open: int
    by_class: dict[str, int]
    by_severity: dict[str, int]
    by_sla: dict[str, int]
    excused: dict[str, int] = Field(description="Let be, by decision: accepted, false_positive, ..., excepted")
    index: float = Field(description=f"Risk-weighted index: {FORMULA}")


class TeamItem(TotalsView):
    """A team and its open findings."""

    team: str
    title: str | None
    tier: str
    assets: int


@router.get("/assets", summary="List assets, in the order of their keys")
async def list_assets(
    service: ServiceDep,
    reader: Reader,
    team: Annotated[list[str], Query(description="Teams that own the assets")] = [],  # noqa: B006
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[AssetItem]:
    """List assets with their open findings by class, and what was scanned of them when."""
    teams = several(team, "team")
    summaries, following = await service.list_assets(reader, teams=teams, after=_after(cursor), limit=limit)
    return Page(
        items=[_asset(summary) for summary in summaries],
        next_cursor=None if following is None else encode_cursor(following),
    )


@router.get("/teams", summary="Teams with their open findings, the riskiest first")
async def list_teams(service: ServiceDep, reader: Reader) -> Page[TeamItem]:
    """List the teams of the catalogue, and those that only findings name; the list is never cut into pages."""
    portfolio = await service.measure_portfolio(reader)
    return Page(items=[team_item(team) for team in portfolio.teams], next_cursor=None)


def _after(cursor: str | None) -> str:
    if cursor is None:
        return ""
    match decode_cursor(cursor):
        case [str() as key]:
            return printable(key, "cursor")
    raise Problem(400, "bad_cursor", "The cursor is of another list", "Leave `cursor` out to begin at the first page.")


def _asset(summary: AssetSummary) -> AssetItem:
    row = summary.asset
    return AssetItem.model_validate(
        {
            **dict(row.items()),
            "id": row["asset_id"],
            "asset": row["key"],
            "open": sum(summary.counts.values()),
            "by_class": summary.counts,
            "coverage": [CoverageItem(**{**dict(c.items()), "kind": c["kind"] or None}) for c in summary.coverage],
        }
    )


def team_item(team: TeamTotals) -> TeamItem:
    """Show a team."""
    return TeamItem(team=team.name, title=team.title, tier=team.tier, assets=team.assets, **totals_of(team.totals))


def totals_of(totals: Totals) -> dict[str, object]:
    """Return the fields of a :class:`TotalsView`."""
    return {
        "open": totals.open,
        "by_class": dict(totals.by_class),
        "by_severity": dict(totals.by_severity),
        "by_sla": dict(totals.by_sla),
        "excused": dict(totals.excused),
        "index": totals.index,
    }
