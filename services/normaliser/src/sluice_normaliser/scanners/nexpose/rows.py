"""The CSV of check results; whoever makes the report chooses its columns."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    const,
    first,
    fix,
    host,
    host_asset,
    rating,
    split,
    timestamp,
)
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners.nexpose.nodes import RESULT_CODES, status_of
from sluice_shared.contracts.finding import Kind, RatingMethod

_ADDRESS = "Asset IP Address | Asset Alternate IPv4 Addresses"
_NAME = call(lambda names: (words(names) or "").split(",")[0].strip() or None, "Asset Names | Asset Name")


def _status(code: Any) -> Said | None:
    """Return the status of a result code (``ve``, ``nv``); None where the report was made without it."""
    said = words(code)
    return None if said is None else status_of(RESULT_CODES.get(said.upper(), said))


def _port(value: Any) -> str | None:
    """Return the port; 0 and -1 stand for the machine as a whole."""
    said = words(value)
    return said if said and said.isdigit() and int(said) else None


ROWS = Map(
    kind=Kind.HOST,
    rule_id="Vulnerability ID | Vulnerability Title",
    rule_name="Vulnerability Title",
    title="Vulnerability Title | Vulnerability ID",
    description="Vulnerability Description",
    severity=[
        by("Vulnerability Severity Level", "cvss"),
        by("Vulnerability Severity Level"),
        by("Vulnerability CVSSv3 Score", "cvss"),
        by("Vulnerability CVSS Score", "cvss2"),
    ],
    status=call(_status, "Vulnerability Test Result Code"),
    identifiers=(split("Vulnerability CVE IDs"), "Vulnerability CVE URLs", "Vulnerability Reference IDs"),
    location=host(
        host=first(_NAME, _ADDRESS),
        ip=_ADDRESS,
        port=call(_port, "Service Port"),
        protocol="Service Protocol",
        service="Service Name",
        mac="Asset MAC Addresses",
        os="Asset OS Name",
    ),
    ratings=(
        rating(
            const("rapid7"),
            vector="Vulnerability CVSSv3 Vector",
            score="Vulnerability CVSSv3 Score",
            method=RatingMethod.CVSS_V3,
        ),
        rating(
            const("rapid7"),
            vector="Vulnerability CVSS Vector",
            score="Vulnerability CVSS Score",
            method=RatingMethod.CVSS_V2,
        ),
    ),
    fix=fix(recommendation="Vulnerability Solution"),
    references=("Vulnerability Reference URLs", "Vulnerability CVE URLs"),
    evidence={"output": "Vulnerability Proof"},
    asset=call(host_asset, _NAME, _ADDRESS),
    tags=split("Vulnerability Tags"),
    first_detected_at=timestamp("Vulnerable Since | Vulnerability Test Date"),
    last_detected_at=timestamp("Scan End Date | Scan Date"),
    published_at=timestamp("Vulnerability Published Date"),
)
