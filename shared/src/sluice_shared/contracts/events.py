"""The events on the bus. Each carries a version; consumers ignore fields they do not know.

Every event states facts that a committed row already holds: losing one loses nothing, receiving one twice changes
nothing.
"""

from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from sluice_shared.contracts.base import Contract, UtcTime
from sluice_shared.contracts.finding import Kind, Observation, Severity


class Event(Contract):
    """What all events have in common."""

    version: int = 1


class ReportCounts(Contract):
    """What a report came to. ``findings`` are the distinct open problems that the report shows."""

    observations: int = 0
    findings: int = 0
    new: int = 0
    reopened: int = 0
    resolved: int = 0
    updated: int = Field(default=0, description="Known findings about which the scanner now says something else")
    unchanged: int = 0
    held: int = Field(default=0, description="Findings that would have been resolved but for a hold")
    not_open: int = Field(default=0, description="Observations that are no open problem: passed, suppressed, manual")
    unknown_severity: int = 0


class ReportReceived(Event):
    """A report has been stored by ingest and waits to be normalised. Carries a reference, never the body."""

    report_id: UUID
    sequence: int = Field(description="Grows with every report accepted; breaks ties between equal scan times")
    asset: str
    ref: str = Field(default="default", description="Branch, tag or environment")
    commit: str | None = None
    scanner: str | None = Field(default=None, description="As the client named it; else recognised from the content")
    category: str = Field(default="", description="Keeps apart scans of one tool over different parts of an asset")
    complete: bool = Field(default=True, description="False for a partial scan, which resolves nothing")
    scanned_at: UtcTime | None = Field(default=None, description="As the client said it; else from the report")
    received_at: UtcTime
    body_ref: str = Field(description="Key of the zstd-compressed body in the blob store")
    body_bytes: int = Field(description="Decompressed size in bytes")
    body_sha256: str
    filename: str | None = None
    source: str | None = Field(default=None, description="The token or webhook source that pushed it")


class ScanSummary(Contract):
    """One scan in a report: the scope it speaks for and what it says about itself."""

    scanner: str
    scanner_version: str | None = None
    ref: str = "default"
    commit: str | None = None
    category: str = ""
    scanned_at: UtcTime
    complete: bool = True
    successful: bool = True
    late: bool = Field(default=False, description="A newer scan of the scope was already known")
    kinds: list[Kind] = Field(default_factory=list)
    observations: int = 0
    vex: bool = Field(default=False, description="The report is a VEX document")


class FindingStatus(StrEnum):
    """Whether any scan still shows it."""

    OPEN = "open"
    RESOLVED = "resolved"


class ChangeType(StrEnum):
    """What a report did to a finding."""

    OPENED = "opened"
    UPDATED = "updated"
    REOPENED = "reopened"
    RESOLVED = "resolved"


class FindingState(Contract):
    """The whole present state of one finding, as the normaliser knows it. A higher ``version`` replaces a lower one."""

    finding_id: UUID
    version: int = Field(description="Grows by one with every change; makes applying idempotent and order-free")
    change: ChangeType
    status: FindingStatus
    severity: Severity = Field(description="The highest that a source still seeing it gives")
    first_seen_at: UtcTime
    opened_at: UtcTime = Field(description="Start of the present or the last time it was open")
    resolved_at: UtcTime | None = None
    reopen_count: int = 0
    refs: list[str] = Field(default_factory=list, description="Refs on which it is present now")
    matched_by: str | None = Field(default=None, description="The key that joined the last observation to it")
    keys: dict[str, str] = Field(default_factory=dict, description="Identity keys: algorithm/version → hash, hex")
    observations: list[Observation] = Field(default_factory=list, description="The latest of each scanner")


class FindingsChanged(Event):
    """A chunk of the changes that a report caused in one asset, at most 500 findings and about 1 MiB.

    An emission is one publication of a report's changes; a report is indexed when all ``chunks`` of one emission are.
    A report that changed nothing still sends one empty chunk.
    """

    report_id: UUID
    emission_id: UUID
    chunk: int = Field(ge=0)
    chunks: int = Field(ge=1)
    asset: str = Field(description="Its key now; a renamed asset keeps its id")
    asset_id: UUID
    aliases: list[str] = Field(default_factory=list, description="Its former keys, which go on leading to it")
    renames: int = Field(default=0, description="Grows when its key changes; of two events the higher one is right")
    received_at: UtcTime
    counts: ReportCounts = Field(description="Of the whole report, the same in every chunk")
    scans: list[ScanSummary] = Field(default_factory=list, description="Scans of this asset in the report")
    findings: list[FindingState] = Field(default_factory=list)


class RejectReason(StrEnum):
    """Why a report could not be taken; also a metric's label."""

    EMPTY = "empty"
    NOT_TEXT = "not_text"
    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    SCHEMA = "schema"
    UNKNOWN_FORMAT = "unknown_format"
    WRONG_SCANNER = "wrong_scanner"
    SCANNER_FAILED = "scanner_failed"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    BODY_MISSING = "body_missing"
    OTHER_REF = "other_ref"
    INTERNAL = "internal"


