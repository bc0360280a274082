import ssl
from typing import ClassVar

import pytest
from tests.integration.notifier.channels.kit import EVERY_KIND, NOBODY, ChannelKit
from tests.integration.notifier.servers import SmtpServer
from tests.unit.notifier import samples

from sluice_notifier.channels import registry
from sluice_notifier.channels.kit import Tools, scrub
from sluice_notifier.domain.outcome import Final, Retryable
from sluice_shared.embedded import free_port

PASSWORD = "hunter2-hunter2"
# The test's server takes a password without TLS, which no real one should.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")


class TestEmail(ChannelKit):
    channel = "email"
    secrets: ClassVar = {"password": PASSWORD}
    plain: ClassVar = {
        "host": "127.0.0.1",
        "tls": "none",
        "username": "sluice",
        "sender": "Sluice <sluice@acme.io>",
        "timeout": 2,
    }

    @pytest.fixture
    def server(self):
        with SmtpServer(password=PASSWORD) as server:
            yield server

    @pytest.fixture
    def deliver(self, server, http, monkeypatch):
        async def deliver(message, *, attempt=1, **options):
            self.options = self.build_options(
                monkeypatch, "", **({"port": server.port, "to": ["sec@acme.io"]} | options)
            )
            return await registry()["email"].deliver(message, self.options, Tools(http, samples.NOW, attempt))

        return deliver

    @pytest.mark.parametrize("message", EVERY_KIND)
    async def test_every_kind_of_message_is_taken(self, deliver, server, message):
        await deliver(message)
        (mail,) = server.mails
        assert mail.recipients == ["sec@acme.io"]
        assert mail.content["Bcc"] is None
        assert len(mail.content["Subject"]) <= 200
        page = mail.content.get_body(("html",)).get_content()
        assert "<script" not in page
        assert mail.content.get_body(("plain",)).get_content().strip()

    @pytest.mark.parametrize(
        ("step", "reply", "error", "reason"),
        [
            ("DATA", "421 closing", Retryable, "unavailable"),
            ("DATA", "451 try later", Retryable, "unavailable"),
            ("DATA", "452 full", Retryable, "unavailable"),
            ("DATA", "550 policy", Final, "invalid_request"),
            ("DATA", "552 too big", Final, "too_large"),
            ("DATA", "554 spam", Final, "invalid_request"),
            ("RCPT", "450 busy", Retryable, "unavailable"),
            ("RCPT", "550 no such user", Final, "not_found"),
            ("RCPT", "530 authenticate first", Final, "auth"),
        ],
    )
    async def test_a_reply_is_for_now_or_for_good(self, deliver, server, message, step, reply, error, reason):
        server.replies[step] = reply
        with pytest.raises(error) as raised:
            await deliver(message)
        assert raised.value.reason == reason
        assert server.mails == []

    async def test_a_repeated_mail_can_be_recognised(self, deliver, server, message):
        await deliver(message)
        await deliver(message, attempt=2)
        first, second = (mail.content["Message-ID"] for mail in server.mails)
        assert first == second == f"<{message.idempotency_key}@acme.io>"

    async def test_a_wrong_password_is_final_and_not_shown(self, deliver, monkeypatch, message):
        monkeypatch.setattr(self, "secrets", {"password": "another-password"})
        with pytest.raises(Final) as raised:
            await deliver(message)
        assert raised.value.reason == "auth"
        assert "another-password" not in scrub(raised.value.detail, self.options)

    async def test_without_to_it_writes_to_the_teams(self, deliver, server, message):
        await deliver(message, to=[])
        assert server.mails[0].recipients == ["payments@acme.io"]

    async def test_without_anybody_to_write_to_it_is_final(self, deliver):
        with pytest.raises(Final) as raised:
            await deliver(samples.message(samples.alert(contact=NOBODY)), to=[])
        assert raised.value.reason == "not_found"
        assert "payments" in raised.value.detail

    async def test_one_refused_recipient_does_not_hold_up_the_others(self, deliver, server, message):
        server.replies["gone@acme.io"] = "550 no such user"
        receipt = await deliver(message, to=["gone@acme.io", "sec@acme.io"])
        assert server.mails[0].recipients == ["sec@acme.io"]
        assert "gone@acme.io" in receipt.note

    async def test_a_server_that_is_down_is_tried_again(self, deliver, message):
        with pytest.raises(Retryable) as raised:
            await deliver(message, port=free_port())
        assert raised.value.reason == "connection"

    async def test_a_server_that_does_not_greet_is_tried_again(self, deliver, message, silent_port):
        with pytest.raises(Retryable) as raised:
            await deliver(message, port=silent_port, timeout=0.2)
        assert raised.value.reason == "timeout"

    async def test_a_server_without_starttls_gets_no_password(self, deliver, server, message):
        with pytest.raises(Final) as raised:
            await deliver(message, tls="starttls")
        assert raised.value.reason == "tls"
        assert server.mails == []

    @pytest.mark.parametrize("mode", ["tls", "starttls"])
    async def test_a_certificate_that_nobody_vouches_for_is_refused(self, deliver, message, server_context, mode):
        with SmtpServer(context=server_context, tls=mode == "tls", password=PASSWORD) as server:
            with pytest.raises(Retryable) as raised:
                await deliver(message, tls=mode, port=server.port)
            assert raised.value.reason == "tls"
            assert server.mails == []

    @pytest.mark.parametrize("mode", ["tls", "starttls"])
    async def test_a_secure_server_takes_mail(self, deliver, message, server_context, authority, monkeypatch, mode):
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        assert ssl.create_default_context().get_ca_certs()
        with SmtpServer(context=server_context, tls=mode == "tls", password=PASSWORD) as server:
            await deliver(message, tls=mode, port=server.port, host="localhost")
            assert len(server.mails) == 1
