import base64
import hashlib
import hmac
from typing import ClassVar

from tests.integration.notifier.channels.kit import HttpChannelKit
from tests.unit.notifier import samples

from sluice_notifier.channels.webhook import WebhookBody

KEY = b"0123456789abcdef0123456789abcdef"


class TestWebhook(HttpChannelKit):
    channel = "webhook"
    secrets: ClassVar = {"secret": "whsec_" + base64.b64encode(KEY).decode(), "token": "bearer-0123456789"}
    plain: ClassVar = {"url": "{url}/hook"}

    async def test_the_signature_is_that_of_standard_webhooks(self, server, deliver, message):
        await deliver(message)
        (request,) = server.requests
        signed = f"{message.idempotency_key}.{int(samples.NOW.timestamp())}.".encode() + request.body
        expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        assert request.headers["webhook-signature"] == f"v1,{expected}"
        assert request.headers["webhook-timestamp"] == str(int(samples.NOW.timestamp()))
        assert request.headers["authorization"] == "Bearer bearer-0123456789"

    async def test_a_second_attempt_sends_the_same_under_the_same_key(self, server, deliver, message):
        await deliver(message)
        await deliver(message, attempt=2)
        first, second = server.requests
        assert first.body == second.body
        for header in ("webhook-id", "idempotency-key"):
            assert first.headers[header] == second.headers[header] == message.idempotency_key

    async def test_the_body_says_the_level_and_all_alerts(self, server, deliver):
        alerts = [samples.alert("warned", score=score) for score in (10, 90, 50)]
        await deliver(samples.message(*alerts))
        body = server.requests[0].json
        assert (body["level"], body["levels"], body["team"]) == ("warned", {"warned": 3}, "payments")
        assert [item["score"] for item in body["alerts"]] == [90, 50, 10]
        assert body["more"] == 0
        assert WebhookBody.model_validate(body).total == 3
