"""A changed policy or catalogue is applied to what is there, without a flood of alerts."""

import asyncio
from datetime import timedelta

from tests.integration.risk_index.risk_kit import SHOP, ago, catalogue, in_force, observation, resolved, state

from sluice_risk_index.application.recalculate import Recalculate
from sluice_risk_index.domain.catalogue import Asset, OwnerRule, Team
from sluice_risk_index.domain.policy import (
    ClassRow,
    Condition,
    Policy,
    Requirement,
    RiskClass,
    ScorePolicy,
    SlaPolicy,
    Weights,
)
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.contracts.finding import Severity


def due_within(**duration):
    return SlaPolicy(requirements=(Requirement(risk_class=RiskClass.ATTEND, within=timedelta(**duration)),))


async def test_scores_classes_and_owners_follow_the_rules(line):
    found = state(observation(severity=Severity.MEDIUM))
    await line.apply(found)
    before = await line.finding(found.finding_id)
    policy = Policy(
        score=ScorePolicy(weights=Weights(severity=100)),
        classes=(ClassRow(risk_class=RiskClass.ATTEND, when=Condition(min_score=50), because="new rules"),),
        sla=due_within(days=20),
    )
    line.rules = in_force(policy, catalogue(rules=(OwnerRule(team="payments", path="src/**"),)), "v2")
    await line.recalculate()
    row = await line.finding(found.finding_id)
    assert row["score"] > before["score"]
    assert (row["risk_class"], row["class_reason"]) == ("attend", "row 1: new rules")
    assert (row["team"], row["policy_version"]) == ("payments", "v2")
    assert row["due_at"] == found.opened_at + timedelta(days=20)
    assert await line.history(found.finding_id) == ["opened", "class", "owner"]
    assert await line.levels(found.finding_id) == []


async def test_what_does_not_change_is_not_written(line):
    await line.apply(*(state() for _ in range(20)))
    before = await line.rows("SELECT ctid, xmin, * FROM finding ORDER BY id")
    line.rules = in_force(version="v2")
    await line.recalculate()
    assert await line.rows("SELECT ctid, xmin, * FROM finding ORDER BY id") == before
    (walk,) = await line.rows("SELECT seen, changed, finished_at IS NOT NULL AS over FROM recalculation")
    assert walk == {"seen": 20, "changed": 0, "over": True}


async def test_a_shorter_deadline_marks_what_is_late_and_raises_no_flood(line):
    line.rules = in_force(Policy(sla=due_within(days=30)), version="v1")
    found = [state(first_seen_at=ago(days=12)) for _ in range(50)]
    await line.apply(*found)
    line.rules = in_force(Policy(sla=due_within(days=10)), version="v2")
    await line.recalculate()
    while await line.sweep():
        pass
    counted = await line.rows("SELECT sla_state, count(*) AS number FROM finding GROUP BY 1")
    assert [tuple(row.values()) for row in counted] == [("breached", 50)]
    assert await line.rows("SELECT 1 FROM alert") == []
    (row,) = await line.rows("SELECT min(next_timer_at) AS following FROM finding")
    assert row["following"] > ago(seconds=0)


async def test_a_step_that_was_due_before_the_change_is_still_told_of(line):
    line.rules = in_force(Policy(sla=due_within(days=10)), version="v1")
    found = state(first_seen_at=ago(days=11))
    await line.apply(found)
    line.rules = in_force(Policy(sla=due_within(days=10)), catalogue(rules=(OwnerRule(team="payments"),)), "v2")
    await line.recalculate()
    await line.sweep()
    assert await line.levels(found.finding_id) == ["breached"]


async def test_assets_follow_the_catalogue(line):
    await line.apply()
    known = catalogue(
        teams=(Team(name="payments", tier="advanced"),),
        assets=(Asset(key=SHOP, owner="payments", exposure="internal", tags=("pci",)),),
    )
    line.rules = in_force(known=known, version="v2")
    await line.recalculate()
    (row,) = await line.rows("SELECT team, tier, exposure, tags FROM asset")
    assert row == {"team": "payments", "tier": "advanced", "exposure": "internal", "tags": ["pci"]}


async def test_resolved_findings_keep_what_was_decided(line):
    found = state()
    await line.apply(found)
    await line.apply(resolved(found))
    before = await line.finding(found.finding_id)
    line.rules = in_force(known=catalogue(rules=(OwnerRule(team="payments"),)), version="v2")
    await line.recalculate()
    assert await line.finding(found.finding_id) == before


async def test_replicas_share_a_walk_and_each_rules_are_walked_once(line):
    found = [state() for _ in range(1200)]
    for start in range(0, 1200, 400):
        await line.apply(*found[start : start + 400])
    line.rules = in_force(known=catalogue(rules=(OwnerRule(team="payments"),)), version="v2")
    replicas = [Recalculate(line.database, FacetBook(), lambda: line.rules) for _ in range(3)]
    for _ in range(8):
        await asyncio.gather(*(replica() for replica in replicas))
    counted = await line.rows("SELECT team, count(*) AS number FROM finding GROUP BY 1")
    assert [tuple(row.values()) for row in counted] == [("payments", 1200)]
    walks = await line.rows("SELECT seen, changed FROM recalculation")
    assert walks == [{"seen": 1200, "changed": 1200}]
    (entries,) = await line.rows("SELECT count(*) AS number FROM finding_history WHERE event = 'owner'")
    assert entries["number"] == 1200


async def test_a_replica_with_older_rules_does_not_undo_the_newer_ones(line):
    await line.apply(state())
    old_rules, new_rules = (
        in_force(version="v1"),
        in_force(known=catalogue(rules=(OwnerRule(team="payments"),)), version="v2"),
    )
    old = Recalculate(line.database, FacetBook(), lambda: old_rules)
    new = Recalculate(line.database, FacetBook(), lambda: new_rules)
    for replica in (old, old, new, new, old, old, new):
        await replica()
    (row,) = await line.rows("SELECT team FROM finding")
    assert row["team"] == "payments"
    assert [walk["rules_version"] for walk in await line.rows("SELECT * FROM recalculation ORDER BY id")] == [
        "v1",
        "v2",
    ]


async def test_findings_are_scored_again_as_they_grow_older(line):
    found = state()
    await line.apply(found)
    await line.recalculate()
    before = await line.finding(found.finding_id)
    async with line.database.transaction() as tx:
        await tx.execute("UPDATE finding SET first_seen_at = first_seen_at - interval '100 days'")
        await tx.execute("UPDATE recalculation SET started_at = started_at - interval '2 days'")
    await line.recalculate()
    after = await line.finding(found.finding_id)
    assert after["score"] > before["score"]
