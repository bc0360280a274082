"""The model of ``sources.yaml``."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sluice_ingest.domain.providers import PROVIDERS
from sluice_ingest.domain.source import Source


class Sources(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: list[Source] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        seen: set[tuple[str, str]] = set()
        for source in self.sources:
            if source.provider not in PROVIDERS:
                raise ValueError(
                    f"the provider '{source.provider}' of the source '{source.name}' is not known; "
                    f"write one of {', '.join(sorted(PROVIDERS))}"
                )
            if (source.provider, source.name) in seen:
                raise ValueError(f"the source '{source.name}' of {source.provider} is there twice")
            seen.add((source.provider, source.name))
        return self

    def find(self, provider: str, name: str) -> Source | None:
        """Return the source of this provider and name, if there is one."""
        return next((s for s in self.sources if s.provider == provider and s.name == name), None)
