"""Alert Logic (Fortra): known vulnerabilities and exposures of machines."""

import re
from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    Map,
    ScannerSpec,
    call,
    const,
    construct,
    first,
    fix,
    host,
    host_asset,
    ident,
    lookup,
    rating,
    timestamp,
    urls_in,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import HostLocation, Kind

_SETUP = """
*Validate → Reports → Vulnerabilities → Vulnerability list* (or *Exposures → Export*), CSV:
```sh
sluice push alertlogic.csv --asset app:shop --scanner alertlogic
```
Every machine is an asset of its own, by its name.
"""
_PORT = re.compile(
    r"^(?P<protocol>[a-z]+)\s*/\s*(?P<port>\d+)$|^(?P<first>\d+)\s*/\s*(?P<second>[a-z]+)$", re.IGNORECASE
)
_DATES = ("%m/%d/%y %H:%M", "%m/%d/%Y %H:%M", "%m/%d/%y")


def _port(service: Any) -> str | None:
    """Return the port; 0 stands for no port in particular."""
    found = _PORT.match(words(service) or "")
    number = (found["port"] or found["first"]) if found else "0"
    return number if number.strip("0") else None


def _protocol(service: Any) -> str | None:
    found = _PORT.match(words(service) or "")
    return (found["protocol"] or found["second"]).lower() if found else None


def _first(addresses: Any) -> str | None:
    return next(iter(_listed(addresses)), None)


def _others(addresses: Any) -> list[HostLocation]:
    return [construct(HostLocation, {"host": each, "ip": each}) for each in _listed(addresses)[1:]]


def _listed(addresses: Any) -> list[str]:
    """Return the addresses of a machine, which stand in one cell."""
    return [part.strip() for part in (words(addresses) or "").split(",") if part.strip()]


SPEC = ScannerSpec(
    name="alertlogic",
    title="Alert Logic",
    kinds=(Kind.HOST,),
    aliases=("alert-logic", "alert_logic", "fortra-alert-logic"),
    homepage="https://docs.alertlogic.com",
    setup=_SETUP,
    formats=(
        Format(
            name="alertlogic-csv",
            container="csv",
            detect=CsvShape(
                columns=("Vulnerability", "Asset Name"),
                any_of=("Vulnerability Key", "Vulnerability ID", "Deployment Name", "CISA Known Exploited"),
            ),
            maps=(
                Map(
                    kind=Kind.HOST,
                    rule_id="Vulnerability ID",
                    rule_name="Vulnerability",
                    title="Vulnerability",
                    description="Description",
                    severity="Severity",
                    identifiers=("CVE", ident("Vulnerability ID", scheme="vendor", source=const("alertlogic"))),
                    location=host(
                        host=first("Asset Name", call(_first, "IP Address")),
                        ip=call(_first, "IP Address"),
                        port=call(_port, "Protocol/Port"),
                        protocol=call(_protocol, "Protocol/Port"),
                        service="Service",
                        os="Operating System",
                    ),
                    related_locations=call(_others, "IP Address"),
                    ratings=rating(const("alertlogic"), score="CVSS Score"),
                    fix=fix(recommendation="Resolution"),
                    references=call(urls_in, "Description", "Evidence", "Resolution"),
                    evidence={"output": "Evidence"},
                    exploit_maturity=when(
                        lookup("CISA Known Exploited", {"yes": True, "true": True}), const("known_exploited")
                    ),
                    fingerprints={"alertlogic_vulnerability": "Vulnerability Key"},
                    asset=call(host_asset, "Asset Name", call(_first, "IP Address")),
                    tags=("Deployment Name", "VPC/Network", "Category", "Asset Type"),
                    first_detected_at=timestamp("First Seen", *_DATES),
                    last_detected_at=timestamp("Last Scanned", *_DATES),
                    published_at=timestamp("Published Date", *_DATES),
                    ignore=("Age (days)",),
                ),
            ),
        ),
    ),
)
