"""OWASP Nettacker: scans, brute-force and vulnerability checks of hosts."""

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
    host,
    secret,
    template,
    when,
)
from sluice_normaliser.scanners.nettacker.events import asset, category_status, password, service, severity, status
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
nettacker -i 10.0.0.0/24 -m all -o nettacker.json     # or .csv
sluice push nettacker.json --asset host:10.0.0.8
```
What the `…_scan` modules see is informational; what the others find is open, of unknown severity, as no report of
Nettacker says how bad it is. Every target is an asset of its own.
"""


def _event(**more: Any) -> Map:
    """Return the map of an event; a row of the CSV has the fields of the JSON."""
    return Map(
        kind=Kind.HOST,
        rule_id="module_name",
        title=when("port", template("{module_name} on {target}:{port}"), template("{module_name} on {target}")),
        message="event",
        severity=call(severity, "module_name"),
        status=call(status, "module_name"),
        identifiers="module_name",
        location=host(host="target", port="port", service=call(service, "json_event")),
        evidence={"output": "json_event"},
        secret=when(call(password, "json_event"), secret(value=call(password, "json_event"))),
        asset=call(asset, "target"),
        last_detected_at="date",
        ignore=("scan_id", "scan_unique_id"),
        **more,
    )


SPEC = ScannerSpec(
    name="nettacker",
    title="OWASP Nettacker",
    kinds=(Kind.HOST,),
    aliases=("owasp-nettacker",),
    homepage="https://nettacker.readthedocs.io",
    setup=_SETUP,
    trivial={"[]": CLEAN, "": CLEAN},
    formats=(
        Format(
            name="nettacker-json",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].module_name",),
                any_of=("[].target", "[].json_event", "[].event", "[].scan_id", "[].scan_unique_id"),
                weight=2,
            ),
            scan=ScanMap(scanned_at="[-1].date"),
            maps=(_event(each="[]"),),
        ),
        Format(
            name="nettacker-csv",
            container="csv",
            detect=CsvShape(columns=("target", "module_name"), any_of=("event", "json_event", "scan_id"), weight=2),
            scan=ScanMap(scanned_at="date"),
            maps=(_event(),),
        ),
        Format(
            name="nettacker-json-old",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].HOST", "[].TYPE"),
                any_of=("[].SCAN_ID", "[].SCAN_CMD", "[].CATEGORY", "[].DESCRIPTION"),
                weight=1,
            ),
            scan=ScanMap(scanned_at="[-1].TIME"),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.HOST,
                    rule_id="TYPE",
                    title=first("DESCRIPTION", "TYPE"),
                    message="DESCRIPTION",
                    severity=call(severity, "TYPE"),
                    status=call(category_status, "CATEGORY", "TYPE"),
                    identifiers="TYPE",
                    location=host(host="HOST", port="PORT"),
                    secret=when("PASSWORD", secret(value="PASSWORD")),
                    asset=call(asset, "HOST"),
                    tags="CATEGORY",
                    last_detected_at="TIME",
                    ignore=("SCAN_ID", "SCAN_CMD"),
                ),
            ),
        ),
    ),
)
