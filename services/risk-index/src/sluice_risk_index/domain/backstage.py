"""Backstage entities (`catalog-info.yaml`) as the catalogue reads them.

A `Group` is a team. A `Component`, `API` or `Resource` is an asset when the annotation `sluice.dev/asset` gives its
key, or `github.com/project-slug` its repository; `spec.owner` names the team. Further annotations under `sluice.dev/`:
`tier`, `criticality`, `exposure`, `environment`, `data-class`, `codeowners`; for a group `tier`, `programme` (else the
group above it, `spec.parent`), `slack`, `jira-project`, `pager`, `onboarded`, `calendar`, `aliases` (with commas
between). A group's `github.com/team-slug` is an alias. Other kinds of entity say nothing about ownership and are passed
over.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

API_VERSION = "backstage.io/"
ASSET_KINDS = frozenset({"Component", "API", "Resource"})
_OURS = "sluice.dev/"


class Lenient(BaseModel):
    """A part of an entity: other tools' fields are none of our business."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Metadata(Lenient):
    """Of every entity."""

    name: str = Field(min_length=1)
    title: str | None = None
    annotations: dict[str, str] = Field(default_factory=dict)
    tags: tuple[str, ...] = ()

    def ours(self, name: str) -> str | None:
        """Return the annotation `sluice.dev/<name>`."""
        return self.annotations.get(_OURS + name)


class Profile(Lenient):
    """How a group presents itself."""

    display_name: str | None = Field(default=None, alias="displayName")
    email: str | None = None


class Spec(Lenient):
    """What is read of the `spec` of any kind."""

    owner: str | None = None
    parent: str | None = None
    profile: Profile = Profile()


class Entity(Lenient):
    """An entity of Backstage's catalogue, format `backstage.io/v1alpha1` and later."""

    kind: str
    metadata: Metadata
    spec: Spec = Spec()


def as_team(entity: Entity) -> dict[str, Any]:
    """Return what a Group says as the fields of a :class:`~sluice_risk_index.domain.catalogue.Team`."""
    metadata, profile = entity.metadata, entity.spec.profile
    return {
        "name": metadata.name,
        "title": metadata.title or profile.display_name,
        "tier": metadata.ours("tier"),
        "programme": metadata.ours("programme") or owner_name(entity.spec.parent),
        "onboarded": metadata.ours("onboarded"),
        "calendar": metadata.ours("calendar"),
        "aliases": _aliases(metadata),
        "contact": {
            "email": profile.email,
            "slack": metadata.ours("slack"),
            "jira_project": metadata.ours("jira-project"),
            "pager": metadata.ours("pager"),
        },
    }


def as_asset(entity: Entity) -> dict[str, Any] | None:
    """Return what an entity says as the fields of an asset; None when it names none."""
    metadata = entity.metadata
    slug = metadata.annotations.get("github.com/project-slug")
    key = metadata.ours("asset") or (f"repo:github.com/{slug}" if slug else None)
    if key is None:
        return None
    values = {
        "key": key,
        "title": metadata.title or metadata.name,
        "owner": owner_name(entity.spec.owner),
        "tier": metadata.ours("tier"),
        "criticality": metadata.ours("criticality"),
        "exposure": metadata.ours("exposure"),
        "environment": metadata.ours("environment"),
        "data_class": metadata.ours("data-class"),
        "tags": metadata.tags,
        "codeowners": metadata.ours("codeowners"),
    }
    return {name: value for name, value in values.items() if value is not None}


def owner_name(reference: str | None) -> str | None:
    """Return the name in an entity reference such as `group:default/checkout`; None for none, or for a person."""
    if not reference:
        return None
    kind, _, rest = reference.rpartition(":")
    if kind.lower() not in ("", "group"):
        return None
    return rest.rpartition("/")[2] or None


def _aliases(metadata: Metadata) -> tuple[str, ...]:
    slug = metadata.annotations.get("github.com/team-slug")
    told = [name.strip() for name in (metadata.ours("aliases") or "").split(",")]
    return tuple(dict.fromkeys(name for name in (f"@{slug.removeprefix('@')}" if slug else "", *told) if name))
