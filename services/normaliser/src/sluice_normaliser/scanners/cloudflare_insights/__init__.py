"""Cloudflare Security Insights: weak settings of an account's zones."""

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    fix,
    host,
    sections,
    status,
    template,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
*Security Center → Security Insights → Export CSV*, or
`GET /accounts/$ID/intel/attack-surface-report/issues` (its `result.issues`):
```sh
sluice push insights.csv --asset cloud:cloudflare/ACCOUNT
```
"""
_STATES = {
    "resolved": ObservationStatus.FIXED,
    "archived": ObservationStatus.SUPPRESSED,
    "dismissed": ObservationStatus.SUPPRESSED,
}


SPEC = ScannerSpec(
    name="cloudflare_insights",
    title="Cloudflare Security Insights",
    kinds=(Kind.CSPM,),
    homepage="https://developers.cloudflare.com/security-center/security-insights/",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="cloudflare-insights-csv",
            container="csv",
            detect=CsvShape(columns=("severity", "issue_class", "subject", "issue_type", "scan_performed_on")),
            maps=(
                Map(
                    kind=Kind.CSPM,
                    rule_id="issue_class",
                    title=template("{issue_class}: {subject}"),
                    description=sections("insight", Risk="risk", Detection="detection_method"),
                    severity="severity",
                    status=status("status", _STATES),
                    location=host(host="subject"),
                    fix=fix(recommendation="recommended_action"),
                    tags="issue_type",
                    last_detected_at="scan_performed_on",
                ),
            ),
        ),
        Format(
            name="cloudflare-insights-json",
            container="json",
            detect=JsonShape(root="array", has=("[].issue_class", "[].issue_type", "[].subject", "[].severity")),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.CSPM,
                    rule_id="issue_class",
                    title=template("{issue_class}: {subject}"),
                    severity="severity",
                    status=status("dismissed", {"true": ObservationStatus.SUPPRESSED}),
                    location=host(host="subject"),
                    fix=fix(recommendation="resolve_text"),
                    references="resolve_link",
                    fingerprints={"cloudflare": "id"},
                    tags="issue_type",
                    first_detected_at="since",
                    last_detected_at="timestamp",
                ),
            ),
        ),
    ),
)
