"""Judge a change by what its ref adds to its base."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from sluice_risk_index.domain.gate import GateAnswer, judge
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.triage import EXCUSED
from sluice_risk_index.errors import UnknownAssetError
from sluice_risk_index.storage import gate, portfolio
from sluice_shared.auth import Principal
from sluice_shared.contracts.finding import Severity
from sluice_shared.db import Database, Record


@dataclass(frozen=True, slots=True)
class GateReport:
    """The gate's answer with what it was asked and the new findings, worst first.

    ``excused`` counts what is new as well, but let be by a decision or an exception.
    """

    asset: str
    ref: str
    base: str
    tier: str
    answer: GateAnswer
    findings: list[Record]
    excused: dict[str, int]
    policy_version: str


class JudgeGate:
    """Asks by the policy in force; what the base has, or a decision excuses, is none of its business."""

    def __init__(self, database: Database, in_force: Callable[[], InForce]) -> None:
        self._database = database
        self._in_force = in_force

    async def __call__(self, principal: Principal, *, asset: str, ref: str, base: str | None) -> GateReport:
        """Return the verdict; ``base`` is the policy's when None. Raises UnknownAssetError and Unavailable."""
        rules = self._in_force().rules
        base = base or rules.policy.gate.base
        async with self._database.transaction(read_only=True) as tx:
            row = await portfolio.find_asset(tx, asset)
            if row is None or not principal.covers(row["key"]):
                raise UnknownAssetError(asset)
            key = row["asset_id"]
            scanned = await gate.scanned_refs(tx, key, [ref, base])
            new = await gate.new_findings(tx, key, ref=ref, base=base) if ref in scanned else []
        found = [finding for finding in new if finding["decision"] not in EXCUSED]
        excused = Counter(finding["decision"] for finding in new if finding["decision"] in EXCUSED)
        answer = judge(
            [Severity(finding["severity"]) for finding in found],
            rules.policy.gate.thresholds(row["tier"]),
            ref=ref,
            base=base,
            tier=row["tier"],
            ref_scanned=ref in scanned,
            base_scanned=base in scanned,
        )
        return GateReport(asset, ref, base, row["tier"], answer, found, dict(excused), rules.version)
