import json
from typing import ClassVar

import pytest
from tests.integration.notifier.channels.kit import NOBODY, TICKET, HttpChannelKit
from tests.integration.notifier.servers import JiraServer
from tests.unit.notifier import samples

from sluice_notifier.channels import registry
from sluice_notifier.channels.kit import Tools
from sluice_notifier.domain.message import Ticket
from sluice_notifier.domain.outcome import Final

RESOLVED = TICKET.model_copy(update={"findings_open": 0})


def known(ref, *, still_open=1):
    return TICKET.model_copy(update={"ref": ref, "findings_open": still_open})


class TestJira(HttpChannelKit):
    channel = "jira"
    secrets: ClassVar = {"token": "ATATT-0123456789"}
    plain: ClassVar = {"url": "{url}", "email": "sluice@acme.io", "project": "SEC"}

    @pytest.fixture
    def server(self):
        with JiraServer() as server:
            yield server

    @pytest.fixture
    def inspect(self, server, http, monkeypatch):
        async def inspect(ticket, *, was_done=False, **options):
            read = self.build_options(monkeypatch, server.url, allow_private=True, **options)
            return await registry()["jira"].inspect(ticket, was_done, read, Tools(http, samples.NOW))

        return inspect

    async def test_a_ticket_says_what_to_do_and_where(self, server, deliver, message):
        receipt = await deliver(message, labels=["security"])
        assert receipt.ticket.ref == "SEC-1"
        assert receipt.ticket.url == f"{server.url}/browse/SEC-1"
        assert (receipt.ticket.status, receipt.ticket.done) == ("To Do", False)
        fields = server.issues["SEC-1"]["fields"]
        assert fields["summary"] == "bind the parameter in repo:github.com/acme/shop"
        assert fields["labels"] == ["sluice", f"sluice-{TICKET.key}", "security"]
        assert "SQL injection" in json.dumps(fields["description"])

    async def test_the_project_may_be_the_team_s_own(self, deliver, message):
        receipt = await deliver(message, project=None)
        assert receipt.ticket.ref == "PAY-1"

    async def test_without_a_project_it_is_final(self, deliver):
        with pytest.raises(Final) as raised:
            await deliver(samples.message(samples.alert(contact=NOBODY), ticket=TICKET), project=None)
        assert raised.value.reason == "invalid_request"

    async def test_a_ticket_is_found_before_one_is_created(self, server, deliver, message):
        await deliver(message)
        again = await deliver(message, attempt=2)
        assert again.ticket.ref == "SEC-1"
        assert len(server.created) == 1
        assert server.comments("SEC-1") == []

    async def test_a_known_ticket_is_not_searched_for_in_an_index_that_lags(self, server, deliver, message):
        await deliver(message)
        searches, server.is_indexed = server.searches, False
        await deliver(samples.message(samples.alert("escalated"), ticket=known("SEC-1")))
        assert len(server.created) == 1
        assert server.searches == searches

    async def test_a_change_of_level_is_a_comment_and_only_one(self, server, deliver, message):
        await deliver(message)
        escalated = samples.message(samples.alert("escalated"), ticket=known("SEC-1"))
        await deliver(escalated)
        await deliver(escalated, attempt=2)
        (comment,) = server.comments("SEC-1")
        assert "ESCALATED".casefold() in comment.casefold()

    async def test_a_ticket_ends_when_all_its_findings_are_resolved(self, server, deliver, message):
        await deliver(message)
        one_left = samples.message(samples.alert("resolved"), ticket=known("SEC-1", still_open=1))
        assert not (await deliver(one_left)).ticket.done
        none_left = samples.message(samples.alert("resolved"), ticket=known("SEC-1", still_open=0))
        receipt = await deliver(none_left)
        assert (receipt.ticket.status, receipt.ticket.done) == ("Done", True)
        assert server.status("SEC-1") == "Done"

    async def test_what_is_resolved_already_opens_no_ticket(self, server, deliver):
        receipt = await deliver(samples.message(samples.alert("resolved"), ticket=RESOLVED))
        assert receipt.ticket is None
        assert server.created == []

    async def test_a_transition_that_is_not_there_is_final_and_named(self, deliver, message):
        await deliver(message)
        done = samples.message(samples.alert("resolved"), ticket=known("SEC-1", still_open=0))
        with pytest.raises(Final, match="no transition 'Closed' now; it has Move to In Progress, Move to Done"):
            await deliver(done, done_transition="Closed")

    async def test_a_deleted_ticket_is_opened_anew(self, deliver):
        receipt = await deliver(samples.message(ticket=known("SEC-99")))
        assert receipt.ticket.ref == "SEC-1"

    async def test_a_ticket_that_people_closed_too_early_is_reopened(self, server, deliver, inspect, message):
        await deliver(message)
        server.move("SEC-1", "Done")
        state = await inspect(known("SEC-1"), when_closed_early="reopen", reopen_transition="To Do")
        assert (state.status, state.done) == ("To Do", False)
        assert "too early" in server.comments("SEC-1")[0]

    async def test_or_only_remarked_on_once(self, server, deliver, inspect, message):
        await deliver(message)
        server.move("SEC-1", "Done")
        assert (await inspect(known("SEC-1"), when_closed_early="comment")).done
        assert (await inspect(known("SEC-1"), was_done=True, when_closed_early="comment")).done
        assert len(server.comments("SEC-1")) == 1

    async def test_or_only_recorded(self, server, deliver, inspect, message):
        await deliver(message)
        server.move("SEC-1", "Done")
        assert (await inspect(known("SEC-1"), when_closed_early="record")).done
        assert server.comments("SEC-1") == []

    async def test_a_ticket_that_was_closed_in_time_is_left_alone(self, server, deliver, inspect, message):
        await deliver(message)
        server.move("SEC-1", "Done")
        assert (await inspect(known("SEC-1", still_open=0), when_closed_early="reopen")).done
        assert server.comments("SEC-1") == []

    async def test_a_ticket_that_was_deleted_is_noted(self, inspect):
        state = await inspect(Ticket(key="k", ref="SEC-9", findings=1, findings_open=1))
        assert (state.status, state.done) == ("deleted", True)

    async def test_a_token_without_an_account_is_a_bearer_s(self, server, deliver, message):
        await deliver(message, email=None)
        assert server.requests[0].headers["authorization"] == "Bearer ATATT-0123456789"
