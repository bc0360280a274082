"""The service catalogue: who the teams are, which assets there are, and the rules that say who owns what."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from sluice_risk_index.domain.codeowners import Codeowners
from sluice_risk_index.domain.policy import Criticality, Exposure, RiskClass
from sluice_shared.contracts.assets import parse_asset_key
from sluice_shared.contracts.events import Contact
from sluice_shared.contracts.finding import Kind

TRIAGE = "triage"
"""The team of what nobody owns."""

Name = Annotated[str, StringConstraints(pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Alias = Annotated[str, StringConstraints(pattern=r"[^\s]+", min_length=2, max_length=200)]
Glob = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class Entry(BaseModel):
    """A document of the catalogue; a field that nobody knows is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class ContactEntry(Entry):
    """How to reach a team."""

    email: str | None = None
    slack: str | None = None
    jira_project: str | None = None
    pager: str | None = None
    extra: dict[str, str] = Field(default_factory=dict)

    def contact(self) -> Contact:
        """Return it as alerts carry it."""
        return Contact.model_validate(self.model_dump())


class Team(Entry):
    """A team: `kind: team`."""

    kind: Literal["team"] = "team"
    name: Name
    title: str | None = None
    tier: str | None = Field(default=None, description="Maturity tier; the policy's default when left out")
    programme: Name | None = Field(default=None, description="The group of teams that it is counted in")
    contact: ContactEntry = ContactEntry()
    aliases: tuple[Alias, ...] = Field(
        default=(),
        description="Names by which CODEOWNERS know it: @acme/pay, pay@acme.io; the contact's e-mail counts too",
    )
    onboarded: date | None = Field(
        default=None, description="What was already open on this day gets the policy's baseline as its least time"
    )
    calendar: str | None = Field(
        default=None,
        description="A calendar of the policy, by which its business days count; the default when left out",
    )
    burn_down: dict[RiskClass, date] = Field(
        default_factory=dict,
        description="By class, the last day for what was already open when it was onboarded, instead of the baseline",
    )

    @model_validator(mode="after")
    def _later(self) -> Self:
        if self.burn_down and self.onboarded is None:
            raise ValueError("burn_down needs the day of the onboarding: add `onboarded`")
        early = sorted(c.value for c, day in self.burn_down.items() if self.onboarded and day < self.onboarded)
        if early:
            raise ValueError(f"burn_down of {', '.join(early)} is before `onboarded`: write a later day")
        return self


class Asset(Entry):
    """An asset: `kind: asset`."""

    kind: Literal["asset"] = "asset"
    key: str
    title: str | None = None
    owner: Name | None = None
    tier: str | None = Field(default=None, description="Where the asset is held to another tier than its team")
    criticality: Criticality = Criticality.UNKNOWN
    exposure: Exposure = Exposure.UNKNOWN
    environment: str | None = Field(default=None, max_length=100)
    data_class: str | None = Field(default=None, max_length=100)
    tags: tuple[Tag, ...] = ()
    codeowners: str | None = Field(
        default=None, max_length=512, description="Its CODEOWNERS, as the name of a file in catalog/codeowners/"
    )

    @field_validator("key")
    @classmethod
    def _is_asset_key(cls, value: str) -> str:
        parse_asset_key(value)
        return value


class OwnerRule(Entry):
    """Who owns what matches; each pattern that is given must match."""

    team: Name
    asset: Glob | None = Field(default=None, description="Glob over asset keys: repo:github.com/acme/*")
    path: Glob | None = Field(default=None, description="Glob over paths, as in CODEOWNERS: services/pay/**")
    package: Glob | None = Field(default=None, description="Glob over the purl or the package's name: pkg:npm/*")
    kind: Kind | None = None
    tag: Tag | None = Field(default=None, description="A tag of the asset")
    ref: Glob | None = Field(default=None, description="Glob over refs on which the finding is present")

    def __str__(self) -> str:
        said = [f"{name} {value}" for name, value in self if value is not None and name != "team"]
        return ", ".join(said) or "everything"


class OwnerTest(Entry):
    """An example with the owner that it must have by the whole catalogue: assets, CODEOWNERS and all rules."""

    owner: Name
    asset: str
    path: str | None = Field(default=None, min_length=1)
    package: str | None = Field(default=None, min_length=1, description="A purl, or a package's name")
    kind: Kind = Kind.OTHER
    ref: str = "main"

    @field_validator("asset")
    @classmethod
    def _is_asset_key(cls, value: str) -> str:
        parse_asset_key(value)
        return value

    def __str__(self) -> str:
        said = {"path": self.path, "package": self.package, "kind": self.kind if self.kind is not Kind.OTHER else None}
        return ", ".join([self.asset, *(f"{name} {value}" for name, value in said.items() if value is not None)])


class OwnerRules(Entry):
    """An ordered list of rules: `kind: rules`. Over all files, in the order of their names, the last match wins."""

    kind: Literal["rules"] = "rules"
    rules: tuple[OwnerRule, ...] = Field(min_length=1)
    tests: tuple[OwnerTest, ...] = Field(default=(), description="Checked by `sluice config check`")


class Catalogue:
    """All documents of the catalogue. Of two entries with one name or key the last counts (the check reports both)."""

    def __init__(
        self,
        teams: Sequence[Team] = (),
        assets: Sequence[Asset] = (),
        rules: Sequence[OwnerRule] = (),
        codeowners: Mapping[str, Codeowners] | None = None,
    ) -> None:
        self.teams: dict[str, Team] = {team.name: team for team in teams}
        self.assets: dict[str, Asset] = {asset.key: asset for asset in assets}
        self.rules: tuple[OwnerRule, ...] = tuple(rules)
        self.codeowners: Mapping[str, Codeowners] = codeowners or {}
        self._aliases = {name: team.name for team in teams for name in names_of(team)}

    def team_of(self, owner: str) -> str | None:
        """Return the team that goes by this name in CODEOWNERS; None for nobody known. Case does not count."""
        return self._aliases.get(owner.casefold())

    def team_called(self, name: str) -> str | None:
        """Return the team of this name or alias; None for nobody known."""
        return name if name in self.teams else self.team_of(name)

    def says_as(self, other: "Catalogue") -> bool:
        """Tell whether both say the same."""
        mine, others = (self.teams, self.assets, self.rules), (other.teams, other.assets, other.rules)
        return mine == others and self.codeowners == other.codeowners

    def asset(self, key: str) -> Asset:
        """Return what is known of the asset; an unlisted one is unknown in every respect."""
        return self.assets.get(key) or Asset(key=key)

    def contact(self, team: str) -> Contact:
        """Return how to reach the team; nothing when the catalogue does not know it."""
        known = self.teams.get(team)
        return known.contact.contact() if known else Contact()


def names_of(team: Team) -> Iterator[str]:
    """Yield the names by which CODEOWNERS may mean the team, folded for comparison, each once."""
    names = [*team.aliases, *([team.contact.email] if team.contact.email else [])]
    yield from dict.fromkeys(name.casefold() for name in names)
