"""`/v1/index`, `/v1/index/trend`: the risk index, of all, by asset, team or programme, and how it went."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from sluice_risk_index.application.measure_groups import Group
from sluice_risk_index.domain.measures import WINDOW, Level, Measures, Spread
from sluice_risk_index.domain.risk import FORMULA
from sluice_risk_index.errors import UnknownGroupError
from sluice_risk_index.transport.parameters import Cursor, Limit, printable
from sluice_risk_index.transport.portfolio import TeamItem, TotalsView, team_item, totals_of
from sluice_risk_index.transport.service import Reader, ServiceDep
from sluice_shared.http import Problem, decode_cursor, encode_cursor

router = APIRouter(prefix="/v1/index", tags=["portfolio"])
_MOST_DAYS = 3660
Ratio = Annotated[float | None, Field(ge=0, le=1)]


class IndexView(TotalsView):
    """The whole portfolio, as far as the caller may see it."""

    assets: int
    unowned: int = Field(description="Open findings that wait in triage because nobody owns them")
    formula: str = FORMULA
    policy_version: str
    teams: list[TeamItem] = Field(description="By falling index")


class SpreadView(BaseModel):
    """How long something took: median and 90th percentile in seconds, of so many cases."""

    count: int
    median: float
    p90: float


class BaselineView(BaseModel):
    """What was there when the teams were onboarded, and how much of it is dealt with."""

    initial: int
    remaining: int = Field(description="Still open, and not excused")
    burned_down: float = Field(description="1 - remaining / initial")
    ideal: float = Field(description="What may be left by now: a straight line to none within the policy's baseline")


class MeasuresView(TotalsView):
    """What a group is measured by. Ratios are 0-1, null where there is nothing to divide by; over 90 days."""

    sla_met: Ratio = Field(description="In time, of what ended under an SLA and what is open past its deadline")
    mttr: dict[str, SpreadView] = Field(description="Time to resolve by class, and of `all`")
    mttd: dict[str, SpreadView] = Field(description="Time to detect by class, and of `all`")
    reopen_rate: Ratio = Field(description="Came back, of what came back or ended")
    false_positive_ratio: Ratio = Field(description="Decided to be false, of all that scanners report now")
    debt_age_mean: float | None = Field(description="Mean age of the open findings, in seconds")
    debt_oldest_at: datetime | None = Field(description="When the oldest open finding was first seen")
    baseline: BaselineView | None = Field(description="Null where nothing was there before the onboarding")


class GroupItem(MeasuresView):
    """An asset, a team or a programme."""

    name: str = Field(description="Asset key, team or programme")
    title: str | None
    team: str | None
    tier: str | None
    programme: str | None
    flow_at: datetime = Field(description="When times and rates were measured; the open findings are counted now")


class GroupsView(BaseModel):
    """Groups by falling index."""

    by: Level
    window_days: int = WINDOW.days
    formula: str = FORMULA
    items: list[GroupItem]
    next_cursor: str | None


class TrendPoint(MeasuresView):
    """A group on a day (UTC), as it was last measured on it."""

    day: date
    at: datetime


class TrendView(BaseModel):
    """A group day by day, the oldest first; days on which nothing was measured are left out."""

    by: Level
    group: str
    points: list[TrendPoint]


@router.get("", summary="The risk index")
async def show_index(
    service: ServiceDep,
    reader: Reader,
    by: Annotated[Level | None, Query(description="Measure each asset, team or programme by itself, or all")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> IndexView | GroupsView:
    """Return the totals of all open findings and each team's part of them; or the groups asked for, page by page."""
    if by is not None:
        groups = await service.measure_groups(reader, by)
        return _page(by, groups, cursor, limit)
    portfolio = await service.measure_portfolio(reader)
    return IndexView(
        **totals_of(portfolio.totals),
        assets=portfolio.assets,
        unowned=portfolio.unowned,
        policy_version=portfolio.policy_version,
        teams=[team_item(team) for team in portfolio.teams],
    )


@router.get("/trend", summary="How a group went, day by day")
async def show_trend(
    service: ServiceDep,
    reader: Reader,
    by: Annotated[Level, Query(description="What the group is")] = Level.ALL,
    group: Annotated[str, Query(max_length=512, description="Asset key, team or programme; nothing for all")] = "",
    days: Annotated[int, Query(ge=1, le=_MOST_DAYS, description="Days back, today included")] = 90,
) -> TrendView:
    """Return the daily snapshots of a group: its measures and its burn-down."""
    if (by is Level.ALL) == bool(group):
        raise Problem(
            400,
            "bad_group",
            "The group and its level do not go together",
            "Give `by=asset|team|programme` with `group`, or leave both out for the whole portfolio.",
        )
    try:
        found = await service.read_trend(reader, by, printable(group, "group"), days)
    except UnknownGroupError as error:
        raise Problem(
            404,
            "unknown_group",
            "Nothing was measured of this group",
            f"There is no snapshot of {error.level} '{error.name}' within {days} days that your token may see; take "
            f"names from GET /v1/index?by={error.level}. Teams, programmes and the whole need a token for all assets.",
        ) from error
    points = [TrendPoint(day=row["day"], at=row["at"], **_measures(measured)) for row, measured in found]
    return TrendView(by=by, group=group, points=points)


def _page(by: Level, groups: list[Group], cursor: str | None, limit: int) -> GroupsView:
    rest = groups if cursor is None else _after(cursor, by, groups)
    page, following = rest[:limit], None
    if len(rest) > limit:
        following = encode_cursor(by.value, page[-1].measures.standing.index, page[-1].about.name)
    return GroupsView(by=by, items=[_item(group) for group in page], next_cursor=following)


def _after(cursor: str, by: Level, groups: list[Group]) -> list[Group]:
    match decode_cursor(cursor):
        case [str() as level, int() | float() as index, str() as name] if level == by:
            return [group for group in groups if (-group.measures.standing.index, group.about.name) > (-index, name)]
    raise Problem(400, "bad_cursor", "The cursor is of another list", "Leave `cursor` out to begin at the first page.")


def _item(group: Group) -> GroupItem:
    return GroupItem(
        name=group.about.name,
        title=group.about.title,
        team=group.about.team,
        tier=group.about.tier,
        programme=group.about.programme,
        flow_at=group.flow_at,
        **_measures(group.measures),
    )


def _measures(measures: Measures) -> dict[str, object]:
    standing, baseline = measures.standing, measures.baseline
    return {
        "open": standing.open,
        "by_class": dict(standing.by_class),
        "by_severity": dict(standing.by_severity),
        "by_sla": dict(standing.by_sla),
        "excused": dict(standing.excused),
        "index": standing.index,
        "sla_met": measures.sla_met,
        "mttr": _spreads(measures.flow.mttr.items()),
        "mttd": _spreads(measures.flow.mttd.items()),
        "reopen_rate": measures.reopen_rate,
        "false_positive_ratio": measures.false_positive_ratio,
        "debt_age_mean": standing.mean_age,
        "debt_oldest_at": standing.oldest_at,
        "baseline": None
        if baseline is None
        else BaselineView(
            initial=baseline.initial,
            remaining=baseline.remaining,
            burned_down=baseline.burned_down,
            ideal=baseline.ideal,
        ),
    }


def _spreads(spreads: Iterable[tuple[str, Spread]]) -> dict[str, SpreadView]:
    return {name: SpreadView(count=each.count, median=each.median, p90=each.p90) for name, each in spreads}
