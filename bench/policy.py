"""A change of policy over many open findings: planned, applied while others read, and an SLA sweep.

Usage: python bench/policy.py [--size 1000000] [--data FOLDER]
With a folder the findings are kept for the next run of the same size. Only the risk index's own part, on an embedded
PostgreSQL.
"""

import argparse
import asyncio
import contextlib
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4, uuid5

from rich.console import Console
from rich.table import Table

from sluice_risk_index.application.list_findings import ListFindings
from sluice_risk_index.application.plan_policy import PlanPolicy
from sluice_risk_index.application.recalculate import Recalculate
from sluice_risk_index.application.records import asset_record
from sluice_risk_index.application.sweep_timers import SweepTimers
from sluice_risk_index.domain.assess import Rules
from sluice_risk_index.domain.catalogue import Asset, Catalogue, OwnerRule, Team
from sluice_risk_index.domain.criteria import Criteria, Sort, SortKey
from sluice_risk_index.domain.facts import Facts
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.judge import judge
from sluice_risk_index.domain.policy import ClassRow, Condition, Exploit, Policy, Requirement, RiskClass, SlaPolicy
from sluice_risk_index.main import MIGRATIONS
from sluice_risk_index.storage import findings, recalculations
from sluice_risk_index.storage.facets import FacetBook
from sluice_risk_index.storage.tables import SCHEMA
from sluice_shared.auth import Principal, Scope
from sluice_shared.contracts.assets import asset_id
from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.finding import Kind, Severity
from sluice_shared.db import Database
from sluice_shared.embedded import EmbeddedPostgres
from sluice_shared.runtime import calm_garbage_collection

ASSETS = 1_000
TEAMS = 25
CVES = 20_000
SCANS = 40
CHUNK = 20_000
DUE = 10_000
URL = "http://localhost"
SOMEBODY = Principal(uuid4(), "bench", frozenset({Scope.READ}), ())
NAMESPACE = UUID("7a8e7a44-0f5e-4f5b-8f36-5d0a3a0f2a11")
SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.HIGH, Severity.MEDIUM, Severity.MEDIUM, Severity.LOW)
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = $1 AND tablename = 'finding'"


def catalogue() -> Catalogue:
    """Make teams of all tiers, assets of all sorts, and rules that ask for paths and packages."""
    tiers, exposures = ("onboarding", "standard", "advanced"), ("internet", "internal", "partner", "unknown")
    return Catalogue(
        [Team(name=f"team-{number}", tier=tiers[number % 3]) for number in range(TEAMS)],
        [
            Asset(
                key=f"repo:github.com/bench/service-{number}",
                owner=f"team-{number % TEAMS}",
                exposure=exposures[number % 4],
                criticality=("low", "medium", "high", "critical")[number % 7 % 4],
                environment=("production", "staging")[number % 2],
            )
            for number in range(ASSETS)
        ],
        [OwnerRule(team="team-1", path="deploy/**"), OwnerRule(team="team-2", package="pkg:npm/left-*")],
    )


def policies() -> tuple[Policy, Policy]:
    """Return the policy in force and its successor: other classes, deadlines and business days."""
    present = Policy(version="present")
    rows = (ClassRow(risk_class="attend", when=Condition(exploit={Exploit.POC}), because="an exploit is public"),)
    requirements = tuple(
        Requirement(risk_class=RiskClass.ATTEND, within="15bd", from_tier="advanced")
        if r.risk_class is RiskClass.ATTEND and r.from_tier
        else r
        for r in present.sla.requirements
    )
    change = {"version": "next", "classes": rows + present.classes, "sla": SlaPolicy(requirements=requirements)}
    return present, present.model_copy(update=change)


