"""Signatures are those of the published examples, and every change to what is signed shows."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_ingest.domain.providers import PROVIDERS
from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.source import Signature, Source

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GENERIC = PROVIDERS["generic"]
PLAIN = Source(name="a", secret_env="A", asset="repo:github.com/acme/shop")
STANDARD = Source(name="s", secret_env="A", asset="repo:github.com/acme/shop", signature=Signature.STANDARD_WEBHOOKS)


def reason(call: object, *args: object) -> Refusal:
    with pytest.raises(Refused) as refused:
        call(*args)  # type: ignore[operator]
    return refused.value.reason


def test_the_published_example_of_standard_webhooks() -> None:
    # From the specification's test vectors.
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    sent = datetime.fromtimestamp(1614265330, UTC)
    delivery = GENERIC.open(STANDARD, b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", headers, sent)
    delivery.update(b'{"test": 2432232314}')
    delivery.verify()
    assert delivery.delivery_id == "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_the_published_example_of_a_plain_hmac() -> None:
    # GitHub's documentation, "Validating webhook deliveries".
    source = PLAIN.model_copy(update={"header": "X-Hub-Signature-256"})
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    delivery = GENERIC.open(source, b"It's a Secret to Everybody", {"x-hub-signature-256": signature}, NOW)
    delivery.update(b"Hello, World!")
    delivery.verify()


@given(st.binary(max_size=200), st.binary(max_size=200), st.binary(min_size=1, max_size=40))
def test_only_the_signed_body_is_taken_however_it_is_cut(body: bytes, other: bytes, secret: bytes) -> None:
    headers = {"x-sluice-signature-256": hmac.new(secret, body, hashlib.sha256).hexdigest()}
    delivery = GENERIC.open(PLAIN, secret, headers, NOW)
    for at in range(0, len(other), 7):
        delivery.update(other[at : at + 7])
    if body == other:
        delivery.verify()
    else:
        assert reason(delivery.verify) is Refusal.SIGNATURE_WRONG


def test_without_a_delivery_id_the_signature_over_time_and_body_names_the_delivery() -> None:
    source = PLAIN.model_copy(update={"timestamp_header": "X-Time"})
    stamp = str(int(NOW.timestamp()))
    digest = hmac.new(b"s", f"{stamp}.body".encode(), hashlib.sha256).hexdigest()
    spellings = (digest, f"sha256={digest}", f"sha256={digest.upper()}")
    headers = [{"x-time": stamp, "x-sluice-signature-256": text} for text in spellings]
    assert len({GENERIC.open(source, b"s", given, NOW).delivery_id for given in headers}) == 1


def test_the_tolerance_is_kept_both_ways() -> None:
    for off, taken in ((300, True), (-300, True), (301, False), (-301, False)):
        stamp = int(NOW.timestamp()) - off
        headers = {"webhook-id": "m", "webhook-timestamp": str(stamp), "webhook-signature": "v1,AAAA"}
        secret = b"whsec_" + base64.b64encode(b"k")
        if taken:
            GENERIC.open(STANDARD, secret, headers, NOW)
        else:
            assert reason(GENERIC.open, STANDARD, secret, headers, NOW) is Refusal.TIMESTAMP_REFUSED


@pytest.mark.parametrize("stamp", ["", "soon", "1e9", "9" * 40, "-" + "9" * 40])
def test_a_time_that_is_none(stamp: str) -> None:
    headers = {"webhook-id": "m", "webhook-timestamp": stamp, "webhook-signature": "v1,AAAA"}
    assert reason(GENERIC.open, STANDARD, b"whsec_aw==", headers, NOW) in {
        Refusal.TIMESTAMP_REFUSED,
        Refusal.SIGNATURE_MISSING,
    }


def test_a_secret_of_another_form_is_the_operators_fault() -> None:
    headers = {"webhook-id": "m", "webhook-timestamp": str(int(NOW.timestamp())), "webhook-signature": "v1,AAAA"}
    assert reason(GENERIC.open, STANDARD, b"whsec_not base64", headers, NOW) is Refusal.SOURCE_NOT_READY


def test_signatures_of_other_versions_do_not_count() -> None:
    stamp = str(int(NOW.timestamp()))
    digest = base64.b64encode(hmac.new(b"k", f"m.{stamp}.body".encode(), hashlib.sha256).digest()).decode()
    for text, good in ((f"v1,{digest}", True), (f"v1a,{digest}", False), (digest, False), ("v1,", False)):
        headers = {"webhook-id": "m", "webhook-timestamp": stamp, "webhook-signature": text}
        delivery = GENERIC.open(STANDARD, b"whsec_" + base64.b64encode(b"k"), headers, NOW)
        delivery.update(b"body")
        if good:
            delivery.verify()
        else:
            assert reason(delivery.verify) is Refusal.SIGNATURE_WRONG
