"""IntSights (Rapid7 Threat Command): alerts about what is seen of an organisation outside of it."""

from dataclasses import replace
from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    JsonShape,
    Map,
    Said,
    ScannerSpec,
    call,
    const,
    construct,
    split,
    suppression,
    timestamp,
    when,
)
from sluice_normaliser.kit.coerce import boolean
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import HostLocation, Kind, Location, ObservationStatus, ResourceLocation

_SETUP = """
*Alerts › Export* as CSV, or the alerts of the API, as a list or in one object: `{"Alerts": [ … ]}`.
```sh
sluice push intsights.csv --asset service:acme
```
"""
_DATE = "%m/%d/%y %H:%M"
_HOSTS = frozenset({"domains", "ips", "ip", "domain"})
_NO_PROBLEM = frozenset(
    {"falsepositive", "notrelatedtomycompany", "companyowneddomain", "legitimateapplication/profile"}
    | {"informationalonly", "legitimateapplicationprofile"}
)


def _settled(reason: Any) -> bool:
    return (words(reason) or "").replace(" ", "").lower() in _NO_PROBLEM


def _closed(is_closed: Any, reason: Any) -> Said:
    """Return the status of an alert: it is closed because it is solved, or because it was no problem."""
    if boolean(is_closed) is not True:
        return Said(ObservationStatus.OPEN, "Open")
    said = words(reason)
    meant = ObservationStatus.SUPPRESSED if _settled(reason) else ObservationStatus.FIXED
    return Said(meant, f"Closed: {said}" if said else "Closed")


def _row_status(said: Any, reason: Any) -> Said:
    return _closed((words(said) or "").lower() == "closed", reason)


def _place(kind: str | None, value: str) -> Location:
    if (kind or "").lower() in _HOSTS or (kind is None and "." in value and " " not in value):
        return construct(HostLocation, {"host": value})
    return construct(ResourceLocation, {"resource": value, "resource_type": kind})


def _assets(found: Any) -> list[Location]:
    """Return the places that an alert is about: ``{Type, Value}`` in JSON, their values in a cell."""
    places: list[Location] = []
    for each in items_of(found):
        kind, value = (obj(each).get("Type"), obj(each).get("Value")) if isinstance(each, dict) else (None, each)
        if name := words(value):
            places.append(_place(words(kind), name))
    return places


def _first(found: Any) -> Location | None:
    return next(iter(_assets(found)), None)


def _others(found: Any) -> list[Location]:
    return _assets(found)[1:]


_ALERT = Map(
    each="Alerts[]",
    kind=Kind.OTHER,
    rule_id="Details.SubType | Details.Type",
    title="Details.Title",
    description="Details.Description",
    severity="Details.Severity",
    status=call(_closed, "Closed.IsClosed", "Closed.CloseReason"),
    location=call(_first, "Assets"),
    related_locations=call(_others, "Assets"),
    references="Details.Source.URL",
    suppressions=when(
        call(_settled, "Closed.CloseReason"),
        when(
            "Closed.CloseReason",
            suppression(kind=const("external"), justification="Closed.CloseReason"),
        ),
    ),
    fingerprints={"intsights": "_id"},
    tags=("Details.Type", "Details.Source.NetworkType", "Details.Tags[].Name"),
    first_detected_at="FoundDate",
    last_detected_at="UpdateDate",
    published_at="Details.Source.Date",
)

SPEC = ScannerSpec(
    name="intsights",
    title="IntSights",
    kinds=(Kind.OTHER,),
    aliases=("threat_command", "rapid7_threat_command"),
    homepage="https://docs.rapid7.com/threat-command",
    setup=_SETUP,
    trivial={"{}": CLEAN, "[]": CLEAN},
    formats=(
        Format(
            name="intsights-json",
            container="json",
            detect=JsonShape(root="object", has=("Alerts",)),
            maps=(_ALERT,),
        ),
        Format(
            name="intsights-json-list",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].Details.Title",), any_of=("[].Assets", "[].FoundDate", "[].Closed")),
            maps=(replace(_ALERT, each="[]"),),
        ),
        Format(
            name="intsights-csv",
            container="csv",
            detect=CsvShape(
                columns=("Alert ID", "Title"), any_of=("Network Type", "Closed Reason", "Source Date (UTC)", "Assets")
            ),
            maps=(
                Map(
                    kind=Kind.OTHER,
                    rule_id="Type",
                    title="Title",
                    description="Description",
                    severity="Severity",
                    status=call(_row_status, "Status", "Closed Reason"),
                    location=call(_first, split("Assets")),
                    related_locations=call(_others, split("Assets")),
                    references=("Source URL", "Alert Link"),
                    suppressions=when(
                        call(_settled, "Closed Reason"),
                        suppression(kind=const("external"), justification="Closed Reason"),
                    ),
                    fingerprints={"intsights": "Alert ID"},
                    tags=("Network Type", split("Tags")),
                    first_detected_at=timestamp("Report Date (UTC)", _DATE),
                    published_at=timestamp("Source Date (UTC)", _DATE),
                ),
            ),
        ),
    ),
)
