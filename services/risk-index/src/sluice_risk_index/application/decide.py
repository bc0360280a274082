"""Decide how findings are to be treated: one, or all that a filter names."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sluice_risk_index.application.revise import reassess_all, write_revisions
from sluice_risk_index.application.visibility import visible_assets
from sluice_risk_index.application.writing import Writer
from sluice_risk_index.domain.criteria import Criteria, Sort, SortKey
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.triage import BadDecisionError, Ruling, check_ruling
from sluice_risk_index.errors import OutdatedPreviewError, UnknownFindingError, UnknownPreviewError
from sluice_risk_index.storage import audit, decisions, listing
from sluice_risk_index.storage.decisions import Held
from sluice_shared.auth import Principal
from sluice_shared.db import Record, Tx

MOST = 20_000
"""Findings that one decision may be about."""
_SAMPLE = 20
_TOO_MANY = f"the filter names more than {MOST} findings: narrow it, and decide in parts"


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision: how many findings it is about, by class, and how many of them changed.

    ``left_out`` meet the filter, too, but were not there when it was previewed.
    """

    id: UUID
    at: datetime
    matched: int
    changed: int
    by_class: dict[str, int]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a decision would be about; ``refusal`` says why it could not be taken, where it could not.

    ``id`` is None where it is about too many.
    """

    id: UUID | None
    matched: int
    by_class: dict[str, int]
    sample: list[Record]
    refusal: str | None


class Decide(Writer):
    """Takes decisions: recorded, noted in the audit trail, and in force at once, in one transaction."""

    async def one(self, principal: Principal, finding_id: UUID, ruling: Ruling) -> Decided:
        """Decide on one finding. Raises UnknownFindingError, BadDecisionError and Unavailable."""
        return await self._commit(partial(self._one, principal=principal, finding_id=finding_id, ruling=ruling))

    async def many(
        self,
        principal: Principal,
        criteria: Criteria,
        ruling: Ruling,
        asked: dict[str, Any],
        preview_id: UUID | None = None,
    ) -> Decided:
        """Decide on all findings that meet the criteria; ``asked`` is how they were asked for, for the record.

        With a preview, on exactly those that it named. Raises BadDecisionError, also when they are more than
        :data:`MOST`, UnknownPreviewError, OutdatedPreviewError when some of them do not meet the criteria any more,
        and Unavailable.
        """
        work = partial(
            self._many, principal=principal, criteria=criteria, ruling=ruling, asked=asked, preview_id=preview_id
        )
        return await self._commit(work)

    async def preview(self, principal: Principal, criteria: Criteria, ruling: Ruling, asked: dict[str, Any]) -> Preview:
        """Return what the decision would be about, and keep it for a day; no finding changes. Raises Unavailable."""
        async with self._database.transaction() as tx:
            criteria = replace(criteria, visible=await visible_assets(tx, principal))
            by_class = await decisions.count_matching(tx, criteria)
            sample = await listing.list_findings(tx, criteria, Sort(SortKey.SCORE, descending=True), None, _SAMPLE)
            now = await tx.fetchval("SELECT now()")
            kept = await decisions.keep_preview(tx, criteria, MOST, by=principal.name, asked=asked)
        refusal = _TOO_MANY if kept is None else self._refusal(ruling, by_class, now)
        return Preview(kept, sum(by_class.values()), by_class, sample, refusal)

    def _refusal(self, ruling: Ruling, by_class: dict[str, int], now: datetime) -> str | None:
        try:
            self._check(ruling, by_class, now)
        except BadDecisionError as error:
            return str(error)
        return None

    async def _one(self, tx: Tx, principal: Principal, finding_id: UUID, ruling: Ruling) -> tuple[Decided, list[str]]:
        held = await decisions.hold(tx, finding_id)
        if held is None or not principal.covers(held[1]):
            raise UnknownFindingError(str(finding_id))
        return await self._decide(tx, principal, [held], ruling, f"finding:{finding_id}", {"asset": held[1]})

    async def _many(
        self,
        tx: Tx,
        principal: Principal,
        criteria: Criteria,
        ruling: Ruling,
        asked: dict[str, Any],
        preview_id: UUID | None,
    ) -> tuple[Decided, list[str]]:
        criteria = replace(criteria, visible=await visible_assets(tx, principal))
        if preview_id is not None:
            held, left_out = await self._previewed(tx, criteria, asked, preview_id)
            detail = {"filter": asked, "preview_id": preview_id}
            decided, raised = await self._decide(tx, principal, held, ruling, "findings", detail)
            return replace(decided, left_out=left_out), raised
        held = await decisions.hold_matching(tx, criteria, MOST + 1)
        if len(held) > MOST:
            raise BadDecisionError(_TOO_MANY)
        return await self._decide(tx, principal, held, ruling, "findings", {"filter": asked})

    @staticmethod
    async def _previewed(tx: Tx, criteria: Criteria, asked: dict[str, Any], preview_id: UUID) -> tuple[Held, int]:
        """Hold what was previewed, and count what has come to meet the filter since."""
        preview = await decisions.find_preview(tx, preview_id)
        if preview is None or preview[0] != asked:
            raise UnknownPreviewError
        _, ids = preview
        held = await decisions.hold_matching(tx, criteria, len(ids), ids)
        added = sum((await decisions.count_matching(tx, criteria)).values()) - len(held)
        if len(held) < len(ids):
            there = {finding.id for finding, _ in held}
            raise OutdatedPreviewError([finding_id for finding_id in ids if finding_id not in there], added)
        return held, added

    async def _decide(
        self, tx: Tx, principal: Principal, held: Held, ruling: Ruling, subject: str, detail: dict[str, Any]
    ) -> tuple[Decided, list[str]]:
        in_force = self._in_force()
        now = await tx.fetchval("SELECT now()")
        by_class = Counter(finding.risk_class.value for finding, _ in held)
        self._check(ruling, by_class, now)
        revisions = await reassess_all(tx, in_force, held, now, ruling=ruling)
        changed, raised = await write_revisions(tx, self._facets, in_force, revisions, now)
        decision_id = uuid4()
        await decisions.record(
            tx,
            [finding for finding, _ in held],
            decision_id=decision_id,
            state=ruling.state,
            reason=ruling.reason,
            until=ruling.until,
            by=principal.name,
            at=now,
        )
        await audit.note(
            tx,
            actor=principal.name,
            action=f"decision:{ruling.state}",
            subject=subject,
            reason=ruling.reason,
            detail={
                **detail,
                "decision_id": decision_id,
                "token_id": principal.id,
                "until": ruling.until,
                "findings": len(held),
            },
            at=now,
        )
        return Decided(decision_id, now, len(held), changed, dict(by_class)), raised

    def _check(self, ruling: Ruling, by_class: dict[str, int], now: datetime) -> None:
        affected = {RiskClass(name): number for name, number in by_class.items()}
        check_ruling(ruling, affected, self._in_force().rules.policy.acceptance, now)
