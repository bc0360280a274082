"""Settings of the risk index."""

from typing import ClassVar

from pydantic import Field

from sluice_shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment of the risk index."""

    service: ClassVar[str] = "risk-index"
    chunks_at_once: int = Field(
        default=2, ge=1, le=16, description="Chunks of findings in work at once, so that reading overlaps with writing"
    )
    timer_interval: float = Field(default=2.0, gt=0, description="Seconds between looks for SLA steps that are due")
    alert_retry: float = Field(
        default=15.0, gt=0, description="Seconds until an alert that notifier has not confirmed is published again"
    )
    max_alert_publications: int = Field(
        default=20, ge=1, description="Publications of an alert at most; unless notifier confirms one it is then stuck"
    )
    alerts_in_line: int = Field(
        default=1_000, ge=1, description="Batches of alerts that may wait for notifier before publishing waits, too"
    )
    epss_url: str | None = Field(
        default=None,
        pattern=r"^(https?|file)://",
        description="Where EPSS scores are (FIRST's CSV, .gz too): https://… or file:///…; no feed when left out",
    )
    kev_url: str | None = Field(
        default=None,
        pattern=r"^(https?|file)://",
        description="Where CISA's catalogue of known exploited vulnerabilities is (JSON): https://… or file:///…",
    )
    feed_interval: float = Field(default=3600.0, ge=1, description="Seconds between looks for new editions of feeds")
    max_feed_bytes: int = Field(default=128 * 1024 * 1024, ge=1, description="Bytes a feed may have, unpacked")
    snapshot_interval: float = Field(
        default=900.0, ge=1, description="Seconds between measurements of the index; the last one of a day is kept"
    )
    snapshot_days: int = Field(default=400, ge=1, description="Days for which the daily index is kept, for trends")
    max_evidence_bytes: int = Field(
        default=64 * 1024 * 1024, ge=1024, description="Bytes that a piece of evidence may have, unpacked"
    )
    metrics_interval: float = Field(
        default=15.0, ge=1, description="Seconds between counts of the findings for the metrics"
    )
