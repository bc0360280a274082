"""Metrics of the normaliser."""

from prometheus_client import Counter, Gauge, Histogram

REPORTS = Counter(
    "sluice_normaliser_reports_total", "Reports worked on, by scanner and outcome", ["scanner", "outcome"]
)
OBSERVATIONS = Counter("sluice_observations_total", "Observations taken in, by scanner", ["scanner"])
PARSE_SECONDS = Histogram(
    "sluice_normaliser_parse_seconds",
    "Time from a stored body to a prepared report, in seconds",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
APPLY_SECONDS = Histogram(
    "sluice_normaliser_apply_seconds",
    "Time to match a report and commit what it changes, in seconds",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
HELD = Counter(
    "sluice_scans_held_total",
    "Complete scans that lost so much at once that their losses wait for another",
    ["scanner"],
)
ACTIONS_STUCK = Gauge(
    "sluice_identity_actions_stuck",
    "Splits, merges and renames that were given up because risk-index did not confirm them",
)
