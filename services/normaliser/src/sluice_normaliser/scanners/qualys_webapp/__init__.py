"""Qualys WAS: finds vulnerabilities in running web applications."""

from typing import Any

from sluice_normaliser.kit import Format, ScanMap, ScannerSpec, XmlShape, call, timestamp
from sluice_normaliser.scanners.qualys_webapp.results import TIMES, read
from sluice_shared.contracts.finding import Kind

_SETUP = """
In Web Application Scanning, Reports: create a *Scan Report* or a *Web Application Report* in XML and download it;
through the API that is `POST /qps/rest/3.0/create/was/report`, then `GET …/download/was/report/<id>`.
```sh
sluice push was.xml --asset url:https://shop.acme.io
```
Sensitive content counts as vulnerability, gathered information as informational. Ignored and protected findings are
kept as suppressed, fixed ones as fixed.
"""
_UNFINISHED = frozenset(
    {"error", "canceled", "cancelled", "service errors detected", "no host alive", "time limit reached"}
)


def _failure(status: Any) -> str | None:
    said = [each for each in (status if isinstance(status, list) else [status]) if isinstance(each, str)]
    failed = [each for each in said if each.strip().lower() in _UNFINISHED]
    return f"the scan ended with {failed[0]!r}" if failed else None


SPEC = ScannerSpec(
    name="qualys_webapp",
    scanner="qualys_was",
    title="Qualys Web Application Scanning",
    kinds=(Kind.DAST,),
    aliases=("qualys_was",),
    homepage="https://www.qualys.com/apps/web-app-scanning/",
    setup=_SETUP,
    differences={"*": "the count takes in the elements of the summary, and leaves out the information gathered"},
    formats=(
        Format(
            name="qualys-was-xml",
            container="xml",
            detect=XmlShape(root="WAS_(SCAN|WEBAPP)_REPORT"),
            scan=ScanMap(
                scanned_at=timestamp("HEADER.GENERATION_DATETIME", *TIMES),
                failure=call(_failure, "APPENDIX.SCAN_LIST.SCAN[].STATUS"),
            ),
            parse=read,
        ),
    ),
)
