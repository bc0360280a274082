"""Judge a change by what its ref adds to its base, or by all that it has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sluice_risk_index.domain.gate import Comparison, GateAnswer, judge
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.policy import Counted, ScanRules
from sluice_risk_index.domain.scans import Practice, Scan, practices_of
from sluice_risk_index.errors import UnknownAssetError
from sluice_risk_index.storage import exports, gate, portfolio
from sluice_risk_index.storage.gate import OnRef
from sluice_shared.auth import Principal
from sluice_shared.contracts.exported import Exported
from sluice_shared.db import Database, Record, Tx

SHOWN = 200
"""Findings that an answer shows; all are counted."""
EXPORTED = 5_000
"""Findings that a SARIF log has at most: as many as GitHub shows of one run."""


@dataclass(frozen=True, slots=True)
class GateReport:
    """The gate's answer with what it was asked and the judged findings, worst first.

    ``excused`` counts what would be judged as well, but is let be by a decision or an exception.
    """

    asset: str
    ref: str
    base: str
    tier: str
    counted: Counted
    answer: GateAnswer
    findings: list[Record]
    excused: dict[str, int]
    practices: Sequence[Practice]
    at: datetime
    policy_version: str


class JudgeGate:
    """Asks by the policy in force; what the base has, or a decision excuses, is none of its business."""

    def __init__(self, database: Database, in_force: Callable[[], InForce]) -> None:
        self._database = database
        self._in_force = in_force

    async def __call__(
        self, principal: Principal, *, asset: str, ref: str, base: str | None, count: Counted | None = None
    ) -> GateReport:
        """Return the verdict; ``base`` and ``count`` are the policy's when None.

        Raises UnknownAssetError and Unavailable.
        """
        async with self._database.transaction(read_only=True) as tx:
            return await self._report(tx, principal, asset, ref, base, count, SHOWN)

    async def export(
        self, principal: Principal, *, asset: str, ref: str, base: str | None, count: Counted | None = None
    ) -> tuple[GateReport, list[Exported]]:
        """Return the verdict, and the judged findings with what their scanners say of them.

        Raises UnknownAssetError and Unavailable.
        """
        async with self._database.transaction(read_only=True) as tx:
            report = await self._report(tx, principal, asset, ref, base, count, EXPORTED)
            return report, await exports.of_rows(tx, report.findings)

    async def _report(
        self,
        tx: Tx,
        principal: Principal,
        asset: str,
        ref: str,
        base: str | None,
        count: Counted | None,
        limit: int,
    ) -> GateReport:
        rules = self._in_force().rules
        policy = rules.policy.gate
        base = base or policy.base
        row = await portfolio.find_asset(tx, asset)
        if row is None or not principal.covers(row["key"]):
            raise UnknownAssetError(asset)
        key = row["asset_id"]
        tier = row["tier"]
        counted = count or policy.counted(tier)
        now = await tx.fetchval("SELECT now()")
        scans = await gate.scans_of(tx, key, [ref, base])
        practices = await _practices(tx, scans[ref], policy.scan_rules(tier), now)
        found = OnRef([], [], {})
        if scans[ref]:
            total = counted is Counted.TOTAL
            found = await gate.findings_on(tx, key, ref=ref, base=base, total=total, limit=limit)
        comparison = Comparison(ref, base, tier, counted, bool(scans[base]), now)
        answer = judge(found.judged, policy.thresholds(tier), practices, comparison)
        return GateReport(
            asset, ref, base, tier, counted, answer, found.findings, found.excused, practices, now, rules.version
        )


async def _practices(tx: Tx, scans: list[Scan], rules: ScanRules, now: datetime) -> list[Practice]:
    """Ask elsewhere what a scanner looks for that has found nothing here, where that matters."""
    telling = {scan.scanner for scan in scans if scan.kind is not None}
    silent = sorted({scan.scanner for scan in scans} - telling)
    lacking = sorted(rules.required - {scan.kind for scan in scans if scan.kind is not None})
    return practices_of(scans, rules, now, await gate.kinds_known(tx, silent, lacking))
