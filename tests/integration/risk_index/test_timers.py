"""Deadlines: each step is taken once, by whichever replica, and never early."""

import asyncio
import sys
import time
from datetime import datetime, timedelta

from tests.integration.risk_index.risk_kit import ago, in_force, observation, reopened, resolved, state, updated

from sluice_risk_index.application.sweep_timers import SweepTimers
from sluice_risk_index.domain.policy import Escalation, Policy, Requirement, RiskClass, SlaPolicy
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.contracts.finding import Severity

HOUR = timedelta(hours=1)


def ten_hours(**given):
    """A policy under which whatever is worth attending to is due within ten hours."""
    sla = {
        "requirements": (Requirement(risk_class=RiskClass.ATTEND, within=10 * HOUR),),
        "warn": (0.5, 0.8),
        "escalate": (Escalation(at=1.5, to="team-lead"), Escalation(at=2.0, to="ciso")),
        **given,
    }
    return in_force(Policy(sla=SlaPolicy(**sla)))


def attended(**given):
    return state(observation(severity=Severity.HIGH), **given)


async def pass_time(line, finding_id, **duration):
    """Let a finding's clock have started that much earlier."""
    async with line.database.transaction() as tx:
        await tx.execute(
            "UPDATE finding SET opened_at = opened_at - $2::interval, first_seen_at = first_seen_at - $2::interval,"
            " sla_started_at = sla_started_at - $2::interval, due_at = due_at - $2::interval,"
            " next_timer_at = next_timer_at - $2::interval WHERE id = $1",
            finding_id,
            timedelta(**duration),
        )


async def test_warnings_breach_and_escalations_come_one_after_the_other(line):
    line.rules = ten_hours()
    found = attended()
    await line.apply(found)
    seen = []
    for hours in (4.9, 0.1, 3, 2, 5, 5):
        await pass_time(line, found.finding_id, hours=hours)
        await line.sweep()
        row = await line.finding(found.finding_id)
        seen.append((row["sla_state"], await line.levels(found.finding_id)))
    one = ["warned"]
    assert seen == [
        ("ok", []),
        ("at_risk", one),
        ("at_risk", [*one, "warned 1"]),
        ("breached", [*one, "warned 1", "breached"]),
        ("breached", [*one, "warned 1", "breached", "escalated"]),
        ("breached", [*one, "warned 1", "breached", "escalated", "escalated 1"]),
    ]
    assert (await line.finding(found.finding_id))["next_timer_at"] is None


async def test_after_a_pause_only_the_last_step_is_told_of(line):
    line.rules = ten_hours()
    found = attended(first_seen_at=ago(hours=16))
    await line.apply(found)
    assert await line.sweep() == 1
    assert await line.levels(found.finding_id) == ["escalated"]
    assert (await line.finding(found.finding_id))["sla_state"] == "breached"


async def test_many_sweepers_at_once_raise_each_alert_once(line):
    line.rules = ten_hours()
    found = [attended(first_seen_at=ago(hours=6)) for _ in range(300)]
    await line.apply(*found)
    sweepers = [SweepTimers(line.database, FacetBook(), lambda: line.rules, lambda: None) for _ in range(3)]
    handled = await asyncio.gather(*(sweep() for sweep in sweepers for _ in range(2)))
    assert sum(handled) == 300
    for _ in range(2):
        await asyncio.gather(*(sweep() for sweep in sweepers))
    counted = await line.rows("SELECT level, count(*) AS number FROM alert GROUP BY level")
    assert [tuple(row.values()) for row in counted] == [("warned", 300)]
    for finding in found:
        await pass_time(line, finding.finding_id, hours=4)
    await asyncio.gather(*(sweep() for sweep in sweepers))
    await asyncio.gather(*(sweep() for sweep in sweepers))
    counted = await line.rows("SELECT level, count(*) AS number FROM alert GROUP BY level ORDER BY level")
    assert [tuple(row.values()) for row in counted] == [("breached", 300), ("warned", 300)]


async def test_sweeping_while_findings_change_neither_blocks_nor_loses(line):
    line.rules = ten_hours()
    found = [attended(first_seen_at=ago(hours=6)) for _ in range(200)]
    await line.apply(*found)

    async def change():
        for number in range(1, 4):
            await line.apply(
                *(finding.model_copy(update={"version": 1 + number, "refs": [f"r{number}"]}) for finding in found)
            )

    async def sweep():
        for _ in range(10):
            await line.sweep()

    await asyncio.gather(change(), sweep(), sweep())
    await line.sweep()
    counted = await line.rows("SELECT sla_state, timer_reached, refs, count(*) AS number FROM finding GROUP BY 1, 2, 3")
    assert [tuple(row.values()) for row in counted] == [("at_risk", 0.5, ["r3"], 200)]
    (alerts,) = await line.rows("SELECT count(*) AS number FROM alert")
    assert alerts["number"] == 200


