from typing import ClassVar

from tests.integration.notifier.channels.kit import EVERY_KIND, HttpChannelKit
from tests.unit.notifier import samples

from sluice_notifier.channels.slack import MAX_BLOCKS, MAX_HEADER, MAX_SECTION, MAX_TEXT


class TestSlack(HttpChannelKit):
    channel = "slack"
    secrets: ClassVar = {"url": "{url}/services/T000/B000/0123456789abcdef"}

    async def test_every_kind_of_message_keeps_within_slack_s_limits(self, server, deliver):
        for case in EVERY_KIND:
            server.requests.clear()
            await deliver(case.values[0], max_items=46)
            body = server.requests[0].json
            assert len(body["blocks"]) <= MAX_BLOCKS
            assert 0 < len(body["text"]) <= MAX_TEXT
            for block in body["blocks"]:
                texts = [block["text"]] if "text" in block else block["elements"]
                limit = MAX_HEADER if block["type"] == "header" else MAX_SECTION
                assert all(0 < len(text["text"]) <= limit for text in texts)

    async def test_nobody_can_be_mentioned_from_a_title(self, server, deliver):
        await deliver(samples.message(samples.alert(title="<!channel> <@U123> hello", url=None)))
        body = server.requests[0].json
        marked_up = [body["text"], *(b["text"]["text"] for b in body["blocks"] if b["type"] == "section")]
        assert all("<" not in text for text in marked_up)
        assert "&lt;!channel&gt;" in marked_up[1]

    async def test_what_is_not_shown_is_counted(self, server, deliver):
        alerts = [samples.alert(title=f"finding {n}") for n in range(12)]
        await deliver(samples.message(*alerts, total=47))
        assert any("… and 37 more" in str(block) for block in server.requests[0].json["blocks"])