def make_findings(rules: InForce, size: int, now: datetime) -> Iterator[Finding]:
    """Make open findings, seven of ten in packages; an asset's come in scans, at each of which some were first seen."""
    dice = random.Random(7)
    cves = [
        (f"CVE-{2015 + n % 11}-{1000 + n}", dice.choice(SEVERITIES), dice.randint(20, 100) / 10) for n in range(CVES)
    ]
    for number in range(ASSETS):
        key = f"repo:github.com/bench/service-{number}"
        assessor, identifier = rules.assessor(key), asset_id(key)
        scans = [now - timedelta(minutes=dice.randint(1, 500_000)) for _ in range(SCANS)]
        for position in range(size // ASSETS):
            seen = dice.choice(scans)
            in_package = position % 10 < 7
            cve, severity, cvss = dice.choice(cves)
            package = f"lib-{dice.randint(1, 400)}"
            facts = Facts(
                severity=severity,
                cvss=(("cvss_v31", "nvd", cvss),) if in_package else (),
                exploit=Exploit.POC if in_package and cvss > 9.5 else Exploit.UNKNOWN,
                fix_available=in_package and position % 3 > 0,
            )
            finding = Finding(
                asset_id=identifier, id=uuid5(NAMESPACE, f"{number}/{position}"), version=1, status=FindingStatus.OPEN,
                severity=severity, severity_rank=severity.rank, kind=Kind.SCA if in_package else Kind.SAST,
                title=f"{cve} in {package}", rule_id=cve if in_package else f"py/rule-{position % 50}",
                scanners=["trivy" if in_package else "semgrep"], identifiers=[cve] if in_package else ["CWE-79"],
                cwes=[79], refs=["main"], package=package if in_package else None,
                purl=f"pkg:npm/{package}@1.{position % 7}.0" if in_package else None,
                path=None if in_package else f"src/part{position % 30}/file{position}.py",
                location=f"{package}@1.0" if in_package else f"src/file{position}.py:7",
                fix_action=f"upgrade {package}" if in_package else None, terms=f"{cve.lower()} {package}",
                facts=facts.to_json(), published_at=None, first_seen_at=seen, opened_at=seen, resolved_at=None, clock=0,
            )  # fmt: skip
            finding.score_factors = judge(finding, None, facts, assessor, now)
            finding.policy_version = assessor.version
            # What is long over has been told of.
            if finding.deadline is not None:
                progress, _ = rules.schedule.advance(finding.deadline, 0.0, now)
                finding.sla_state, finding.timer_reached, finding.next_timer_at = (
                    progress.state,
                    progress.reached,
                    progress.next_at,
                )
            yield finding


async def fill(database: Database, rules: InForce, size: int) -> int:
    """Write the findings; the indexes are made afterwards, since that is several times faster."""
    book, now = FacetBook(), datetime.now(UTC)
    async with database.transaction() as tx:
        await tx.copy(
            "asset",
            ("asset_id", "key", "title", "team", "tier", "criticality", "exposure", "environment", "data_class", "tags",
             "first_seen_at"),
            [
                (r.asset_id, r.key, r.title, r.team, r.tier, r.criticality, r.exposure, r.environment, r.data_class,
                 r.tags, now)
                for r in (asset_record(rules.rules, asset_id(key), key) for key in rules.rules.catalogue.assets)
            ],
        )  # fmt: skip
        indexes = [row for row in await tx.fetch(INDEXES, SCHEMA) if row["indexname"] != "finding_pkey"]
        for row in indexes:
            await tx.execute(f"DROP INDEX {row['indexname']}")
    batch: list[Finding] = []
    stream = make_findings(rules, size, now)
    while batch := [finding for _, finding in zip(range(CHUNK), stream, strict=False)]:
        async with database.transaction() as tx:
            await book.number(tx, batch)
            await findings.insert_findings(tx, batch)
    async with database.transaction() as tx:
        await tx.execute("SET LOCAL statement_timeout = 0")
        for row in indexes:
            await tx.execute(row["indexdef"])
        await recalculations.begin(tx, rules.rules.version)
        await tx.execute("UPDATE recalculation SET finished_at = now()")
    async with database.transaction() as tx:
        await tx.execute("ANALYZE finding")
    return size


@contextlib.asynccontextmanager
async def server(folder: Path) -> AsyncIterator[Database]:
    """Run a PostgreSQL in this folder, and connect to it."""
    with EmbeddedPostgres(folder) as postgres:
        database = Database(postgres.url, SCHEMA, pool_size=6, statement_timeout=300.0)
        await database.start()
        await database.migrate(MIGRATIONS)
        yield database
        await database.stop()


async def read_along(database: Database, seconds: list[float]) -> None:
    """Ask for first pages all the time, as people do; note how long each took."""
    lists, criteria = ListFindings(database), Criteria(statuses=("open",), classes=("attend",))
    while True:
        start = time.perf_counter()
        await lists(SOMEBODY, criteria, Sort(SortKey.SCORE, descending=True), None, 50)
        seconds.append(time.perf_counter() - start)
        await asyncio.sleep(0.1)


async def step(name: str, table: Table, work: Callable[[], Awaitable[int]], database: Database | None = None) -> None:
    """Do it, and add a row of what it came to; with a database, lists are asked for meanwhile."""
    reads: list[float] = []
    reader = asyncio.create_task(read_along(database, reads)) if database else None
    start = time.perf_counter()
    number = await work()
    seconds = time.perf_counter() - start
    if reader is not None:
        reader.cancel()
    p95 = f"{1000 * statistics.quantiles(reads, n=20)[-1]:.0f} ms of {len(reads)}" if len(reads) > 1 else ""
    table.add_row(name, f"{number:,}", f"{seconds:.2f}", f"{number / seconds:,.0f}", p95)


async def run(folder: Path, size: int, *, fill_only: bool) -> Table:
    """Fill the tables unless they are, and change the policy."""
    now, later = (InForce(Rules(policy, catalogue(), policy.version), URL) for policy in policies())
    table = Table("step", "findings", "seconds", "findings/s", "lists meanwhile, p95", box=None)
    async with server(folder) as database:
        async with database.transaction(read_only=True) as tx:
            held = await tx.fetchval("SELECT count(*) FROM finding")
        if held != size:
            await step("filled", table, lambda: fill(database, now, size))
        if fill_only:
            return table
        await calm_garbage_collection()
        facets = FacetBook()
        plan = PlanPolicy(database, lambda: now)

        async def planned() -> int:
            made = await plan(later)
            moved = {change.value: number for change, number in made.tally.due().get("", {}).items()}
            Console().print(
                f"{made.tally.changed:,} change, {made.tally.breached:,} overdue at once; due dates: {moved}"
            )
            return made.tally.seen

        for name in ("planned", "planned again"):
            await step(name, table, planned, database)
        recalculate = Recalculate(database, facets, lambda: later)

        async def applied() -> int:
            total = 0
            while seen := await recalculate():
                total += seen
            return total

        await step("applied", table, applied, database)
        await step("walked without a change", table, lambda: walk_again(database, applied))
        await make_due(database)
        await step("swept", table, lambda: sweep(database, facets, later))
    return table


async def walk_again(database: Database, walk: Callable[[], Awaitable[int]]) -> int:
    """Walk as once a day."""
    async with database.transaction() as tx:
        version = await recalculations.current_version(tx)
        await recalculations.begin(tx, version or "")
    return await walk()


async def make_due(database: Database) -> None:
    """Let the breach of so many findings be due now, and no other step; none has been told of."""
    async with database.transaction() as tx:
        await tx.execute("TRUNCATE alert")
        await tx.execute(
            """
            UPDATE finding SET next_timer_at = now() + interval '1 day'
            WHERE next_timer_at < now() + interval '1 hour'
            """
        )
        await tx.execute(
            """
            UPDATE finding SET next_timer_at = now(), due_at = now() - interval '1 second', sla_state = 'at_risk',
                sla_started_at = now() - interval '10 days', timer_reached = 0.8
            WHERE id IN (
                SELECT id FROM finding WHERE due_at IS NOT NULL AND sla_state <> 'paused' ORDER BY id LIMIT $1)
            """,
            DUE,
        )


async def sweep(database: Database, facets: FacetBook, rules: InForce) -> int:
    """Take the steps that are due."""
    timers, total = SweepTimers(database, facets, lambda: rules, lambda: None), 0
    while taken := await timers():
        total += taken
    return total


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--data", type=Path, help="Keep the data here")
    parser.add_argument("--fill-only", action="store_true", help="Only make the data")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = arguments.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sluice-bench-")))
        Console(width=140).print(asyncio.run(run(folder, arguments.size, fill_only=arguments.fill_only)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
