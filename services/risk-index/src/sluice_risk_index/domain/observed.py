"""What the risk index reads of an event: the same JSON as the contract's, narrowed to what is used here.

The observations stay plain JSON, which is stored as it came; validating them whole would cost more than all the rest.
"""

from typing import Any
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError

from sluice_shared.contracts.base import Contract, UtcTime
from sluice_shared.contracts.events import ChangeType, Event, FindingStatus, ReportCounts, ScanSummary
from sluice_shared.contracts.finding import Confidence, Kind, RatingMethod, Severity


class ObservedIdentifier(Contract):
    """A name of the vulnerability or weakness."""

    type: str
    value: str


class ObservedRating(Contract):
    """A rating, as far as it bears on the score."""

    source: str
    method: RatingMethod = RatingMethod.OTHER
    vector: str | None = None
    score: float | None = None


class ObservedLocation(Contract):
    """The fields of all kinds of location that a line of text and the owner's rules need."""

    type: str
    path: str | None = None
    start_line: int | None = None
    name: str | None = None
    namespace: str | None = None
    version: str | None = None
    purl: str | None = None
    fixed_versions: list[str] = Field(default_factory=list)
    line: int | None = None
    url: str | None = None
    template: str | None = None
    method: str | None = None
    parameter: str | None = None
    host: str | None = None
    port: int | None = None
    resource: str | None = None


class ObservedFix(Contract):
    """Whether and how it can be fixed."""

    action: str | None = None
    fixed_versions: list[str] = Field(default_factory=list)
    available: bool | None = None


class ObservedSecret(Contract):
    """Whether a leaked secret works."""

    verified: bool | None = None


class Observed(Contract):
    """An observation, as far as the risk index reads it."""

    scanner: str
    kind: Kind
    rule_id: str
    title: str
    severity: Severity = Severity.UNKNOWN
    confidence: Confidence = Confidence.UNKNOWN
    identifiers: list[ObservedIdentifier] = Field(default_factory=list)
    cwes: list[int] = Field(default_factory=list)
    location: ObservedLocation | None = None
    ratings: list[ObservedRating] = Field(default_factory=list)
    fix: ObservedFix | None = None
    secret: ObservedSecret | None = None
    exploit_maturity: str | None = None
    tags: list[str] = Field(default_factory=list)
    published_at: UtcTime | None = None


class ObservedFinding(Contract):
    """A finding's state as the normaliser publishes it (:class:`sluice_shared.contracts.events.FindingState`)."""

    finding_id: UUID
    version: int
    change: ChangeType
    status: FindingStatus
    severity: Severity
    first_seen_at: UtcTime
    opened_at: UtcTime
    resolved_at: UtcTime | None = None
    reopen_count: int = 0
    refs: list[str] = Field(default_factory=list)
    keys: dict[str, str] = Field(default_factory=dict)
    observations: list[dict[str, Any]] = Field(default_factory=list)


class FindingsChunk(Event):
    """A chunk of changes (:class:`sluice_shared.contracts.events.FindingsChanged`)."""

    report_id: UUID
    emission_id: UUID
    chunk: int
    chunks: int
    asset: str
    asset_id: UUID
    aliases: list[str] = Field(default_factory=list)
    renames: int = 0
    received_at: UtcTime
    counts: ReportCounts
    scans: list[ScanSummary] = Field(default_factory=list)
    findings: list[ObservedFinding] = Field(default_factory=list)


_OBSERVATIONS = TypeAdapter(list[Observed])


class UnreadableObservationError(ValueError):
    """An observation is not in the form of the contract; the message says where, without its values."""


def read_observations(finding: ObservedFinding) -> list[Observed]:
    """Return what is used of the finding's observations; raises :class:`UnreadableObservationError`."""
    try:
        return _OBSERVATIONS.validate_python(finding.observations)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnreadableObservationError(
            f"finding {finding.finding_id}, observations.{place}: {first['msg']}"
        ) from error