async def test_what_is_resolved_in_time_has_met_its_deadline_and_no_timer(line):
    line.rules = ten_hours()
    quick, slow = attended(first_seen_at=ago(hours=9)), attended(first_seen_at=ago(hours=15))
    await line.apply(quick, slow)
    await line.apply(resolved(quick), resolved(slow))
    states = [await line.finding(f.finding_id) for f in (quick, slow)]
    assert [row["sla_state"] for row in states] == ["met", "breached"]
    assert [row["next_timer_at"] for row in states] == [None, None]
    assert await line.sweep() == 0


async def test_a_finding_that_comes_back_gets_a_new_clock(line):
    line.rules = ten_hours()
    first = attended(first_seen_at=ago(hours=11))
    await line.apply(first)
    await line.sweep()
    gone = resolved(first)
    back = reopened(gone)
    await line.apply(gone)
    await line.apply(back)
    row = await line.finding(first.finding_id)
    assert (row["sla_state"], row["clock"], row["due_at"]) == ("ok", 1, back.opened_at + 10 * HOUR)
    await pass_time(line, first.finding_id, hours=11)
    await line.sweep()
    assert await line.levels(first.finding_id) == ["breached", "resolved", "breached"]


async def test_where_the_policy_says_so_the_old_clock_goes_on(line):
    line.rules = ten_hours(reopen="continue")
    first = attended(first_seen_at=ago(hours=6))
    await line.apply(first)
    await line.sweep()
    gone = resolved(first)
    await line.apply(gone)
    await line.apply(reopened(gone))
    await line.sweep()
    row = await line.finding(first.finding_id)
    assert (row["sla_state"], row["due_at"]) == ("at_risk", first.opened_at + 10 * HOUR)
    assert await line.levels(first.finding_id) == ["warned", "resolved"]


async def test_a_milder_class_puts_the_breach_ahead_again_without_a_second_alert(line):
    line.rules = ten_hours()
    first = attended(first_seen_at=ago(hours=11))
    await line.apply(first)
    await line.sweep()
    milder = updated(first, observations=[observation(severity=Severity.LOW)], severity=Severity.LOW)
    await line.apply(milder)
    row = await line.finding(first.finding_id)
    assert (row["sla_state"], row["due_at"], row["next_timer_at"]) == ("none", None, None)
    worse_again = updated(milder, observations=first.observations, severity=Severity.HIGH)
    await line.apply(worse_again)
    await line.sweep()
    assert (await line.finding(first.finding_id))["sla_state"] == "breached"
    assert await line.levels(first.finding_id) == ["breached"]


async def test_replicas_whose_clocks_differ_raise_each_alert_once_and_never_early(line, monkeypatch):
    line.rules = ten_hours(warn=(), escalate=())
    found = [attended(first_seen_at=ago(hours=10, seconds=-1.5)) for _ in range(20)]
    await line.apply(*found)
    replicas = {
        shift: SweepTimers(line.database, FacetBook(), lambda: line.rules, lambda: None) for shift in (5.0, -5.0)
    }
    early, taken = 0, 0
    (row,) = await line.rows("SELECT max(due_at) AS last FROM finding")
    for _ in range(40):
        for shift, sweep in replicas.items():
            set_clocks(monkeypatch, shift)
            taken += await sweep()
        monkeypatch.undo()
        (now,) = await line.rows("SELECT now() AS now, count(*) AS raised FROM alert")
        early += now["raised"] if now["now"] < min(f.opened_at for f in found) + 10 * HOUR else 0
        if now["now"] > row["last"] and taken >= len(found):
            break
        await asyncio.sleep(0.1)
    assert (early, taken) == (0, 20)
    counted = await line.rows(
        "SELECT count(*) AS number, count(DISTINCT a.finding_id) AS findings, bool_and(a.raised_at >= f.due_at) AS due"
        " FROM alert a JOIN finding f ON f.id = a.finding_id"
    )
    assert counted == [{"number": 20, "findings": 20, "due": True}]


def set_clocks(monkeypatch, shift):
    """Let the process believe that it is so many seconds later than it is."""
    real_time = time.time

    class Shifted(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(seconds=shift)

    monkeypatch.undo()
    monkeypatch.setattr(time, "time", lambda: real_time() + shift)
    for name, module in list(sys.modules.items()):
        if name.startswith(("sluice_risk_index", "sluice_shared")) and getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", Shifted)
