"""Deliveries are taken when they are signed, fresh, and about an asset of their source."""

import base64
import gzip
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from tests.integration.ingest.ingest_kit import ASSET, Ingest, running, until_async

from sluice_ingest.settings import Settings

SECRET = "the secret of the source"
STANDARD = b"0123456789abcdef0123456789abcdef"
BODY = json.dumps({"repository": {"full_name": "acme/shop"}, "branch": "main", "results": []}).encode()

SOURCES = """
sources:
  - name: plain
    secret_file: plain.secret
    asset: repo:github.com/acme/shop
    scanner: trivy
    category: nightly
    delivery_id_header: X-Delivery
  - name: timed
    secret_env: SLUICE_TEST_WEBHOOK_SECRET
    timestamp_header: X-Timestamp
    asset: repo:github.com/{/repository/full_name}
    ref: "{/branch}"
    assets: ["repo:github.com/acme/*"]
  - name: standard
    signature: standard-webhooks
    secret_env: SLUICE_TEST_STANDARD_SECRET
    asset_pointer: /asset
    complete: false
  - name: unset
    secret_env: SLUICE_TEST_NOT_SET
    asset: repo:github.com/acme/shop
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "sources.yaml").write_text(SOURCES)
    (folder / "plain.secret").write_text(SECRET + "\n")
    monkeypatch.setenv("SLUICE_TEST_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("SLUICE_TEST_STANDARD_SECRET", "whsec_" + base64.b64encode(STANDARD).decode())
    return folder


@pytest.fixture
async def ingest(make: Callable[..., Settings], config: Path) -> AsyncIterator[Ingest]:
    async with running(make(config_dir=config)) as service:
        yield service


def signed(body: bytes, prefix: bytes = b"", secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), prefix + body, hashlib.sha256).hexdigest()


async def deliver(ingest: Ingest, source: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    # A sender has no token.
    async with httpx.AsyncClient(base_url=ingest.url) as sender:
        return await sender.post(f"/v1/webhooks/{source}", content=body, headers=headers)


def plain(body: bytes = BODY, delivery: str = "d-1") -> dict[str, str]:
    return {"X-Sluice-Signature-256": signed(body), "X-Delivery": delivery}


def timed(body: bytes = BODY, age: float = 0) -> dict[str, str]:
    stamp = str(int(time.time() - age))
    return {"X-Timestamp": stamp, "X-Sluice-Signature-256": signed(body, f"{stamp}.".encode())}


def standard(body: bytes, message: str = "msg_1", age: float = 0, key: bytes = STANDARD) -> dict[str, str]:
    stamp = str(int(time.time() - age))
    digest = hmac.new(key, f"{message}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signatures = f"v1a,AAAA v1,{base64.b64encode(b'x' * 32).decode()} v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": message, "webhook-timestamp": stamp, "webhook-signature": signatures}


async def test_a_signed_delivery_is_a_report_of_the_source(ingest: Ingest) -> None:
    response = await deliver(ingest, "generic/plain", BODY, plain())
    assert response.status_code == 202, response.text
    assert response.headers["location"] == response.json()["status_url"]
    report = await ingest.report(response.json()["report_id"])
    assert (report["asset"], report["scanner"], report["category"]) == (ASSET, "trivy", "nightly")
    assert report["source"] == "webhook:generic/plain"


async def test_asset_and_ref_come_from_the_body(ingest: Ingest) -> None:
    response = await deliver(ingest, "generic/timed", BODY, timed())
    report = await ingest.report(response.json()["report_id"])
    assert (report["asset"], report["ref"]) == (ASSET, "main")


async def test_standard_webhooks(ingest: Ingest) -> None:
    body = json.dumps({"asset": ASSET}).encode()
    response = await deliver(ingest, "generic/standard", body, standard(body))
    report = await ingest.report(response.json()["report_id"])
    assert (report["asset"], report["complete"]) == (ASSET, False)


async def test_the_signature_covers_what_is_on_the_wire(ingest: Ingest) -> None:
    body = gzip.compress(BODY)
    response = await deliver(ingest, "generic/timed", body, {**timed(body), "Content-Encoding": "gzip"})
    assert response.status_code == 202
    assert (await ingest.report(response.json()["report_id"]))["body_bytes"] == len(BODY)


async def test_a_wrong_signature_is_refused(ingest: Ingest) -> None:
    body = json.dumps({"asset": ASSET}).encode()
    for source, headers in (
        ("plain", {**plain(), "X-Sluice-Signature-256": signed(BODY, secret="another")}),
        ("plain", {**plain(), "X-Sluice-Signature-256": signed(BODY + b" ")}),
        ("plain", {**plain(), "X-Sluice-Signature-256": "sha256=nonsense"}),
        ("plain", {**plain(), "X-Sluice-Signature-256": "sha256="}),
        ("timed", {**timed(), "X-Timestamp": str(int(time.time()) - 1)}),
        ("standard", standard(body, key=b"another")),
    ):
        sent = body if source == "standard" else BODY
        response = await deliver(ingest, f"generic/{source}", sent, headers)
        assert (response.status_code, response.json()["code"]) == (401, "signature_wrong"), headers
    assert (await ingest.http.get("/v1/reports")).json()["items"] == []


async def test_a_missing_signature_is_refused(ingest: Ingest) -> None:
    for source in ("plain", "timed", "standard"):
        response = await deliver(ingest, f"generic/{source}", BODY, {})
        assert (response.status_code, response.json()["code"]) == (401, "signature_missing")


async def test_an_old_delivery_is_refused(ingest: Ingest) -> None:
    body = json.dumps({"asset": ASSET}).encode()
    for response in (
        await deliver(ingest, "generic/timed", BODY, timed(age=301)),
        await deliver(ingest, "generic/timed", BODY, timed(age=-302)),
        await deliver(ingest, "generic/standard", body, standard(body, age=301)),
        await deliver(ingest, "generic/standard", body, {**standard(body), "webhook-timestamp": "soon"}),
    ):
        assert (response.status_code, response.json()["code"]) == (401, "timestamp_refused")


async def test_a_replayed_delivery_is_taken_once(ingest: Ingest) -> None:
    body = json.dumps({"asset": ASSET}).encode()
    for source, sent, headers in (
        ("plain", BODY, plain()),
        ("timed", BODY, timed()),
        ("standard", body, standard(body)),
    ):
        first = (await deliver(ingest, f"generic/{source}", sent, headers)).json()
        await ingest.sql("UPDATE report SET status = 'indexed', due_at = NULL WHERE true RETURNING id")
        again = (await deliver(ingest, f"generic/{source}", sent, headers)).json()
        assert again == {**first, "duplicate": True}


async def test_another_body_under_the_same_delivery_id_is_a_conflict(ingest: Ingest) -> None:
    await deliver(ingest, "generic/plain", BODY, plain())
    response = await deliver(ingest, "generic/plain", b"other", plain(b"other"))
    assert (response.status_code, response.json()["code"]) == (409, "key_reused")
    assert (await deliver(ingest, "generic/plain", b"other", plain(b"other", "d-2"))).status_code == 202


async def test_an_asset_that_the_source_may_not_speak_for_is_refused(ingest: Ingest) -> None:
    body = json.dumps({"repository": {"full_name": "evil/shop"}, "branch": "main"}).encode()
    response = await deliver(ingest, "generic/timed", body, timed(body))
    assert (response.status_code, response.json()["code"]) == (403, "foreign_asset")
    assert "repo:github.com/acme/*" in response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"no json", "payload_unusable"),
        (b'{"branch": "main"}', "payload_unusable"),
        (b'{"branch": "main", "repository": {"full_name": {}}}', "payload_unusable"),
        (b'{"branch": "main", "repository": {"full_name": "acme shop"}}', "bad_asset"),
        (b"[" * 100_000, "payload_unusable"),
        (b"", "empty_body"),
    ],
)
async def test_a_body_that_does_not_name_its_asset(ingest: Ingest, body: bytes, code: str) -> None:
    response = await deliver(ingest, "generic/timed", body, timed(body))
    assert response.json()["code"] == code


async def test_who_is_not_known_or_not_set_up(ingest: Ingest) -> None:
    response = await deliver(ingest, "gitlost/plain", BODY, plain())
    assert (response.status_code, response.json()["code"]) == (404, "unknown_provider")
    assert "generic" in response.json()["providers"]
    response = await deliver(ingest, "generic/nobody", BODY, plain())
    assert (response.status_code, response.json()["code"]) == (404, "unknown_source")
    response = await deliver(ingest, "generic/unset", BODY, plain())
    assert (response.status_code, response.json()["code"]) == (503, "source_not_ready")
    assert "SLUICE_TEST_NOT_SET" in response.json()["detail"]


async def test_a_changed_file_acts_without_a_restart_and_a_bad_one_changes_nothing(
    ingest: Ingest, config: Path
) -> None:
    async def answers(source: str, status: int) -> bool:
        return (await deliver(ingest, f"generic/{source}", BODY, plain(delivery=source))).status_code == status

    assert await answers("renamed", 404)
    (config / "sources.yaml").write_text(SOURCES.replace("name: plain", "name: renamed"))
    await until_async(lambda: answers("renamed", 202), within=8)
    (config / "sources.yaml").write_text("sources: [{name: BAD NAME}]")

    async def is_reported() -> bool:
        return (await ingest.http.get("/readyz")).json()["checks"]["config"]["status"] == "outdated"

    await until_async(is_reported, within=8)
    assert await answers("renamed", 202)
