"""What every channel has to do alike. A channel's test is a subclass that names it and gives its options."""

import asyncio
import json
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, ClassVar

import pytest
from tests.integration.notifier.servers import HttpServer, Reply
from tests.unit.notifier import samples

from sluice_notifier.channels import registry
from sluice_notifier.channels.kit import HttpClient, Tools, scrub
from sluice_notifier.domain.message import MessageKind, Ticket
from sluice_notifier.domain.outcome import Final, Receipt, Retryable
from sluice_shared.contracts.events import AlertLevel, Contact
from sluice_shared.embedded import free_port

HOSTILE = (
    '<!channel> & "quoted" *bold* `code` </b><script>alert(1)</script>\r\nBcc: x@evil.io\x00\u202e | > ]' + "é" * 400
)
TICKET = Ticket(key="0123456789abcdef", findings=1, findings_open=1)


def messages_of_every_kind():
    for level in AlertLevel:
        yield f"level {level}", samples.message(samples.alert(level.value), ticket=TICKET)
    every_level = [samples.alert(level.value) for level in AlertLevel]
    yield "all levels", samples.message(*every_level, ticket=TICKET)
    bare = samples.alert(
        fix_action=None, due_at=None, url=None, location=None, rule_id=None, identifiers=[], scanners=(), title="x"
    )
    yield "next to nothing known", samples.message(bare, ticket=TICKET)
    hostile = samples.alert(
        title=HOSTILE, asset="repo:" + "x" * 500, fix_action=HOSTILE, location=HOSTILE, rule_id=HOSTILE, team="a<b>&c",
        identifiers=[HOSTILE] * 10, scanners=[HOSTILE], url='https://x.io/?a=<b>|c&d="e"',
    )  # fmt: skip
    yield "hostile text", samples.message(hostile, ticket=TICKET)
    many = [samples.alert(title=HOSTILE, score=float(n % 100)) for n in range(500)]
    yield "far too many", samples.message(*many, total=40_000, ticket=TICKET)
    yield "digest", samples.message(*every_level, kind=MessageKind.DIGEST)
    yield "test", samples.message(kind=MessageKind.TEST)


EVERY_KIND = [pytest.param(message, id=name) for name, message in messages_of_every_kind()]


class ChannelKit:
    """For a channel of any sort. ``secrets`` are written to the environment, ``plain`` options as they are.

    In both ``{url}`` stands for the server's address.
    """

    channel: str
    secrets: ClassVar[dict[str, str]] = {}
    plain: ClassVar[dict[str, Any]] = {}

    @pytest.fixture
    def message(self):
        return samples.message(ticket=TICKET)

    @pytest.fixture
    async def http(self):
        client = HttpClient()
        yield client
        await client.close()

    def build_options(self, monkeypatch, url, **more):
        given = json.loads(json.dumps(self.plain).replace("{url}", url)) | more
        for name, value in self.secrets.items():
            monkeypatch.setenv(f"TEST_{name.upper()}", value.replace("{url}", url))
            given[f"{name}_env"] = f"TEST_{name.upper()}"
        return registry()[self.channel].options.model_validate(given)

    def secret_values(self, url):
        return [value.replace("{url}", url) for value in self.secrets.values()]


class HttpChannelKit(ChannelKit):
    """For a channel that speaks HTTP."""

    @pytest.fixture
    def server(self):
        with HttpServer() as server:
            yield server

    @pytest.fixture
    def deliver(self, server, http, monkeypatch):
        async def deliver(message, *, attempt=1, now=samples.NOW, url=None, **options):
            read = self.build_options(monkeypatch, url or server.url, **({"allow_private": True} | options))
            self.options = read
            receipt = await registry()[self.channel].deliver(message, read, Tools(http, now, attempt))
            assert isinstance(receipt, Receipt)
            return receipt

        return deliver

    @pytest.mark.parametrize("message", EVERY_KIND)
    async def test_every_kind_of_message_is_taken(self, deliver, server, message):
        await deliver(message)
        assert server.requests

    @pytest.mark.parametrize(
        ("status", "error", "reason"),
        [
            (301, Final, "invalid_request"),
            (307, Final, "invalid_request"),
            (400, Final, "invalid_request"),
            (401, Final, "auth"),
            (403, Final, "auth"),
            (404, Final, "not_found"),
            (405, Final, "invalid_request"),
            (408, Retryable, "timeout"),
            (410, Final, "not_found"),
            (413, Final, "too_large"),
            (422, Final, "invalid_request"),
            (425, Retryable, "unavailable"),
            (429, Retryable, "rate_limited"),
            (500, Retryable, "unavailable"),
            (501, Final, "invalid_request"),
            (502, Retryable, "unavailable"),
            (503, Retryable, "unavailable"),
            (504, Retryable, "timeout"),
            (529, Retryable, "unavailable"),
        ],
    )
    async def test_a_status_means_the_same_everywhere(self, deliver, server, message, status, error, reason):
        server.fixed = Reply(status, headers={"Location": server.url + "/elsewhere"})
        with pytest.raises(error) as raised:
            await deliver(message)
        assert raised.value.reason == reason
        assert len(server.requests) == 1

    @pytest.mark.parametrize("header", ["120", format_datetime(samples.NOW + timedelta(seconds=120), usegmt=True)])
    async def test_it_leaves_a_provider_alone_for_as_long_as_it_asks(self, deliver, server, message, header):
        server.fixed = Reply(429, headers={"Retry-After": header})
        with pytest.raises(Retryable) as raised:
            await deliver(message)
        assert raised.value.after == timedelta(seconds=120)

    async def test_a_provider_that_does_not_answer_is_tried_again(self, deliver, server, message):
        server.fixed = Reply(delay=1.0)
        began = asyncio.get_running_loop().time()
        with pytest.raises(Retryable) as raised:
            await deliver(message, timeout=0.2)
        assert raised.value.reason == "timeout"
        assert asyncio.get_running_loop().time() - began < 0.9

    async def test_a_provider_that_is_down_is_tried_again(self, deliver, message):
        with pytest.raises(Retryable) as raised:
            await deliver(message, url=f"http://127.0.0.1:{free_port()}")
        assert raised.value.reason == "connection"

    async def test_a_name_that_is_not_known_is_tried_again(self, deliver, message):
        with pytest.raises(Retryable) as raised:
            await deliver(message, url="http://no-such-host.invalid")
        assert raised.value.reason == "connection"

    async def test_an_address_inside_is_refused_unless_allowed(self, deliver, server, message):
        with pytest.raises(Final) as raised:
            await deliver(message, allow_private=False)
        assert raised.value.reason == "blocked_url"
        assert server.requests == []

    async def test_no_secret_is_in_an_error(self, deliver, server, message):
        server.fixed = Reply(400, echo=True)
        with pytest.raises(Final) as raised:
            await deliver(message)
        shown = scrub(raised.value.detail, self.options)
        for secret in self.secret_values(server.url):
            assert secret not in shown
            assert secret.removeprefix(server.url) not in shown

    async def test_a_secret_that_is_not_set_is_waited_for(self, deliver, monkeypatch, message):
        real = self.build_options

        def without_environment(patch, url, **more):
            options = real(patch, url, **more)
            for name in self.secrets:
                patch.delenv(f"TEST_{name.upper()}")
            return options

        monkeypatch.setattr(self, "build_options", without_environment)
        with pytest.raises(Retryable) as raised:
            await deliver(message)
        assert raised.value.reason == "auth"
        assert "TEST_" in raised.value.detail


NOBODY = Contact()
