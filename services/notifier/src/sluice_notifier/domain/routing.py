"""The tree of routes: whom an alert goes to, and how it is grouped there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sluice_notifier.domain.durations import Duration
from sluice_notifier.domain.labels import Labels
from sluice_notifier.domain.matching import MatcherText, implies, matches_all

DEFAULT_GROUP_BY = ("team", "level")
DEFAULT_GROUP_WAIT = timedelta(seconds=10)
DEFAULT_GROUP_INTERVAL = timedelta(minutes=5)
_MOST_DEPTH = 20
Path = tuple[str | int, ...]
LabelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w:./-]*$")]


class Route(BaseModel):
    """A node of the tree. What is left out comes from the node around it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    receiver: str | None = None
    match: tuple[MatcherText, ...] = Field(default=(), description="All of them must hold")
    goes_on: bool = Field(default=False, alias="continue", description="Let the routes after this one look too")
    group_by: tuple[LabelName, ...] | None = Field(default=None, description="Alerts alike in these share a message")
    group_wait: Duration | None = Field(default=None, description="How long a group's first alert waits for others")
    group_interval: Duration | None = Field(default=None, description="Time between two messages of a group")
    quiet_hours: tuple[str, ...] | None = Field(default=None, description="Names of quiet hours that hold here")
    routes: tuple["Route", ...] = ()


class RootRoute(Route):
    """The top of the tree, where every alert enters."""

    receiver: str

    @model_validator(mode="after")
    def _matches_everything(self) -> Self:
        if self.match:
            raise ValueError("the top route takes every alert; move its matchers into a route below it")
        if self.goes_on:
            raise ValueError("the top route has nothing beside it to continue to; remove 'continue'")
        if any(len(path) > 2 * _MOST_DEPTH for path, _ in walk(self)):
            raise ValueError(f"routes are nested more than {_MOST_DEPTH} deep; flatten them")
        return self


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an alert goes, and how it is grouped there."""

    receiver: str
    group_by: tuple[str, ...] = DEFAULT_GROUP_BY
    group_wait: timedelta = DEFAULT_GROUP_WAIT
    group_interval: timedelta = DEFAULT_GROUP_INTERVAL
    quiet_hours: tuple[str, ...] = field(default=())


def find_destinations(root: RootRoute, labels: Labels) -> list[Destination]:
    """Return where an alert goes: at least one place, and each receiver once, by the first route that names it."""
    found: dict[str, Destination] = {}
    for destination in _descend(root, Destination(root.receiver), labels):
        found.setdefault(destination.receiver, destination)
    return list(found.values())


def _descend(route: Route, around: Destination, labels: Labels) -> list[Destination]:
    if not matches_all(route.match, labels):
        return []
    here = _inherit(route, around)
    found: list[Destination] = []
    for child in route.routes:
        below = _descend(child, here, labels)
        found += below
        if below and not child.goes_on:
            break
    return found or [here]


def _inherit(route: Route, around: Destination) -> Destination:
    said = {
        name: value
        for name in ("receiver", "group_by", "group_wait", "group_interval", "quiet_hours")
        if (value := getattr(route, name)) is not None
    }
    return replace(around, **said)


def walk(route: Route, path: Path = ()) -> Iterator[tuple[Path, Route]]:
    """Go through the tree from the top, each route with its path below ``route``."""
    yield path, route
    for number, child in enumerate(route.routes):
        yield from walk(child, (*path, "routes", number))


def find_unreachable(route: Route) -> list[Path]:
    """Return the paths of routes that no alert can reach, because an earlier one beside it takes all they could."""
    found: list[Path] = []
    for path, parent in walk(route):
        for number, child in enumerate(parent.routes):
            if any(_takes_all(earlier, child.match) for earlier in parent.routes[:number]):
                found.append((*path, "routes", number))
    return found


def _takes_all(earlier: Route, match: Sequence[str]) -> bool:
    return not earlier.goes_on and implies(match, earlier.match)
