"""Write findings about which something else was decided: rows, history, and the alerts of what is open again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sluice_risk_index.domain.absorb import became_exploited, reassess, turn
from sluice_risk_index.domain.alerts import Alert
from sluice_risk_index.domain.asset_evidence import NO_EVIDENCE
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.history import decisions
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.triage import Ruling
from sluice_risk_index.storage import alerts, evidence, feeds, findings
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.contracts.events import AlertLevel
from sluice_shared.db import Tx


@dataclass(frozen=True, slots=True)
class Revision:
    """A finding that the transaction holds, before and after; the same object where nothing changed."""

    before: Finding
    after: Finding
    asset: str
    exploited: bool = False


async def reassess_all(
    tx: Tx, in_force: InForce, held: Sequence[tuple[Finding, str]], now: datetime, *, ruling: Ruling | None = None
) -> list[Revision]:
    """Decide again about findings, each given with the key of its asset, by the rules and the feeds of the moment."""
    identifiers = {name for finding, _ in held for name in finding.identifiers}
    known = await feeds.look_up(tx, identifiers)
    said = await evidence.look_up(tx, (finding.asset_id for finding, _ in held), identifiers)
    revisions = []
    for number, (before, asset) in enumerate(held, start=1):
        assessor = in_force.assessor(asset, said.get(before.asset_id, NO_EVIDENCE))
        after = reassess(before, assessor, now, ruling=ruling, intelligence=known)
        revisions.append(Revision(before, after, asset, became_exploited(before, after, known)))
        if number % _BREATH == 0:
            await asyncio.sleep(0)  # thousands may be decided at once, and others want to be answered meanwhile
    return revisions


async def write_revisions(
    tx: Tx, facets: FacetBook, in_force: InForce, revisions: Sequence[Revision], now: datetime
) -> tuple[int, list[str]]:
    """Write what changed, once a transaction; return how many findings that are, and the levels of alerts raised."""
    changed = [revision for revision in revisions if revision.after is not revision.before]
    if not changed:
        return 0, []
    await facets.number(tx, [revision.after for revision in changed])
    await findings.update_decided(tx, [revision.after for revision in changed])
    await findings.append_history(
        tx, [(r.after.asset_id, r.after.id, entry) for r in changed for entry in decisions(r.before, r.after, now)]
    )
    told = [(r.after, r.asset, level) for r in changed if (level := turn(r.before, r.after)) is not None]
    news = [(r.after, r.asset, AlertLevel.EXPLOITED) for r in changed if r.exploited]
    exploited = {finding.id for finding, _, _ in news}
    # Who is to learn that it is exploited is not told in the same breath that it is dealt with.
    news += [one for one in told if one[2] is not AlertLevel.RESOLVED or one[0].id not in exploited]
    return len(changed), await alerts.insert_alerts(tx, await write_alerts(tx, in_force, news, now))


async def write_alerts(
    tx: Tx, in_force: InForce, told: Sequence[tuple[Finding, str, AlertLevel]], now: datetime
) -> list[Alert]:
    """Write an alert for each finding, its asset's key and a level; what can happen again on one clock is numbered.

    That a finding is gone or excused is told only to who was told that it was there.
    """
    alerted = await alerts.alerted_findings(tx, [f.id for f, _, level in told if level is AlertLevel.RESOLVED])
    told = [one for one in told if one[2] is not AlertLevel.RESOLVED or one[0].id in alerted]
    taken: dict[tuple[UUID, str], int] = {}
    again = [(finding.id, level) for finding, _, level in told if level in _AGAIN]
    if again:
        taken = await alerts.next_steps(tx, again)
    return [
        in_force.alerts.write(finding, asset, level, now, step=taken.get((finding.id, level), 0))
        for finding, asset, level in told
    ]


_AGAIN = frozenset({AlertLevel.REOPENED, AlertLevel.EXPLOITED, AlertLevel.RESOLVED})
_BREATH = 200
