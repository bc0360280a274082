"""A made-up portfolio of any size, loaded straight into the risk index's tables through its own storage code."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sluice_risk_index.application.records import asset_record
from sluice_risk_index.domain.absorb import absorb, read
from sluice_risk_index.domain.assess import Rules
from sluice_risk_index.domain.catalogue import Asset, Catalogue, Team
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.observed import ObservedFinding
from sluice_risk_index.domain.policy import Criticality, Exposure, Policy
from sluice_risk_index.domain.triage import Decision
from sluice_risk_index.storage import assets, findings
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.contracts.assets import asset_id
from sluice_shared.contracts.events import ChangeType, FindingStatus, ScanSummary
from sluice_shared.contracts.finding import Kind, Severity
from sluice_shared.db import Database

NOW = datetime.now(UTC).replace(microsecond=0)
ASSETS, TEAMS, PROGRAMMES = 2_000, 60, 8
LARGEST_SHARE = 0.05
"""The part of all findings that one asset has."""
BATCH = 2_000
KINDS = ("sca", "sast", "container", "iac", "secret", "dast")
KIND_WEIGHTS = (40, 30, 15, 8, 2, 5)
SCANNERS = {
    "sca": ("trivy", "snyk"),
    "sast": ("semgrep", "codeql"),
    "container": ("trivy", "grype"),
    "iac": ("checkov",),
    "secret": ("gitleaks",),
    "dast": ("zap",),
}
SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO)
SEVERITY_WEIGHTS = (4, 18, 42, 30, 6)
# "injection" is in every fourth title, "request" in half of them: the words that make a search expensive.
FLAWS = ("SQL injection", "Command injection", "Path traversal", "Cross-site scripting", "Open redirect", "Weak cipher")
PLACES = ("in request handler", "in login form", "in request parser", "in query builder", "in session store")
WORDS = [f"{a}{b}" for a in ("alpha", "beta", "cargo", "delta", "ember", "forge", "gamma") for b in range(400)]


def shop(number: int) -> str:
    """Return the key of an asset."""
    return f"repo:github.com/bench/service-{number}"


def rules() -> InForce:
    """Return the built-in policy with a catalogue of the teams and assets."""
    chance = random.Random(1)
    onboarded = (NOW - timedelta(days=20)).date()
    teams = [
        Team(
            name=f"team-{n}",
            tier=("onboarding", "standard", "advanced")[n % 3],
            onboarded=onboarded,
            programme=f"programme-{n % PROGRAMMES}",
        )
        for n in range(TEAMS)
    ]
    known = [
        Asset(
            key=shop(n),
            owner=f"team-{n % TEAMS}" if n % 20 else None,
            criticality=chance.choice(list(Criticality)),
            exposure=chance.choice(list(Exposure)),
        )
        for n in range(ASSETS)
    ]
    return InForce(Rules(Policy(), Catalogue(teams, known), "bench"), "http://localhost:8082")


def observation(chance: random.Random, number: int) -> dict[str, Any]:
    """Return an observation as the normaliser publishes it."""
    kind = chance.choices(KINDS, KIND_WEIGHTS)[0]
    severity = chance.choices(SEVERITIES, SEVERITY_WEIGHTS)[0]
    name = chance.choice(WORDS)
    path = f"src/{name}/{chance.choice(WORDS)}.py"
    seen: dict[str, Any] = {
        "scanner": chance.choice(SCANNERS[kind]),
        "kind": kind,
        "rule_id": f"{kind}/rule-{number % 700}",
        "title": f"{chance.choice(FLAWS)} {chance.choice(PLACES)} of {name}",
        "severity": severity.value,
        "message": "What was found, why it matters and where to look. " * 8,
        "identifiers": [{"type": "cwe", "value": f"CWE-{20 + number % 80}"}],
        "location": {"type": "code", "path": path, "start_line": 1 + number % 900},
    }
    if kind in ("sca", "container"):
        seen["identifiers"].append({"type": "cve", "value": f"CVE-20{10 + number % 16}-{10_000 + number % 4_000}"})
        version = f"{number % 9}.{number % 20}.0"
        seen["location"] = {"type": "package", "name": name, "version": version, "fixed_versions": ["99.0.0"]}
        seen["published_at"] = (NOW - timedelta(days=chance.randint(1, 700))).isoformat()
    return seen


def state(chance: random.Random, number: int) -> ObservedFinding:
    """Return a finding's state: five of six are open, the others ended in the last 90 days."""
    age = timedelta(days=chance.expovariate(1 / 60) + 0.01)
    over = number % 6 == 5
    seen = observation(chance, number)
    ended = NOW - timedelta(days=chance.uniform(0, 90)) if over else None
    first = (ended or NOW) - age
    refs = chance.choice((["main"], ["main"], ["main", "feature"], ["feature"] if number % 50 == 0 else ["main"]))
    return ObservedFinding(
        finding_id=UUID(int=chance.getrandbits(128)),
        version=1,
        change=ChangeType.RESOLVED if over else ChangeType.OPENED,
        status=FindingStatus.RESOLVED if over else FindingStatus.OPEN,
        severity=Severity(seen["severity"]),
        first_seen_at=first,
        opened_at=first,
        resolved_at=ended,
        reopen_count=1 if number % 40 == 0 else 0,
        refs=[] if over else refs,
        keys={"content/1": f"{number:032x}"},
        observations=[seen],
    )


