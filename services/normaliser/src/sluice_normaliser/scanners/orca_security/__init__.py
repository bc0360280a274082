"""Orca Security: alerts on cloud accounts and what runs in them."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    call,
    const,
    fix,
    rating,
    resource,
    status,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
In *Alerts*, choose *Export › JSON* or *CSV*; or have an automation send alerts to Sluice's webhook.
```sh
sluice push alerts.json --asset cloud:aws/123456789012
```
"""

_STATUSES = {
    "closed": ObservationStatus.FIXED,
    "resolved": ObservationStatus.FIXED,
    "dismissed": ObservationStatus.SUPPRESSED,
    "snoozed": ObservationStatus.SUPPRESSED,
}


def _labels(said: Any) -> list[str]:
    if isinstance(said, list):
        return [told for each in said if (told := words(each))]
    return [part.strip(" '\"") for part in (words(said) or "").strip("[]").split(",") if part.strip(" '\"")]


def _alerts(path: str, inventory: str, account: str) -> Map:
    return Map(
        each=path,
        kind=Kind.CSPM,
        rule_id="AlertType | RuleId",
        title="Title",
        description="Details | Description",
        severity=["RiskLevel | Severity", by("OrcaScore", "cvss")],
        status=status("Status", _STATUSES),
        identifiers=("CveIds | CVE", "Title"),
        location=resource(
            resource=f"Source | {inventory}",
            name=inventory,
            account=account,
            provider="CloudProvider",
            region="Region",
        ),
        ratings=rating(const("orca"), score="OrcaScore"),
        fix=fix(recommendation="Recommendation"),
        fingerprints={"orca_alert": "AlertId"},
        tags=("Category", call(_labels, "Labels")),
        first_detected_at="CreatedAt",
        last_detected_at="LastSeen",
    )


SPEC = ScannerSpec(
    name="orca_security",
    title="Orca Security",
    kinds=(Kind.CSPM,),
    aliases=("orca",),
    homepage="https://orca.security",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="orca-json",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].Title",),
                any_of=("[].OrcaScore", "[].CloudAccount.Name", "[].Inventory.Name"),
                weight=2,
            ),
            maps=(_alerts("[]", "Inventory.Name", "CloudAccount.Name"),),
        ),
        Format(
            name="orca-csv",
            container="csv",
            detect=CsvShape(columns=("Title",), any_of=("OrcaScore", "CloudAccount.Name", "Inventory.Name"), weight=2),
            maps=(_alerts(".", '"Inventory.Name" | Inventory', '"CloudAccount.Name" | CloudAccount'),),
        ),
    ),
)
