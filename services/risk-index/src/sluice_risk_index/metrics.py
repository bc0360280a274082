"""The metrics of the risk index. Label values come from the policy, the catalogue and closed sets."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping

from prometheus_client import Counter, Gauge
from prometheus_client.samples import Sample

FINDINGS_OPEN = Gauge("sluice_findings_open", "Open findings", ["class", "severity", "team", "tier"])
FINDINGS_SLA = Gauge(
    "sluice_findings_sla", "Open findings by how they stand to their deadline", ["state", "team", "tier"]
)
FINDINGS_EXCUSED = Gauge(
    "sluice_findings_excused", "Open findings that a decision or an exception lets be", ["decision", "team", "tier"]
)
FEED_AGE = Gauge("sluice_feed_age_seconds", "Age of the edition of a feed that is in use", ["feed"])
FEED_ENTRIES = Gauge("sluice_feed_entries", "Entries of the edition of a feed that is in use", ["feed"])
FEED_REFUSALS = Counter(
    "sluice_feed_refusals_total", "Times that a feed could not be had or was refused whole", ["feed", "reason"]
)
EXCEPTIONS_ACTIVE = Gauge("sluice_exceptions_active", "Exceptions in force that cover findings of the team", ["team"])
EXCEPTIONS_BY_DAYS_LEFT = Gauge(
    "sluice_exceptions_by_days_left", "Exceptions in force that end within so many days", ["days"]
)
EXCEPTIONS_ORPHANED = Gauge("sluice_exceptions_orphaned", "Exceptions in force that cover nothing")
EXCEPTIONS_REVIEW_DUE = Gauge("sluice_exceptions_review_due", "Exceptions in force whose day of review has come")
RISK_INDEX = Gauge("sluice_risk_index", "Risk-weighted index of the open findings", ["team"])
BASELINE = Gauge(
    "sluice_baseline_findings",
    "Backlog of onboarding: initial, remaining, and what may ideally be left by now",
    ["state", "team"],
)
FINDINGS_UNOWNED = Gauge("sluice_findings_unowned", "Open findings that nobody owns; they are in triage")
MTTR_SECONDS = Gauge(
    "sluice_mttr_seconds", "Mean seconds from opening to end, of what ended in the last 90 days", ["class", "team"]
)
MTTD_SECONDS = Gauge(
    "sluice_mttd_seconds",
    "Mean seconds until first seen, from when the problem was public and the asset was watched, over 90 days",
    ["class", "team"],
)
ASSETS_COVERED = Gauge(
    "sluice_assets_covered", "Assets scanned for this kind of problem in the last 30 days", ["practice", "team"]
)
EVIDENCE = Counter("sluice_evidence_taken_total", "Pieces of evidence by what became of them", ["type", "outcome"])
CODEOWNERS_UNKNOWN = Gauge("sluice_codeowners_unknown_owners", "Owners in CODEOWNERS that no team goes by")
ALERTS = Counter("sluice_alerts_total", "Alerts raised", ["level"])
ALERTS_STUCK = Gauge("sluice_alerts_stuck", "Alerts that were given up because notifier did not confirm them")
FINDINGS_APPLIED = Counter("sluice_findings_applied_total", "States of findings taken from the stream")
FINDINGS_RECALCULATED = Counter("sluice_findings_recalculated_total", "Findings looked at because rules or age changed")


def count_alerts(levels: Iterable[str]) -> None:
    """Count alerts that were raised, by level."""
    for level, number in Tally(levels).items():
        ALERTS.labels(level).inc(number)


def replace_series(gauge: Gauge, values: Mapping[tuple[str, ...], float]) -> None:
    """Set the gauge for each combination of labels; combinations that are gone disappear."""
    # What is set before what is gone is taken away, so that no scrape in between finds nothing.
    for labels, value in values.items():
        gauge.labels(*labels).set(value)
    shown = {tuple(sample.labels[name] for name in gauge._labelnames) for sample in _samples(gauge)}  # noqa: SLF001
    for labels in shown - values.keys():
        gauge.remove(*labels)


def _samples(gauge: Gauge) -> Iterable[Sample]:
    return [sample for family in gauge.collect() for sample in family.samples]