def asset_of(chance: random.Random) -> int:
    """Return the number of an asset; the first has a large part, the others have less the higher their number."""
    if chance.random() < LARGEST_SHARE:
        return 0
    return min(ASSETS - 1, int(ASSETS * chance.random() ** 1.5))


def batches(total: int, in_force: InForce) -> Iterator[list[tuple[Finding, ObservedFinding]]]:
    """Yield findings that the risk index has decided about, asset by asset, as scans bring them."""
    chance = random.Random(2)
    counts = [0] * ASSETS
    for _ in range(total + total // 5):
        counts[asset_of(chance)] += 1
    batch: list[tuple[Finding, ObservedFinding]] = []
    number = 0
    for asset, size in enumerate(counts):
        assessor, key = in_force.assessor(shop(asset)), asset_id(shop(asset))
        for _ in range(size):
            seen = state(chance, number)
            finding = absorb(read(seen), None, key, assessor, NOW)
            if number % 33 == 0 and finding.status is FindingStatus.OPEN:
                finding = replace(finding, decision=Decision.FALSE_POSITIVE, decided=Decision.FALSE_POSITIVE)
            batch.append((finding, seen))
            number += 1
            if len(batch) == BATCH:
                yield batch
                batch = []
    yield batch


async def load(database: Database, total: int, in_force: InForce) -> None:
    """Load so many open findings, and a fifth as many that ended."""
    facets = FacetBook()
    async with database.transaction() as tx:
        for number in range(ASSETS):
            await assets.hold_asset(tx, asset_record(in_force.rules, asset_id(shop(number)), shop(number)), NOW)
            scans = [
                ScanSummary(scanner=names[0], ref=ref, scanned_at=NOW, kinds=[Kind(kind)])
                for kind, names in SCANNERS.items()
                for ref in ("main", "feature")
            ]
            await assets.record_coverage(tx, asset_id(shop(number)), scans)
    for batch in batches(total, in_force):
        async with database.transaction() as tx:
            made = [finding for finding, _ in batch]
            await facets.number(tx, made)
            await findings.insert_findings(tx, made)
            await findings.insert_details(tx, [detail(seen, finding.asset_id) for finding, seen in batch])


def detail(seen: ObservedFinding, asset: UUID) -> tuple[UUID, UUID, str, str]:
    """Return the row of what only one finding's page shows."""
    text = seen.model_dump_json(include={"keys", "observations"})
    keys, _, observations = text.partition(',"observations":')
    return asset, seen.finding_id, keys.removeprefix('{"keys":'), observations.removesuffix("}")
