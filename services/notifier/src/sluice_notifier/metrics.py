"""Metrics of the notifier. Receivers are those of ``routes.yaml``; reasons and levels come from closed sets."""

from prometheus_client import Counter, Gauge, Histogram

DELIVERIES = Counter("sluice_deliveries_total", "Deliveries by how they ended", ["receiver", "outcome"])
DELIVERY_SECONDS = Histogram(
    "sluice_delivery_seconds",
    "Time of one attempt to deliver, in seconds",
    ["receiver"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
DELIVERIES_DUE = Gauge("sluice_deliveries_due", "Deliveries that have not ended", ["receiver"])
ALERTS_RECEIVED = Counter("sluice_alerts_received_total", "Alerts taken over, each once", ["level"])
FAILURES = Counter("sluice_delivery_failures_total", "Attempts that failed, by reason", ["receiver", "reason"])
TICKETS_CHECKED = Counter("sluice_tickets_checked_total", "Looks at tickets, by outcome", ["receiver", "outcome"])
