"""The worked example of docs/risk.md is what the code computes: `python tests/unit/risk_index/test_worked_example.py`
prints the table."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import orjson

from sluice_risk_index.domain.absorb import absorb, read
from sluice_risk_index.domain.assess import Rules
from sluice_risk_index.domain.catalogue import Asset, Catalogue, Team
from sluice_risk_index.domain.feeds import parse_epss, parse_kev
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.intelligence import CveIntelligence, Intelligence
from sluice_risk_index.domain.observed import ObservedFinding
from sluice_risk_index.domain.policy import Policy
from sluice_shared.contracts.finding import Severity

PAGE = Path(__file__).parents[3] / "docs" / "risk.md"
FEEDS = Path(__file__).parent / "feeds"
SHOP = "repo:github.com/acme/shop"
SEEN = datetime(2026, 11, 21, 8, tzinfo=UTC)
CVES = (
    ("CVE-2021-44228", "Log4Shell", "critical", "AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"),
    ("CVE-2022-22965", "Spring4Shell", "critical", "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
    ("CVE-2014-0160", "Heartbleed", "high", "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"),
    ("CVE-2016-2183", "SWEET32", "high", "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"),
    ("CVE-2019-11358", "jQuery prototype pollution", "medium", "AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"),
)
SHOWN = ("severity", "exploit", "epss", "exposure", "criticality", "confidence", "fix")


def intelligence():
    epss, kev = parse_epss((FEEDS / "epss.csv").read_bytes()), parse_kev((FEEDS / "kev.json").read_bytes())
    known = {}
    for cve in epss.scores.keys() | kev.entries.keys():
        entry = kev.entries.get(cve)
        given = {"kev_added": entry.added, "kev_due": entry.due, "ransomware": entry.ransomware} if entry else {}
        known[cve] = CveIntelligence(*epss.scores.get(cve, (None, None)), **given)
    return Intelligence(known, epss.edition, kev.edition)


def assess(cve, name, severity, vector):
    asset = Asset(key=SHOP, owner="checkout", exposure="internet", criticality="high")
    rules = InForce(Rules(Policy(), Catalogue([Team(name="checkout")], [asset]), "built-in"), "http://localhost")
    observation = {
        "scanner": "trivy", "kind": "sca", "rule_id": cve, "title": name, "severity": severity,
        "identifiers": [{"type": "cve", "value": cve}], "location": {"type": "package", "name": name},
        "ratings": [{"source": "nvd", "method": "cvss_v31", "vector": f"CVSS:3.1/{vector}"}],
        "fix": {"available": True},
    }  # fmt: skip
    state = ObservedFinding(
        finding_id=UUID(int=1), version=1, change="opened", status="open", severity=Severity(severity),
        first_seen_at=SEEN, opened_at=SEEN, observations=[observation],
    )  # fmt: skip
    return absorb(read(state), None, UUID(int=2), rules.assessor(SHOP), SEEN, intelligence())


def tables():
    lines = [
        f"| CVE | {' | '.join(SHOWN)} | **score** | class | because | due |",
        f"|---|{'---|' * len(SHOWN)}---|---|---|---|",
    ]
    sources = []
    for cve, name, severity, vector in CVES:
        finding = assess(cve, name, severity, vector)
        factors = {factor[0]: factor for factor in orjson.loads(finding.score_factors)}
        shares = " | ".join(f"{factors[shown][4]:g}" for shown in SHOWN)
        because = finding.class_reason.partition(": ")[2]
        due = f"{finding.due_at:%Y-%m-%d %H:%M}" if finding.due_at else "none"
        lines.append(
            f"| {cve} ({name}) | {shares} | **{finding.score:g}** | `{finding.risk_class}` | {because} | {due} |"
        )
        sources += [f"- {cve}: {factors['exploit'][2]}; {factors['epss'][2]}; CVSS {factors['severity'][1] * 10:.1f}"]
    return "\n".join([*lines, "", *sources])


def test_the_page_has_what_the_code_computes():
    assert tables() in PAGE.read_text()


def test_what_is_exploited_comes_first_and_is_due_first():
    scores = [assess(*cve) for cve in CVES]
    assert [finding.risk_class.value for finding in scores] == ["act", "act", "act", "attend", "track"]
    assert scores == sorted(scores, key=lambda finding: -finding.score)


if __name__ == "__main__":
    sys.stdout.write(tables() + "\n")
