"""kube-bench: checks the nodes of a Kubernetes cluster against the CIS benchmark."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    Said,
    ScanMap,
    ScannerSpec,
    by,
    call,
    compliance,
    const,
    fix,
    ident,
    resource,
    sections,
    template,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
kube-bench run --json --outputfile kube-bench.json
sluice push kube-bench.json --asset host:node-1.acme.io
```
In the cluster it runs as a job: `kubectl logs job/kube-bench > kube-bench.json` with `--json` among its arguments.
"""


def _status(state: Any, type_: Any, reason: Any, title: Any) -> Said:
    """Return the status; a warning is a check for people to do, or one that failed but is not scored."""
    word = str(state or "").strip().upper()
    if word == "PASS":
        return Said(ObservationStatus.PASSED, word)
    if word == "INFO":
        return Said(ObservationStatus.INFORMATIONAL, word)
    told = f"{type_ or ''} {reason or ''} {str(title or '')[-10:]}".lower()
    if word == "WARN" and "manual" in told:
        return Said(ObservationStatus.MANUAL, word)
    return Said(ObservationStatus.OPEN, word or None)


def _checks(path: str) -> Map:
    """Return the map of the results at ``path``; above each stand its section and its benchmark."""
    return Map(
        each=path,
        kind=Kind.COMPLIANCE,
        rule_id="test_number",
        title="test_desc",
        description="test_desc",
        message="reason",
        severity=by("status", "verdict"),
        status=call(_status, "status", "type", "reason", "test_desc"),
        identifiers=(ident("test_number", scheme="cis"),),
        location=resource(
            resource="^^.node_type | ^^.text",
            name="^^.text",
            resource_type="^^.node_type",
            provider=const("kubernetes"),
        ),
        fix=fix(recommendation="remediation"),
        compliance=compliance(
            standard=template("CIS Kubernetes {^^.version}"), control="test_number", title="^.desc", status="status"
        ),
        evidence={
            "command": "audit",
            "output": sections(Expected="expected_result", Actual="actual_value", Config="AuditConfig"),
        },
        tags=("^.section",),
        ignore=("test_info", "AuditConfig", "IsMultiple"),
    )


SPEC = ScannerSpec(
    name="kubebench",
    title="kube-bench",
    kinds=(Kind.COMPLIANCE,),
    aliases=("kube-bench", "aqua-kube-bench"),
    homepage="https://github.com/aquasecurity/kube-bench",
    setup=_SETUP,
    counts_passed=True,
    formats=(
        Format(
            name="kubebench-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].Controls",),
                any_of=("[].Totals.total_pass", "[].Controls[].node_type", "[].Controls[].tests[].results"),
                weight=1,
            ),
            scan=ScanMap(category="[0].Controls[0].version"),
            maps=(_checks("[].Controls[].tests[].results[]"),),
        ),
        Format(
            name="kubebench-json-list",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[][].tests",),
                any_of=("[][].node_type", "[][].total_fail", "[][].tests[].results[].test_number"),
                weight=1,
            ),
            scan=ScanMap(category="[0].version"),
            maps=(_checks("[][].tests[].results[]"),),
        ),
        Format(
            name="kubebench-json-one",
            container="json",
            detect=JsonShape(
                root="object",
                has=("tests[].results",),
                any_of=("node_type", "total_fail", "tests[].results[].test_number"),
                lacks=("Controls",),
                weight=1,
            ),
            scan=ScanMap(category="version"),
            maps=(_checks("tests[].results[]"),),
        ),
    ),
)