class ReportReceipt(Event):
    """Ends a report's being due: it is indexed, it can never be, or its event was set apart for a person to look at."""

    report_id: UUID
    status: Literal["indexed", "rejected", "stuck"]
    reason: RejectReason | None = None
    detail: str | None = Field(default=None, description="What is wrong and what to do about it")
    scanner: str | None = None
    vex: bool = Field(default=False, description="The report is a VEX document, and so evidence besides")
    counts: ReportCounts = Field(default_factory=ReportCounts)
    at: UtcTime


class EvidenceType(StrEnum):
    """What a piece of evidence is."""

    CODEOWNERS = "codeowners"
    VEX = "vex"
    SBOM = "sbom"
    ATTESTATION = "attestation"


class EvidenceReceived(Event):
    """Evidence about an asset has been stored by ingest and waits to be taken. Carries a reference, never the body."""

    evidence_id: UUID
    sequence: int = Field(description="Grows with everything accepted; the later of two of equal time counts")
    type: EvidenceType
    asset: str
    ref: str = "default"
    commit: str | None = None
    made_at: UtcTime | None = Field(default=None, description="As the client said it; else when it was received")
    received_at: UtcTime
    body_ref: str = Field(description="Key of the zstd-compressed body in the blob store")
    body_bytes: int = Field(description="Decompressed size in bytes")
    body_sha256: str
    filename: str | None = None
    source: str | None = Field(default=None, description="The token or webhook source that pushed it")
    from_report: bool = Field(default=False, description="The body is a report's, which may hold evidence or not")


class EvidenceCounts(Contract):
    """What a piece of evidence came to."""

    entries: int = Field(default=0, description="Lines of CODEOWNERS, statements of VEX, components, subjects")
    unused: int = Field(default=0, description="Entries that say nothing here: owners nobody knows, unreadable lines")
    findings: int = Field(default=0, description="Open findings that are looked at again because of it")


class EvidenceReceipt(Event):
    """Ends a piece of evidence's being due: it is in the index, it can never be, or its event was set apart."""

    evidence_id: UUID
    status: Literal["indexed", "rejected", "stuck"]
    reason: RejectReason | None = None
    detail: str | None = Field(default=None, description="What is wrong and what to do about it")
    counts: EvidenceCounts = Field(default_factory=EvidenceCounts)
    at: UtcTime


class AlertLevel(StrEnum):
    """Why an alert was raised."""

    OPENED = "opened"
    REOPENED = "reopened"
    EXPLOITED = "exploited"
    WARNED = "warned"
    BREACHED = "breached"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    REVIEW = "review"


class Contact(Contract):
    """How to reach a team; a receiver may use it in its templates."""

    email: str | None = None
    slack: str | None = None
    jira_project: str | None = None
    pager: str | None = None
    extra: dict[str, str] = Field(default_factory=dict)


class AlertFinding(Contract):
    """What an alert says about its finding; enough to act on without asking back."""

    finding_id: UUID
    asset: str
    title: str
    kind: Kind
    severity: Severity
    risk_class: str = Field(description="track, track_star, attend, act")
    score: float = Field(description="0-100")
    scanners: list[str] = Field(default_factory=list)
    rule_id: str | None = None
    identifiers: list[str] = Field(default_factory=list)
    location: str | None = Field(default=None, description="One line: path:line, package@version, URL")
    package: str | None = None
    fix_action: str | None = Field(default=None, description="One line, the same for findings one action ends")
    refs: list[str] = Field(default_factory=list)
    first_seen_at: UtcTime
    due_at: UtcTime | None = None
    url: str | None = None


class AlertRaised(Event):
    """A finding's deadline nears, passed, or its state changed in a way somebody must know."""

    alert_id: UUID
    level: AlertLevel
    step: int = Field(default=0, description="Which warning or escalation of its level, from 0")
    clock: int = Field(default=0, description="Which SLA clock of the finding; a re-opening starts another")
    raised_at: UtcTime
    team: str
    tier: str
    contact: Contact = Field(default_factory=Contact)
    finding: AlertFinding
    labels: dict[str, str] = Field(default_factory=dict, description="More to route by: environment, programme, tags")


class AlertsRaised(Event):
    """A batch of alerts."""

    alerts: list[AlertRaised]


class AlertReceipt(Event):
    """Notifier has committed these alerts: their deliveries are its own promise from here on."""

    alert_ids: list[UUID]
    at: UtcTime


class DeadLetter(Event):
    """An event that was set apart, with why."""

    topic: str
    group: str
    reason: str
    detail: str
    attempts: int
    message_id: str
    at: UtcTime
    headers: dict[str, str] = Field(default_factory=dict)
    payload: Any = None
