"""Prowler 2 for AWS."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    compliance,
    const,
    first,
    fix,
    matching,
    resource,
    template,
)
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners._prowler import asset, verdict
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
./prowler -M json,csv          # Prowler 2; version 3 and later write other formats, which are recognised, too
sluice push output/prowler-output-*.json --asset cloud:aws/123456789012
```
Passed checks and remarks are kept as such; what the allow list accepts (`WARNING`) counts as suppressed.
"""
_RESULT = "CHECK_RESULT | RESULT"
_STANDARD = r"/Industry and Regulatory Standards/(.+)$"


def _asset(account: Any) -> str | None:
    return asset("aws", account)


def _short(title: Any) -> str | None:
    """Return ``Avoid the use of the root account`` of ``[check11] Avoid the use of the root account (Scored)``."""
    said = words(title) or ""
    return said.partition("] ")[2].removesuffix(" (Scored)").removesuffix(" (Not Scored)") or said or None


_ROWS = Map(
    kind=Kind.CSPM,
    rule_id=first(matching("TITLE_TEXT", r"^\[(\w+)\]"), "TITLE_ID"),
    title=call(_short, "TITLE_TEXT"),
    description="CHECK_RISK",
    message="CHECK_RESULT_EXTENDED | NOTES",
    severity="CHECK_SEVERITY | SEVERITY",
    status=call(verdict, _RESULT),
    location=resource(
        resource=first("CHECK_RESOURCE_ID", template("AWS::::Account:{ACCOUNT_NUM}")),
        resource_type="CHECK_ASFF_RESOURCE_TYPE",
        provider=const("aws"),
        account="ACCOUNT_NUM",
        region="REGION",
    ),
    fix=fix(recommendation="CHECK_REMEDIATION"),
    references="CHECK_DOC",
    compliance=(
        compliance(standard=matching("CHECK_ASFF_TYPE", _STANDARD), control="TITLE_ID", status=_RESULT),
        compliance(standard=matching("CHECK_ASFF_COMPLIANCE_TYPE", r"^([a-z]\S+)$"), status=_RESULT),
    ),
    asset=call(_asset, "ACCOUNT_NUM"),
    tags=("CHECK_SERVICENAME", "CHECK_CAF_EPIC", "CHECK_ASFF_TYPE"),
    last_detected_at="PROWLER_START_TIME",
)

_RECORDS = Map(
    each="[]",
    kind=Kind.CSPM,
    rule_id=first(matching("Control", r"^\[(\w+)\]"), "Control ID"),
    title=call(_short, "Control"),
    description="Risk",
    message="Message",
    severity="Severity",
    status=call(verdict, "Status"),
    location=resource(
        resource=first("Resource ID", template("AWS::::Account:{Account Number}")),
        provider=const("aws"),
        account="Account Number",
        region="Region",
    ),
    fix=fix(recommendation="Remediation"),
    references="Doc link",
    compliance=compliance(standard="Compliance", control="Control ID", status="Status"),
    asset=call(_asset, "Account Number"),
    tags=("Service", "CAF Epic"),
    last_detected_at="Timestamp",
)

SPEC = ScannerSpec(
    name="aws_prowler",
    title="Prowler 2",
    kinds=(Kind.CSPM,),
    homepage="https://github.com/prowler-cloud/prowler/tree/2.12.1",
    setup=_SETUP,
    aliases=("prowler_2",),
    trivial={"[]": CLEAN, "": CLEAN},
    formats=(
        Format(
            name="prowler-csv-2",
            container="csv",
            detect=CsvShape(columns=("TITLE_TEXT",), any_of=("CHECK_RESULT", "TITLE_ID", "ACCOUNT_NUM")),
            maps=(_ROWS,),
        ),
        Format(
            name="prowler-json-2",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].Control", "[].Status"), any_of=("[].Control ID", "[].Account Number")),
            maps=(_RECORDS,),
        ),
    ),
)
