"""Cloudflare Security Insights: weak settings of an account's zones."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    first,
    fix,
    host,
    matching,
    peek,
    sections,
    status,
    template,
    url,
)
from sluice_normaliser.kit.coerce import boolean
from sluice_normaliser.kit.shapes import arr, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
*Security Center → Security Insights → Export CSV*, or
`GET /accounts/$ID/intel/attack-surface-report/issues` (the answer, or its `result.issues`):
```sh
sluice push insights.csv --asset cloud:cloudflare/ACCOUNT
```
"""
_SUBJECT = first(
    url(url=matching("subject", r"^(\w+://\S+)$")),
    host(host=matching("subject", r"^([^\s/:]+)(?=[:/]|$)"), port=matching("subject", r"^[^\s/:]+:(\d+)(?:/|$)")),
    host(host="subject"),
)
"""A subject is a name, with a port or a path at times, or a whole address."""

_STATES = {
    "resolved": ObservationStatus.FIXED,
    "archived": ObservationStatus.SUPPRESSED,
    "dismissed": ObservationStatus.SUPPRESSED,
}


def _whole(issues: Any, total: Any) -> bool:
    """Return False for a page, which has fewer issues than there are."""
    return not (isinstance(total, int) and len(arr(issues)) < total)


def _refused(success: Any, errors: Any) -> str | None:
    """Return why the API did not answer."""
    told = "; ".join(filter(None, (words(each.get("message")) for each in objs(errors))))
    return (told or "the API did not succeed") if boolean(success) is False else None


def _issues(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.CSPM,
        rule_id="issue_class",
        title=template("{issue_class}: {subject}"),
        severity="severity",
        status=status("dismissed", {"true": ObservationStatus.SUPPRESSED}),
        location=_SUBJECT,
        fix=fix(recommendation="resolve_text"),
        references="resolve_link",
        fingerprints={"cloudflare": "id"},
        tags="issue_type",
        first_detected_at="since",
        last_detected_at="timestamp",
    )


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
            detect=CsvShape(columns=("issue_class", "subject"), any_of=("issue_type", "scan_performed_on", "severity")),
            maps=(
                Map(
                    kind=Kind.CSPM,
                    rule_id="issue_class",
                    title=template("{issue_class}: {subject}"),
                    description=sections("insight", Risk="risk", Detection="detection_method"),
                    severity="severity",
                    status=status("status", _STATES),
                    location=_SUBJECT,
                    fix=fix(recommendation="recommended_action"),
                    tags="issue_type",
                    last_detected_at="scan_performed_on",
                ),
            ),
        ),
        Format(
            name="cloudflare-insights-json",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", any_of=("[].issue_class", "[].resolve_text", "[].resolve_link")),
            maps=(_issues("[]"),),
        ),
        Format(
            name="cloudflare-insights-answer",
            container="json",
            detect=JsonShape(root="object", has=("result.issues",), any_of=("success", "result.issues[].issue_class")),
            scan=ScanMap(
                refuse=call(_refused, "success", "errors"),
                complete=call(_whole, peek("result.issues"), "result.count"),
            ),
            maps=(_issues("result.issues[]"),),
        ),
        Format(
            name="cloudflare-insights-result",
            container="json",
            detect=JsonShape(root="object", has=("issues[].issue_class",)),
            scan=ScanMap(complete=call(_whole, peek("issues"), "count")),
            maps=(_issues("issues[]"),),
        ),
    ),
)
