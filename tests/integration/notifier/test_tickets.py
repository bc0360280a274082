from datetime import timedelta
from uuid import uuid4

import pytest
from tests.integration.notifier.servers import Reply
from tests.unit.notifier import samples


@pytest.fixture
def tickets(house, jira):
    house.configure(
        f"""
receivers:
- name: jira
  jira:
    url: {jira.url}
    email: sluice@acme.io
    token_env: TEST_JIRA_TOKEN
    project: SEC
    allow_private: true
    when_closed_early: reopen
route: {{receiver: jira, group_wait: 0s, group_interval: 0s}}
"""
    )
    return house


async def test_one_ticket_for_all_findings_that_one_action_ends(tickets, jira):
    upgrade = "upgrade openssl to 3.0.13"
    await tickets.take(*(samples.alert(level, fix_action=upgrade) for level in ("warned", "breached", "opened")))
    await tickets.deliver()
    assert [issue["fields"]["summary"] for issue in jira.created] == [f"{upgrade} in repo:github.com/acme/shop"]
    await tickets.take(
        samples.alert(fix_action=upgrade), samples.alert(fix_action=upgrade, asset="repo:github.com/acme/other")
    )
    await tickets.deliver()
    assert sorted(jira.issues) == ["SEC-1", "SEC-2"]
    assert len(jira.comments("SEC-1")) == 1
    (row,) = await tickets.rows("SELECT ref, status, done FROM ticket WHERE ref = 'SEC-1'")
    assert tuple(row) == ("SEC-1", "To Do", False)
    assert {row["ticket_ref"] for row in await tickets.deliveries()} == {"SEC-1", "SEC-2"}


async def test_findings_without_a_known_fix_get_tickets_of_their_own(tickets, jira):
    await tickets.take(samples.alert(fix_action=None), samples.alert(fix_action=None))
    await tickets.deliver()
    assert len(jira.created) == 2


async def test_a_ticket_is_done_with_its_last_finding(tickets, jira):
    first, second = uuid4(), uuid4()
    await tickets.take(samples.alert(finding_id=first), samples.alert(finding_id=second))
    await tickets.deliver()
    later = samples.NOW + timedelta(hours=1)
    await tickets.take(samples.alert("resolved", finding_id=first, raised_at=later))
    await tickets.deliver(wait=60)
    assert jira.status("SEC-1") == "To Do"
    await tickets.take(samples.alert("resolved", finding_id=second, raised_at=later))
    await tickets.deliver(wait=60)
    assert jira.status("SEC-1") == "Done"
    (row,) = await tickets.rows("SELECT status, done FROM ticket")
    assert tuple(row) == ("Done", True)


async def test_a_finding_that_comes_back_reopens_its_ticket(tickets, jira):
    finding = uuid4()
    await tickets.take(samples.alert(finding_id=finding))
    await tickets.deliver()
    await tickets.take(samples.alert("resolved", finding_id=finding, raised_at=samples.NOW + timedelta(hours=1)))
    await tickets.deliver(wait=60)
    back = samples.alert("reopened", finding_id=finding, clock=1, raised_at=samples.NOW + timedelta(hours=2))
    await tickets.take(back)
    await tickets.deliver(wait=60)
    assert jira.status("SEC-1") == "To Do"
    assert len(jira.created) == 1


async def test_a_finding_stays_with_its_ticket_when_another_fix_is_proposed(tickets, jira):
    finding = uuid4()
    await tickets.take(samples.alert("warned", finding_id=finding, fix_action="upgrade x to 1.2"))
    await tickets.deliver()
    await tickets.take(samples.alert("breached", finding_id=finding, fix_action="upgrade x to 1.3"))
    await tickets.deliver(wait=60)
    assert len(jira.created) == 1
    assert "upgrade x to 1.3" in jira.comments("SEC-1")[0]


async def test_a_ticket_is_opened_once_although_the_search_lags_behind(tickets, jira):
    jira.is_indexed = False
    for level in ("warned", "breached", "escalated"):
        await tickets.take(samples.alert(level))
        await tickets.deliver(wait=60)
    assert len(jira.created) == 1


async def test_an_answer_that_was_lost_opens_no_second_ticket(tickets, jira):
    real = jira.respond

    def create_but_hang_up(request):
        reply = real(request)
        return Reply(502) if request.path.endswith("/issue") else reply

    jira.respond = create_but_hang_up
    await tickets.take(samples.alert())
    await tickets.deliver()
    assert (len(jira.created), await tickets.states()) == (1, ["due"])
    jira.respond = real
    await tickets.deliver(wait=60)
    assert (len(jira.created), await tickets.states()) == (1, ["sent"])
    assert jira.comments("SEC-1") == []


async def test_a_ticket_that_people_closed_too_early_is_noticed(tickets, jira):
    await tickets.take(samples.alert())
    await tickets.deliver()
    jira.move("SEC-1", "Done")
    assert await tickets.reconcile() == 0
    tickets.clock.forward(minutes=6)
    assert await tickets.reconcile() == 1
    assert jira.status("SEC-1") == "To Do"
    assert "too early" in jira.comments("SEC-1")[0]
    jira.move("SEC-1", "In Progress")
    tickets.clock.forward(minutes=6)
    await tickets.reconcile()
    (delivery,) = await tickets.deliveries()
    assert delivery["ticket_status"] == "In Progress"


async def test_a_tracker_that_is_away_is_asked_again_later(tickets, jira):
    await tickets.take(samples.alert())
    await tickets.deliver()
    jira.fixed = Reply(503)
    tickets.clock.forward(minutes=6)
    assert await tickets.reconcile() == 1
    assert await tickets.reconcile() == 0
    jira.fixed = None
    jira.move("SEC-1", "In Progress")
    tickets.clock.forward(minutes=6)
    await tickets.reconcile()
    (row,) = await tickets.rows("SELECT status FROM ticket")
    assert row["status"] == "In Progress"
