"""The metrics of ingest. Label values come from closed sets."""

from prometheus_client import Counter, Gauge, Histogram

from sluice_shared.contracts.events import EvidenceType

_KIB = 1024
_MIB = 1024 * _KIB
_MAX_SCANNERS = 200
OTHER = "other"
UNKNOWN = "unknown"

REPORTS = Counter("sluice_reports_total", "Reports by what became of them", ["scanner", "status"])
EVIDENCE = Counter("sluice_evidence_total", "Pieces of evidence by what became of them", ["type", "status"])
REJECTED = Counter("sluice_ingest_rejected_total", "Requests that ingest refused", ["reason"])
BODY_BYTES = Histogram(
    "sluice_ingest_body_bytes",
    "Decompressed size in bytes of accepted reports",
    buckets=[_KIB, 16 * _KIB, 128 * _KIB, _MIB, 8 * _MIB, 32 * _MIB, 128 * _MIB, 512 * _MIB],
)
DUPLICATES = Counter("sluice_ingest_duplicates_total", "Requests that repeated one already accepted")
PUBLICATIONS = Counter("sluice_ingest_publications_total", "Publications of reports", ["cause", "outcome"])
DUE = Gauge("sluice_ingest_due_reports", "Reports that wait for their receipt")
STUCK = Gauge("sluice_ingest_stuck_reports", "Reports that nobody confirmed; they wait to be replayed")
OLDEST_DUE_SECONDS = Gauge("sluice_ingest_oldest_due_seconds", "Age in seconds of the oldest report without a receipt")
BODIES_EXPIRED = Counter("sluice_ingest_bodies_expired_total", "Stored bodies deleted after their retention time")

_scanners: set[str] = set()


def count_report(scanner: str | None, evidence: EvidenceType | None, status: str) -> None:
    """Count a report, or a piece of evidence, that reached this status."""
    if evidence is not None:
        EVIDENCE.labels(evidence.value, status).inc()
    else:
        REPORTS.labels(scanner_label(scanner), status).inc()


def scanner_label(name: str | None) -> str:
    """Return a label value for a scanner's name; clients choose names, so only the first 200 get their own."""
    if not name:
        return UNKNOWN
    label = name.lower()
    if label not in _scanners:
        if len(_scanners) >= _MAX_SCANNERS:
            return OTHER
        _scanners.add(label)
    return label
