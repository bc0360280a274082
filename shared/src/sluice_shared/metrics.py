"""The metrics that every service has. Label values come from closed sets: tables, enums, route templates."""

from prometheus_client import Counter, Gauge, Histogram

_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_WORK_BUCKETS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)

HTTP_REQUESTS = Counter(
    "sluice_http_requests_total", "HTTP requests answered", ["service", "method", "route", "status"]
)
HTTP_SECONDS = Histogram(
    "sluice_http_request_seconds",
    "Seconds from a request's arrival to the end of its answer",
    ["service", "method", "route"],
    buckets=_REQUEST_BUCKETS,
)

EVENTS_PUBLISHED = Counter("sluice_events_published_total", "Events put on a stream", ["topic", "outcome"])
EVENTS_CONSUMED = Counter("sluice_events_consumed_total", "Deliveries handled", ["topic", "group", "outcome"])
EVENT_SECONDS = Histogram(
    "sluice_event_seconds", "Seconds a handler worked on a delivery", ["topic", "group"], buckets=_WORK_BUCKETS
)
REDELIVERIES = Counter("sluice_redeliveries_total", "Deliveries that were not the first of their event", ["topic"])
DEAD_LETTERS = Counter("sluice_dead_letters_total", "Events set apart", ["topic", "reason"])
STREAM_LAG = Gauge(
    "sluice_stream_lag", "Events of a stream not yet acknowledged by a group, pending ones included", ["topic", "group"]
)
STREAM_OLDEST_SECONDS = Gauge(
    "sluice_stream_oldest_seconds",
    "Age in seconds of the oldest event a group has not acknowledged",
    ["topic", "group"],
)

SWEEPS = Counter("sluice_sweeps_total", "Rounds of a sweeper", ["name", "outcome"])
SWEEP_HANDLED = Counter("sluice_sweep_handled_total", "Rows that a sweeper handled", ["name"])
SWEEP_SECONDS = Histogram(
    "sluice_sweep_seconds", "Seconds that a sweeper's round took", ["name"], buckets=_WORK_BUCKETS
)

CONFIG_RELOADS = Counter(
    "sluice_config_reloads_total", "Times that a configuration was read again", ["name", "outcome"]
)
CONFIG_VALID = Gauge(
    "sluice_config_valid", "1 when the configuration on disk is the one in use, 0 when it is in error", ["name"]
)
