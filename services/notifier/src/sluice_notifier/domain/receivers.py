"""The model of ``routes.yaml``: receivers, routes, quiet hours, inhibition."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from sluice_notifier.domain.inhibition import InhibitRule
from sluice_notifier.domain.quiet_hours import QuietHours
from sluice_notifier.domain.routing import RootRoute, find_unreachable, walk

_NAME = r"^[A-Za-z0-9][\w.-]{0,63}$"
_COMMON = ("name", "max_per_hour")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where messages go: a channel with its options. ``max_per_hour`` None means no cap."""

    name: str
    channel: str
    options: BaseModel
    max_per_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Routes:
    """All of ``routes.yaml``, ready for use."""

    root: RootRoute
    receivers: Mapping[str, Receiver]
    quiet_hours: Mapping[str, QuietHours] = field(default_factory=dict)
    inhibit: tuple[InhibitRule, ...] = ()


class ReceiverEntry(BaseModel):
    """A receiver as the file has it; a subclass adds a field for each channel there is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=_NAME, description="Also a metric's label")
    max_per_hour: int | None = Field(
        default=None, ge=1, description="Messages an hour at most; the rest goes out as one digest"
    )

    @model_validator(mode="before")
    @classmethod
    def _one_channel(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        known = [name for name in cls.model_fields if name not in _COMMON]
        given = [name for name in known if name in data]
        unknown = [name for name in data if name not in cls.model_fields]
        # Something misspelt is reported as such by the model itself.
        if not given and not unknown:
            raise ValueError(f"the receiver has no channel; give it one of {', '.join(sorted(known))}")
        if len(given) > 1:
            raise ValueError(f"the receiver has {len(given)} channels, {' and '.join(given)}; make a receiver of each")
        # `log:` with nothing behind it is as good as `log: {}`.
        return {name: {} if name in known and value is None else value for name, value in data.items()}

    def receiver(self) -> Receiver:
        """Return it for use."""
        for name in type(self).model_fields:
            options = getattr(self, name)
            if name not in _COMMON and options is not None:
                return Receiver(self.name, name, options, self.max_per_hour)
        raise ValueError(f"the receiver {self.name} has no channel")


class RoutesFile(BaseModel):
    """``routes.yaml``; a subclass knows the channels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    receivers: tuple[ReceiverEntry, ...]
    route: RootRoute
    quiet_hours: tuple[QuietHours, ...] = ()
    inhibit: tuple[InhibitRule, ...] = ()

    def routes(self) -> Routes:
        """Return it for use."""
        return Routes(
            root=self.route,
            receivers={entry.name: entry.receiver() for entry in self.receivers},
            quiet_hours={hours.name: hours for hours in self.quiet_hours},
            inhibit=self.inhibit,
        )


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong at a path of the file although each part by itself is well formed."""

    path: tuple[str | int, ...]
    message: str
    hint: str


def routes_model(channels: Mapping[str, type[BaseModel]]) -> type[RoutesFile]:
    """Return the model of a file whose receivers may have these channels, each with the model of its options."""
    fields: dict[str, Any] = {name: (model | None, None) for name, model in channels.items()}
    entry = create_model("ReceiverWithChannel", __base__=ReceiverEntry, **fields)
    return create_model("RoutesWithChannels", __base__=RoutesFile, receivers=(tuple[entry, ...], ...))


def find_mistakes(file: RoutesFile) -> Iterator[Mistake]:
    """Find what only shows when the parts are seen together."""
    yield from _repeated("receivers", [entry.name for entry in file.receivers], "receiver")
    yield from _repeated("quiet_hours", [hours.name for hours in file.quiet_hours], "set of quiet hours")
    receivers = {entry.name for entry in file.receivers}
    quiet = {hours.name for hours in file.quiet_hours}
    for path, route in walk(file.route, ("route",)):
        if route.receiver is not None and route.receiver not in receivers:
            yield Mistake((*path, "receiver"), f"there is no receiver '{route.receiver}'", _one_of(receivers))
        for number, name in enumerate(route.quiet_hours or ()):
            if name not in quiet:
                yield Mistake((*path, "quiet_hours", number), f"there are no quiet hours '{name}'", _one_of(quiet))
    for path in find_unreachable(file.route):
        yield Mistake(
            ("route", *path),
            "no alert can reach this route: an earlier one beside it takes all that would fit",
            "move it up, narrow the earlier one, or give that one 'continue: true'",
        )


def _repeated(section: str, names: list[str], what: str) -> Iterator[Mistake]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Mistake((section, number, "name"), f"the {what} '{name}' is there twice", "give it another name")


def _one_of(names: set[str]) -> str:
    return f"write one of {', '.join(sorted(names))}" if names else "define it first"
