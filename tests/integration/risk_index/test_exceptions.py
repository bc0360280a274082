"""Exceptions excuse what they mean, old and new, and end by themselves."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.risk_index.risk_kit import (
    SHOP,
    catalogue,
    eventually,
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

from sluice_risk_index import metrics
from sluice_risk_index.application.apply_exceptions import ApplyExceptions
from sluice_risk_index.application.judge_gate import JudgeGate
from sluice_risk_index.application.list_exceptions import ListExceptions
from sluice_risk_index.domain.exceptions import Exemption, Exemptions
from sluice_risk_index.main import build
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.auth import Scope
from sluice_shared.contracts.finding import CodeLocation, Severity

TODAY = datetime.now(UTC).date()
IN_TESTS = CodeLocation(path="tests/fixtures/cart.py", start_line=7)


def exception(name="fixtures", *, days=5, since=20, selector=None, **given):
    return Exemption.model_validate({
        "kind": "exception",
        "id": name,
        "selector": selector or {"path": "tests/**"},
        "reason": "it is not shipped",
        "controls": ["it runs nowhere"],
        "requester": "mira",
        "approver": "head-of-security",
        "created": TODAY - timedelta(days=since),
        "review": TODAY,
        "expires": TODAY + timedelta(days=days),
        **given,
    })  # fmt: skip


def hold(line, *entries):
    line.rules = line.rules.with_exemptions(Exemptions(entries))


@pytest.fixture
def apply_exceptions(line):
    return ApplyExceptions(line.database, FacetBook(), lambda: line.rules, lambda: None)


def found(path=IN_TESTS, **given):
    return state(observation(severity=Severity.HIGH, location=path), **given)


async def test_a_new_exception_excuses_what_is_there_and_what_comes(line, apply_exceptions):
    meant, other = found(), found(CodeLocation(path="src/cart.py", start_line=7))
    await line.apply(meant, other)
    hold(line, exception())
    assert await apply_exceptions() == 1
    assert await apply_exceptions() == 0
    later = found()
    await line.apply(later)
    excepted = ("excepted", "fixtures")
    for finding, (decision, name) in ((meant, excepted), (other, ("open", None)), (later, excepted)):
        row = await line.finding(finding.finding_id)
        assert (row["decision"], row["exception_id"]) == (decision, name)
    row = await line.finding(meant.finding_id)
    assert (row["sla_state"], row["next_timer_at"]) == ("paused", None)
    (entry,) = await line.rows("SELECT actor, action, subject FROM audit")
    assert tuple(entry.values()) == ("head-of-security", "exception:began", "exception:fixtures")


@pytest.mark.parametrize("how", ["expired", "taken away", "narrowed"])
async def test_when_it_ends_the_findings_are_open_again_and_their_owners_are_told_once(line, apply_exceptions, how):
    findings = [found() for _ in range(3)]
    hold(line, exception())
    await line.apply(*findings)
    await apply_exceptions()
    ends = {
        "expired": [exception(days=0)],
        "taken away": [],
        "narrowed": [exception(selector={"path": "tests/other/**"})],
    }
    hold(line, *ends[how])
    assert await apply_exceptions() == 3
    assert await apply_exceptions() == 0
    for finding in findings:
        row = await line.finding(finding.finding_id)
        assert (row["decision"], row["sla_state"], row["paused_at"]) == ("open", "ok", None)
        assert await line.levels(finding.finding_id) == ["reopened"]
        assert await line.history(finding.finding_id) == ["opened", "decision"]


async def test_what_is_covered_before_an_exception_is_applied_opens_when_it_is_withdrawn(line, apply_exceptions):
    """Given one by API that has yet to spread, a finding that comes is excused at once, and not for ever."""
    base, finding = line.rules, found()
    line.rules = base.with_exemptions(Exemptions([exception()], {}, {"fixtures": datetime.now(UTC)}))
    assert await apply_exceptions() == 0
    await line.apply(finding)
    assert (await line.finding(finding.finding_id))["decision"] == "excepted"
    line.rules = base
    assert await apply_exceptions() == 1
    assert (await line.finding(finding.finding_id))["decision"] == "open"


async def test_what_was_decided_by_the_old_exceptions_meanwhile_is_looked_at_again(line, apply_exceptions, monkeypatch):
    """Given a chunk that was decided before a new exception and committed after it, it is excused soon after."""
    monkeypatch.setattr("sluice_risk_index.application.apply_exceptions._SPREAD", timedelta(0))
    old, finding = line.rules, found()
    hold(line, exception())
    assert await apply_exceptions() == 0
    new, line.rules = line.rules, old
    await line.apply(finding)
    line.rules = new
    assert await apply_exceptions() == 1
    assert await apply_exceptions() == 0
    assert (await line.finding(finding.finding_id))["decision"] == "excepted"


async def test_another_process_that_starts_later_finds_what_ended_meanwhile(line, apply_exceptions):
    finding = found()
    hold(line, exception())
    await line.apply(finding)
    await apply_exceptions()
    hold(line)
    fresh = ApplyExceptions(line.database, FacetBook(), lambda: line.rules, lambda: None)
    assert await fresh() == 1
    assert await line.levels(finding.finding_id) == ["reopened"]


async def test_when_a_finding_gets_worse_than_the_exception_allows_it_is_open_again(line):
    hold(line, exception(selector={"path": "tests/**", "class": ["attend"]}))
    finding = found()
    await line.apply(finding)
    assert (await line.finding(finding.finding_id))["decision"] == "excepted"
    worse = observation(severity=Severity.CRITICAL, location=IN_TESTS)
    await line.apply(updated(finding, severity=Severity.CRITICAL, observations=[worse]))
    row = await line.finding(finding.finding_id)
    assert (row["risk_class"], row["decision"]) == ("act", "open")
    assert await line.levels(finding.finding_id) == ["reopened"]


async def test_it_holds_when_the_finding_comes_back(line):
    hold(line, exception())
    finding = found()
    await line.apply(finding)
    gone = resolved(finding)
    await line.apply(gone)
    await line.apply(reopened(gone))
    assert (await line.finding(finding.finding_id))["decision"] == "excepted"


async def test_the_gate_honours_it(line):
    hold(line, exception())
    await line.apply(found(refs=["feature"]), scans=[scan("main"), scan("feature")])
    report = await JudgeGate(line.database, lambda: line.rules)(
        principal(Scope.READ), asset=SHOP, ref="feature", base=None
    )
    assert (report.answer.verdict, report.excused) == ("pass", {"excepted": 1})


async def test_orphans_are_reported_and_days_left_counted(line, apply_exceptions):
    line.rules = in_force(known=catalogue())
    entries = [
        exception(),
        exception("nothing", selector={"path": "gone/**"}, days=9),
        exception("past", days=-1),
        exception("soon", since=-3, review=TODAY + timedelta(days=3)),
    ]
    hold(line, *entries)
    await line.apply(found(), found())
    await apply_exceptions()
    listing = ListExceptions(line.database, lambda: line.rules)
    listed = {status.entry.id: status for status in await listing(principal(Scope.READ))}
    assert {name: status.state for name, status in listed.items()} == {
        "fixtures": "active", "nothing": "active", "past": "expired", "soon": "pending",
    }  # fmt: skip
    assert [name for name, status in listed.items() if status.orphaned] == ["nothing"]
    assert (listed["fixtures"].findings, listed["fixtures"].days_left) == ({"checkout": 2}, 5)
    await listing.measure()
    assert metrics.EXCEPTIONS_ACTIVE.labels("checkout")._value.get() == 1
    assert metrics.EXCEPTIONS_BY_DAYS_LEFT.labels("7")._value.get() == 1
    assert metrics.EXCEPTIONS_BY_DAYS_LEFT.labels("30")._value.get() == 2
    assert metrics.EXCEPTIONS_ORPHANED._value.get() == 1
    stranger = principal(Scope.READ, assets=("repo:github.com/other/*",))
    assert await listing(stranger) == []


FILE = f"""\
kind: exception
id: shipped-nowhere
selector: {{path: "tests/**"}}
reason: it is not shipped
controls: [it runs nowhere]
requester: mira
approver: head-of-security
created: {TODAY - timedelta(days=1)}
review: {TODAY}
expires: {TODAY + timedelta(days=9)}
"""


async def test_files_are_followed_and_a_bad_one_keeps_the_last_good_one(line, make_settings, tmp_path):
    (tmp_path / "config" / "exceptions").mkdir(parents=True)
    file = tmp_path / "config" / "exceptions" / "a.yaml"
    await line.apply(found())
    app = build(make_settings(config_dir=tmp_path / "config"))
    (watched,) = [w for w in app.state.runtime.watched if w.name == "exceptions"]
    watched._interval = 0.1
    async with running_app(app) as client:

        async def covered():
            return [(i["id"], i["findings"]) for i in (await client.get("/v1/exceptions")).json()["items"]]

        assert await covered() == []
        file.write_text(FILE)
        await eventually_is(covered, [("shipped-nowhere", 1)])
        file.write_text(FILE.replace("approver: head-of-security", "approver: mira"))
        await eventually(lambda: watched.problem is not None)
        await eventually_is(covered, [("shipped-nowhere", 1)])
        file.unlink()
        await eventually_is(covered, [])
        await eventually_is(lambda: decisions_of(client), ["open"])


async def decisions_of(client):
    return [item["decision"] for item in (await client.get("/v1/findings")).json()["items"]]


async def eventually_is(ask, wanted):
    async with asyncio.timeout(10):
        while await ask() != wanted:  # noqa: ASYNC110 - what is asked is another process' state
            await asyncio.sleep(0.05)
