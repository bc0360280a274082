"""What people decide holds whatever scanners say, stops the clock, and ends by itself."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from tests.integration.risk_index.risk_kit import (
    SHOP,
    ago,
    catalogue,
    in_force,
    observation,
    principal,
    reopened,
    resolved,
    running_app,
    scan,
    state,
    updated,
)

from sluice_risk_index.application.decide import Decide
from sluice_risk_index.application.end_decisions import EndDecisions
from sluice_risk_index.application.judge_gate import JudgeGate
from sluice_risk_index.application.measure_portfolio import MeasurePortfolio
from sluice_risk_index.domain.criteria import Criteria
from sluice_risk_index.domain.policy import Policy, Requirement, RiskClass, SlaPolicy
from sluice_risk_index.domain.triage import BadDecisionError, Decision, Ruling
from sluice_risk_index.errors import UnknownFindingError
from sluice_risk_index.main import build
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.auth import Scope
from sluice_shared.contracts.finding import Severity

WRITER = principal(Scope.WRITE)
HOUR = timedelta(hours=1)


def ten_hours():
    sla = SlaPolicy(requirements=(Requirement(risk_class=RiskClass.ATTEND, within=10 * HOUR),), escalate=())
    return in_force(Policy(sla=sla))


def ruling(decision=Decision.ACCEPTED, reason="the service is shut down in spring", **until):
    timed = decision in (Decision.ACCEPTED, Decision.DEFERRED)
    return Ruling(decision, reason, datetime.now(UTC) + timedelta(**(until or {"days": 5})) if until or timed else None)


def decider(line):
    return Decide(line.database, FacetBook(), lambda: line.rules, lambda: None)


async def decide(line, finding, taken=None, by=WRITER):
    return await decider(line).one(by, finding.finding_id, taken or ruling())


async def end_decisions(line):
    return await EndDecisions(line.database, FacetBook(), lambda: line.rules, lambda: None)()


async def pass_time(line, finding, **duration):
    """Let everything about a finding have happened that much earlier."""
    moments = ("opened_at", "first_seen_at", "sla_started_at", "due_at", "next_timer_at", "decided_until", "paused_at")
    moved = ", ".join(f"{name} = {name} - $2::interval" for name in moments)
    async with line.database.transaction() as tx:
        await tx.execute(
            f"UPDATE finding SET {moved} WHERE id = $1",  # noqa: S608 - names from above
            finding.finding_id,
            timedelta(**duration),
        )


@pytest.fixture
async def found(line):
    line.rules = ten_hours()
    finding = state(observation(severity=Severity.HIGH), refs=["main"])
    await line.apply(finding)
    return finding


@pytest.mark.parametrize(
    "decision", [Decision.ACCEPTED, Decision.FALSE_POSITIVE, Decision.MITIGATED, Decision.DEFERRED]
)
async def test_an_excused_finding_has_no_timer_and_counts_as_open_no_longer(line, found, decision):
    await decide(line, found, ruling(decision))
    row = await line.finding(found.finding_id)
    assert (row["decision"], row["sla_state"], row["next_timer_at"]) == (decision, "paused", None)
    await pass_time(line, found, hours=30)
    assert await line.sweep() == 0
    portfolio = await MeasurePortfolio(line.database, lambda: line.rules)(principal(Scope.READ))
    assert (portfolio.totals.open, dict(portfolio.totals.excused), portfolio.totals.index) == (0, {decision: 1}, 0)
    assert await line.history(found.finding_id) == ["opened", "decision"]


async def test_confirmed_is_a_remark_and_the_clock_goes_on(line, found):
    before = await line.finding(found.finding_id)
    await decide(line, found, ruling(Decision.CONFIRMED))
    row = await line.finding(found.finding_id)
    assert (row["decision"], row["sla_state"], row["next_timer_at"]) == ("confirmed", "ok", before["next_timer_at"])


async def test_no_import_overwrites_a_decision(line, found):
    await decide(line, found)
    worse = updated(found, refs=["main", "release"], observations=[observation("Worse", severity=Severity.HIGH)])
    await line.apply(worse)
    gone = resolved(worse)
    await line.apply(gone)
    assert (await line.finding(found.finding_id))["sla_state"] == "met"
    await line.apply(reopened(gone))
    row = await line.finding(found.finding_id)
    assert (row["title"], row["decision"], row["sla_state"]) == ("Worse", "accepted", "paused")
    assert [level for level in await line.levels(found.finding_id) if level != "resolved"] == []


async def test_at_its_end_the_finding_is_open_again_the_clock_goes_on_and_the_owner_is_told_once(line, found):
    await pass_time(line, found, hours=4)
    before = await line.finding(found.finding_id)
    await decide(line, found, ruling(hours=24))
    assert await end_decisions(line) == 0
    await pass_time(line, found, hours=25)
    assert await end_decisions(line) == 1
    assert await end_decisions(line) == 0
    row = await line.finding(found.finding_id)
    assert (row["decision"], row["sla_state"], row["decided_until"]) == ("open", "ok", None)
    # Six of its ten hours are left, however long it was accepted.
    left = row["due_at"] - datetime.now(UTC)
    assert abs(left - 6 * HOUR) < timedelta(minutes=2)
    assert abs(row["paused_for"] - timedelta(hours=25)) < timedelta(minutes=1)
    assert row["due_at"] - row["sla_started_at"] == before["due_at"] - before["sla_started_at"]
    assert await line.levels(found.finding_id) == ["reopened"]
    taken = await line.rows("SELECT state, decided_by FROM decision ORDER BY decided_at")
    assert [tuple(row.values()) for row in taken] == [("accepted", "tester"), ("open", "sluice")]


async def test_each_end_is_told_and_steps_taken_before_the_pause_are_not_told_again(line, found):
    await pass_time(line, found, hours=6)
    await line.sweep()
    for _ in range(2):
        await decide(line, found)
        await pass_time(line, found, days=6)
        await end_decisions(line)
        await line.sweep()
    assert await line.levels(found.finding_id) == ["warned", "resolved", "reopened", "resolved 1", "reopened 1"]
    await pass_time(line, found, hours=2.5)
    await line.sweep()
    assert (await line.levels(found.finding_id))[-1] == "warned 1"


async def test_changed_rules_leave_it_paused(line, found):
    await decide(line, found)
    line.rules = in_force(Policy(), version="v2")
    await line.recalculate()
    row = await line.finding(found.finding_id)
    assert (row["policy_version"], row["decision"], row["sla_state"]) == ("v2", "accepted", "paused")
    assert (row["next_timer_at"], await line.levels(found.finding_id)) == (None, [])


async def test_a_new_clock_forgets_the_pauses_of_the_old_one(line, found):
    await decide(line, found)
    await pass_time(line, found, days=6)
    await end_decisions(line)
    gone = resolved(found)
    await line.apply(gone)
    back = reopened(gone)
    await line.apply(back)
    row = await line.finding(found.finding_id)
    assert (row["due_at"], row["paused_for"]) == (back.opened_at + 10 * HOUR, timedelta(0))


async def test_the_gate_lets_an_excused_finding_pass_and_says_so(line):
    line.rules = ten_hours()
    new = state(observation(severity=Severity.CRITICAL), refs=["feature"])
    await line.apply(new, scans=[scan("main"), scan("feature")])
    gate = JudgeGate(line.database, lambda: line.rules)
    ask = {"asset": SHOP, "ref": "feature", "base": None}
    assert (await gate(principal(Scope.READ), **ask)).answer.verdict == "fail"
    await decide(line, new)
    report = await gate(principal(Scope.READ), **ask)
    assert (report.answer.verdict, report.excused, report.findings) == ("pass", {"accepted": 1}, [])


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        (Ruling(Decision.ACCEPTED, "why"), "must end"),
        (Ruling(Decision.DEFERRED, "why"), "must end"),
        (Ruling(Decision.ACCEPTED, "why", ago(minutes=1)), "in the past"),
        (Ruling(Decision.CONFIRMED, "why", datetime.now(UTC) + HOUR), "does not end by itself"),
        (Ruling(Decision.ACCEPTED, "why", datetime.now(UTC) + timedelta(days=91)), "90d at most"),
        (Ruling(Decision.EXCEPTED, "why"), "exception file"),
    ],
)
async def test_what_the_policy_does_not_allow_is_refused_and_changes_nothing(line, found, taken, said):
    with pytest.raises(BadDecisionError, match=said):
        await decide(line, found, taken)
    assert (await line.finding(found.finding_id))["decision"] == "open"
    assert await line.rows("SELECT * FROM audit") == []


async def test_what_one_may_not_see_one_cannot_decide(line, found):
    stranger = principal(Scope.WRITE, assets=("repo:github.com/other/*",))
    with pytest.raises(UnknownFindingError):
        await decide(line, found, by=stranger)
    done = await decider(line).many(stranger, Criteria(kinds=("sast",)), ruling(), {})
    assert done.matched == 0


async def test_the_record_only_grows(line, found):
    await decide(line, found)
    for change in ("UPDATE audit SET reason = ''", "DELETE FROM decision"):
        with pytest.raises(asyncpg.RaiseError, match="stays on record"):
            async with line.database.transaction() as tx:
                await tx.execute(change)
    (entry,) = await line.rows("SELECT actor, action, subject, reason FROM audit")
    assert entry == {
        "actor": "tester",
        "action": "decision:accepted",
        "subject": f"finding:{found.finding_id}",
        "reason": "the service is shut down in spring",
    }


async def test_over_http_preview_then_bulk_then_filter(line, make_settings):
    line.rules = in_force(known=catalogue())
    found = [state(observation(f"No {number}", severity=Severity.LOW)) for number in range(30)]
    other = state(observation("Other", scanner="bandit"))
    await line.apply(*found, other)
    app = build(make_settings(config_dir=None))
    app.state.runtime.sweepers.clear()
    until = (datetime.now(UTC) + timedelta(days=20)).isoformat()
    body = {
        "filter": {"scanner": "semgrep", "severity": ["low"]},
        "decision": {"state": "accepted", "reason": "noise", "until": until},
    }
    writing = {"Authorization": "Bearer writer"}
    async with running_app(app, writer=principal(Scope.WRITE), boss=principal(Scope.ADMIN)) as client:
        seen = (await client.post("/v1/decisions", json=body, headers=writing)).json()
        assert (seen["matched"], seen["by_class"], len(seen["sample"])) == (30, {"track": 30}, 20)
        assert (await client.get("/v1/findings", params={"decision": "accepted"})).json()["items"] == []
        done = await client.post("/v1/decisions", json={**body, "preview": False}, headers=writing)
        assert (done.json()["matched"], done.json()["changed"]) == (30, 30)
        page = (await client.get("/v1/findings", params={"decision": "accepted", "limit": 500})).json()
        assert {item["id"] for item in page["items"]} == {str(finding.finding_id) for finding in found}
        page = (await client.get("/v1/findings", params={"decision": "open"})).json()
        assert [item["id"] for item in page["items"]] == [str(other.finding_id)]
        shown = (await client.get(f"/v1/findings/{found[0].finding_id}")).json()
        assert shown["decisions"][0]["by"] == "tester"
        assert shown["sla"]["state"] == "paused"
        trail = (await client.get("/v1/audit", headers={"Authorization": "Bearer boss"})).json()["items"]
        assert (trail[0]["subject"], trail[0]["detail"]["filter"]) == (
            "findings",
            {"severity": ["low"], "scanner": ["semgrep"]},
        )


async def test_over_http_what_is_wrong_is_said(found, make_settings):
    app = build(make_settings(config_dir=None))
    app.state.runtime.sweepers.clear()
    path = f"/v1/findings/{found.finding_id}/decisions"
    writing = {"Authorization": "Bearer writer"}
    fair = {"state": "mitigated", "reason": "behind the firewall"}
    async with running_app(app, writer=principal(Scope.WRITE)) as client:
        assert (await client.post(path, json=fair)).status_code == 403
        assert (await client.post(path, json={"state": "accepted", "reason": "why not"}, headers=writing)).json()[
            "code"
        ] == "bad_decision"
        for wrong in ({"state": "ignored"}, {"reason": " "}, {"until": "2027-01-01T00:00:00"}, {"by": "me"}):
            assert (await client.post(path, json={**fair, **wrong}, headers=writing)).status_code == 422
        nobody = f"/v1/findings/{uuid4()}/decisions"
        assert (await client.post(nobody, json=fair, headers=writing)).status_code == 404
        everything = {"filter": {"status": "open"}, "decision": fair}
        answer = await client.post("/v1/decisions", json=everything, headers=writing)
        assert answer.json()["code"] == "empty_filter"
        misspelt = {"filter": {"scaner": "x"}, "decision": fair}
        assert (await client.post("/v1/decisions", json=misspelt, headers=writing)).status_code == 422
        assert (await client.post(path, json=fair, headers=writing)).status_code == 201


async def test_who_was_told_of_a_finding_is_told_that_it_is_excused_and_when_it_is_open_again(line, found):
    await pass_time(line, found, hours=11)
    await line.sweep()
    await decide(line, found, ruling(Decision.FALSE_POSITIVE))
    await decide(line, found, ruling(Decision.FALSE_POSITIVE, "still nothing"))
    assert await line.levels(found.finding_id) == ["breached", "resolved"]
    (last,) = await line.rows("SELECT payload->'labels'->>'decision' AS decision FROM alert WHERE level = 'resolved'")
    assert last == {"decision": "false_positive"}
    await decide(line, found, ruling(Decision.OPEN, "it was one after all"))
    await decide(line, found, ruling(hours=1))
    assert await line.levels(found.finding_id) == ["breached", "resolved", "reopened", "resolved 1"]
    await pass_time(line, found, hours=2)
    await end_decisions(line)
    assert await line.levels(found.finding_id) == ["breached", "resolved", "reopened", "resolved 1", "reopened 1"]
    await line.apply(resolved(found))
    assert (await line.levels(found.finding_id))[-1] == "resolved 2"


async def test_who_was_never_told_of_a_finding_hears_nothing_of_its_being_excused(line, found):
    await decide(line, found, ruling(Decision.FALSE_POSITIVE))
    await line.apply(resolved(found))
    assert await line.levels(found.finding_id) == []


async def test_an_excused_finding_that_its_scanner_no_longer_sees_is_told_of_once(line, found):
    await pass_time(line, found, hours=11)
    await line.sweep()
    await decide(line, found)
    await line.apply(resolved(found))
    assert await line.levels(found.finding_id) == ["breached", "resolved"]


async def test_over_http_a_decision_is_about_exactly_what_was_previewed(line, make_settings):
    line.rules = in_force(known=catalogue())
    low = [state(observation(f"No {number}", severity=Severity.LOW)) for number in range(3)]
    await line.apply(*low)
    app = build(make_settings(config_dir=None))
    app.state.runtime.sweepers.clear()
    body = {"filter": {"severity": "low"}, "decision": {"state": "false_positive", "reason": "noise"}}
    async with running_app(app, writer=principal(Scope.WRITE)) as client:
        client.headers["Authorization"] = "Bearer writer"

        async def decide_many(**more):
            return await client.post("/v1/decisions", json={**body, **more})

        first = (await decide_many()).json()
        new = state(observation("New", severity=Severity.LOW))
        await line.apply(new)
        other = await decide_many(preview=False, preview_id=first["preview_id"], filter={"kind": "sast"})
        assert (other.status_code, other.json()["code"]) == (404, "unknown_preview")
        assert (await decide_many(preview=False, preview_id=str(uuid4()))).status_code == 404
        done = (await decide_many(preview=False, preview_id=first["preview_id"])).json()
        assert (done["matched"], done["left_out"]) == (3, 1)
        assert (await line.finding(new.finding_id))["decision"] == "open"
        second = (await decide_many(filter={"severity": "low", "decision": "open"})).json()
        await line.apply(resolved(new), state(observation("Newer", severity=Severity.LOW)))
        again = {"filter": {"severity": "low", "decision": "open"}, "preview_id": second["preview_id"]}
        refused = await decide_many(preview=False, **again)
        assert (refused.status_code, refused.json()["gone"]) == (409, [str(new.finding_id)])
        assert refused.json()["added_count"] == 1
