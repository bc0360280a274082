"""Settings of the normaliser."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from sluice_normaliser.domain.algorithms import InForce
from sluice_shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment of the normaliser."""

    service: ClassVar[str] = "normaliser"
    max_report_bytes: int = Field(
        default=512 * 1024 * 1024, gt=0, description="Largest decompressed report that is parsed, in bytes"
    )
    parse_workers: int = Field(
        default=1, ge=1, description="Processes that parse small reports; large ones have another of their own"
    )
    parse_timeout: float = Field(default=300.0, gt=0, description="Longest time for one report's parsing, in seconds")
    reports_at_once: int = Field(default=2, ge=1, description="Reports of the interactive lane in work at once")
    findings_in_line: int = Field(
        default=200, ge=1, description="Chunks of changes that may wait for the risk index before publishing waits, too"
    )
    bulk_findings_in_line: int = Field(
        default=16, ge=1, description="The same for large reports; fewer, so that small ones find a short line"
    )
    hold_share: float = Field(
        default=0.5, ge=0, le=1, description="A scan that loses more than this share of its scope's findings is held"
    )
    hold_minimum: int = Field(default=20, ge=1, description="Losses smaller than this are never held, in findings")
    ref_retention_days: float = Field(
        default=30.0, gt=0, description="Days after which a ref that nobody scans any more shows nothing"
    )
    identity_on: list[str] = Field(
        default_factory=list,
        description="Key algorithms on trial to switch on, such as snippet/2; separated by commas, the same in all"
        " replicas",
    )
    identity_trial: list[str] = Field(
        default_factory=list,
        description="Key algorithms to keep on trial that would decide; separated by commas, the same in all replicas",
    )
    kept_refs: list[str] = Field(
        default=["default", "main", "master", "release/*"],
        description="Refs that are never tidied away, by pattern; separated by commas",
    )

    @model_validator(mode="after")
    def _known_algorithms(self) -> Self:
        InForce.of(on=self.identity_on, trial=self.identity_trial)
        return self
