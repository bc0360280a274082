"""The one table of topics. No other place names a stream, a group or an event's route.

A topic is a set of Redis streams, one a partition: ``sluice:{<topic>.<p>}``. The braces make the partition the hash
tag, so that a Redis Cluster spreads partitions and keeps each on one node.
"""

import zlib
from dataclasses import dataclass
from datetime import timedelta

from sluice_shared.contracts import events


@dataclass(frozen=True, slots=True)
class Topic:
    """One row of the table.

    ``delivery_cap`` counts deliveries to a consumer, the first included; at the cap the event goes to the dead-letter
    stream. ``claim_after`` is how long a delivery may stay silent before another consumer takes it over; a consumer
    at work renews its claim well within it.
    """

    name: str
    event: type[events.Event]
    producers: tuple[str, ...]
    groups: tuple[str, ...]
    partition_key: str
    summary: str
    retention: timedelta = timedelta(hours=24)
    delivery_cap: int = 5
    claim_after: timedelta = timedelta(seconds=30)

    def stream(self, partition: int) -> str:
        """Name of the stream of this partition."""
        return f"sluice:{{{self.name}.{partition}}}"

    def streams(self, partitions: int) -> list[str]:
        """Names of all streams of the topic."""
        return [self.stream(p) for p in range(partitions)]

    def stream_for(self, key: str, partitions: int) -> str:
        """Name of the stream to which events with this partition key go."""
        return self.stream(zlib.crc32(key.encode()) % partitions)

    @property
    def dead_letter_stream(self) -> str:
        """Name of the stream that keeps what could not be handled."""
        return f"sluice:{{dead.{self.name}}}"


REPORTS = Topic(
    name="reports",
    event=events.ReportReceived,
    producers=("ingest",),
    groups=("normaliser",),
    partition_key="asset",
    summary="Reports waiting to be normalised: the interactive lane",
)
REPORTS_BULK = Topic(
    name="reports-bulk",
    event=events.ReportReceived,
    producers=("ingest",),
    groups=("normaliser",),
    partition_key="asset",
    summary="Large reports waiting to be normalised, apart so that a small one never waits behind them",
    claim_after=timedelta(seconds=60),
)
FINDINGS = Topic(
    name="findings",
    event=events.FindingsChanged,
    producers=("normaliser",),
    groups=("risk-index",),
    partition_key="asset",
    summary="What reports changed, in chunks",
)
REPORT_RECEIPTS = Topic(
    name="report-receipts",
    event=events.ReportReceipt,
    producers=("normaliser", "risk-index"),
    groups=("ingest", "normaliser"),
    partition_key="report_id",
    summary="Reports that are indexed, rejected with a reason, or set apart",
)
ALERTS = Topic(
    name="alerts",
    event=events.AlertsRaised,
    producers=("risk-index",),
    groups=("notifier",),
    partition_key="team",
    summary="Deadlines that near or have passed, and other changes somebody must know",
)
ALERT_RECEIPTS = Topic(
    name="alert-receipts",
    event=events.AlertReceipt,
    producers=("notifier",),
    groups=("risk-index",),
    partition_key="alert_id",
    summary="Alerts that notifier has committed",
)

EVIDENCE = Topic(
    name="evidence",
    event=events.EvidenceReceived,
    producers=("ingest",),
    groups=("risk-index",),
    partition_key="asset",
    summary="CODEOWNERS, VEX and proofs about assets, waiting to be taken into the index",
    claim_after=timedelta(seconds=60),
)
EVIDENCE_RECEIPTS = Topic(
    name="evidence-receipts",
    event=events.EvidenceReceipt,
    producers=("risk-index",),
    groups=("ingest",),
    partition_key="evidence_id",
    summary="Evidence that is in the index, rejected with a reason, or set apart",
)

TOPICS: tuple[Topic, ...] = (
    REPORTS,
    REPORTS_BULK,
    FINDINGS,
    REPORT_RECEIPTS,
    ALERTS,
    ALERT_RECEIPTS,
    EVIDENCE,
    EVIDENCE_RECEIPTS,
)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
