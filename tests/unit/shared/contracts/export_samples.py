"""Every observation of every scanner's golden files, and a finding made of one."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.exported import Exported, of_observation
from sluice_shared.contracts.finding import CodeLocation, Fix, Identifier, Kind, Observation, Rating, Severity

GOLDEN = Path(__file__).parents[4] / "services/normaliser/src/sluice_normaliser/scanners"
AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
ID = "0192d5a0-0000-7000-8000-000000000001"


@cache
def golden() -> tuple[Exported, ...]:
    found = []
    for path in sorted(GOLDEN.glob("*/golden/*.json")):
        for scan in json.loads(path.read_text("utf-8")).get("scans", []):
            for each in scan["observations"]:
                whole = {"scanner": scan["scanner"], **each}
                for place in [whole.get("location"), *whole.get("related_locations", [])]:
                    if place and place["type"] == "code":
                        place.setdefault("path", "")  # golden files leave out what is empty
                found.append(of_observation(Observation.model_validate(whole), "repo:acme/shop"))
    return tuple(found)


def observation(**given) -> Observation:
    values = {
        "scanner": "semgrep",
        "kind": Kind.SAST,
        "rule_id": "sql",
        "title": "SQL built from text",
        "severity": Severity.HIGH,
        "location": CodeLocation(path="src/a b.py", start_line=3),
        "cwes": [89],
        "identifiers": [Identifier(type="cwe", value="CWE-89")],
        "fix": Fix(recommendation="Bind it"),
    }
    return Observation(**{**values, **given})


def finding(*observations: Observation, **given) -> Exported:
    seen = list(observations) or [observation()]
    values = {
        "observations": seen,
        "severity": seen[0].severity,
        "asset": "repo:acme/shop",
        "finding_id": ID,
        "status": FindingStatus.OPEN,
        "keys": {"content/1": "ab" * 16},
        "first_seen_at": AT,
        "opened_at": AT,
    }
    return Exported(**{**values, **given})


def cve(score: float, **given) -> Observation:
    return observation(
        kind=Kind.SCA,
        rule_id="CVE-2024-1",
        identifiers=[Identifier(type="cve", value="CVE-2024-1"), Identifier(type="ghsa", value="GHSA-A")],
        ratings=[Rating(source="nvd", method="cvss_v31", vector="CVSS:3.1/AV:N", score=score)],
        **given,
    )
