"""Every bad push is refused with a word on what to do, and leaves nothing behind."""

import gzip
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import zstandard
from tests.integration.ingest.ingest_kit import ASSET, Ingest, bearer, running

from sluice_ingest.metrics import REJECTED
from sluice_ingest.settings import Settings

REPORT = b'{"results": []}'
SMALL = 64 * 1024


@pytest.fixture
async def ingest(make: Callable[..., Settings]) -> AsyncIterator[Ingest]:
    async with running(make(max_wire_bytes=SMALL, max_body_bytes=4 * SMALL)) as service:
        yield service
        assert await service.sql("SELECT id FROM report") == []
        assert service.bodies == []


def check(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = dict(response.json())
    assert problem["code"] == code
    assert len(problem["detail"]) > 20
    assert REJECTED.labels(code)._value.get() >= 1
    return problem


async def test_an_empty_body(ingest: Ingest) -> None:
    check(await ingest.push(b""), 400, "empty_body")
    check(await ingest.push(gzip.compress(b""), headers={"Content-Encoding": "gzip"}), 400, "empty_body")


async def test_a_body_that_announces_too_much(ingest: Ingest) -> None:
    problem = check(await ingest.push(b"x" * (SMALL + 1)), 413, "body_too_large")
    assert problem["limit_bytes"] == SMALL


async def test_a_body_that_turns_out_too_large_on_the_wire(ingest: Ingest) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 4096

    response = await ingest.http.post("/v1/reports", params={"asset": ASSET}, content=endless())
    check(response, 413, "body_too_large")


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_a_body_that_is_too_large_after_decompression(ingest: Ingest, coding: str) -> None:
    body = _coded(b"x" * (4 * SMALL + 1), coding)
    check(await ingest.push(body, headers={"Content-Encoding": coding}), 413, "body_too_large")


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_a_bomb_is_stopped_long_before_it_is_unpacked(make: Callable[..., Settings], coding: str) -> None:
    bomb = _coded(b"\0" * 400_000_000, coding)
    async with running(make()) as ingest:
        response = await ingest.push(bomb, headers={"Content-Encoding": coding})
        check(response, 413, "body_expands_too_far")
        assert response.elapsed < timedelta(seconds=2)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_a_body_that_was_cut_short(ingest: Ingest, coding: str) -> None:
    body = _coded(bytes(range(256)) * 100, coding)[:-3]
    check(await ingest.push(body, headers={"Content-Encoding": coding}), 400, "body_incomplete")


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_a_body_that_is_not_what_its_coding_says(ingest: Ingest, coding: str) -> None:
    check(await ingest.push(REPORT, headers={"Content-Encoding": coding}), 400, "body_undecodable")


async def test_an_unknown_coding(ingest: Ingest) -> None:
    response = await ingest.push(REPORT, headers={"Content-Encoding": "br"})
    assert check(response, 415, "unknown_encoding")["supported"] == ["identity", "gzip", "zstd"]
    assert response.headers["accept-encoding"] == "identity, gzip, zstd"


async def test_a_client_that_goes_away_in_the_middle(ingest: Ingest) -> None:
    host, port = ingest.http.base_url.host, ingest.http.base_url.port
    with socket.create_connection((host, port or 80)) as connection:
        head = f"POST /v1/reports?asset={ASSET} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
        auth = ingest.http.headers["authorization"]
        connection.sendall(f"{head}Authorization: {auth}\r\n\r\n".encode() + b"x" * 500)
    assert (await ingest.http.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("asset", "says"),
    [
        (None, "?asset=repo:"),
        ("", "?asset=repo:"),
        ("github.com/acme/shop", "repo, image, host"),
        ("repo:", "repo:github.com/acme/shop"),
        ("repo:acme shop", "white space"),
        ("repo:" + "x" * 600, "512"),
    ],
)
async def test_a_bad_asset_key(ingest: Ingest, asset: str | None, says: str) -> None:
    problem = check(await ingest.push(REPORT, asset=asset), 422, "bad_asset")
    assert says in problem["detail"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("complete", "perhaps", "true or false"),
        ("complet", "false", "complete"),
        ("scanned_at", "yesterday", "ISO 8601"),
        ("scanned_at", (datetime.now(UTC) + timedelta(hours=1)).isoformat(), "future"),
        ("scanner", "trivy; drop table", "letters"),
        ("ref", "a\x00b", "control"),
        ("ref", "r" * 300, "255"),
        ("commit", "not a commit", "white space"),
    ],
)
async def test_a_bad_parameter(ingest: Ingest, name: str, text: str, says: str) -> None:
    problem = check(await ingest.push(REPORT, **{name: text}), 422, "bad_parameter")
    assert problem["parameter"] == name
    assert says in problem["detail"]


async def test_a_parameter_that_is_there_twice(ingest: Ingest) -> None:
    response = await ingest.http.post(f"/v1/reports?asset={ASSET}&ref=a&ref=b", content=REPORT)
    check(response, 422, "bad_parameter")


async def test_no_token_and_a_wrong_one(ingest: Ingest) -> None:
    async with httpx.AsyncClient(base_url=ingest.url) as anybody:
        response = await anybody.post("/v1/reports", params={"asset": ASSET}, content=REPORT)
        check(response, 401, "missing_token")
        assert response.headers["www-authenticate"] == 'Bearer realm="sluice", Basic realm="sluice"'
        for headers in (bearer("slu_wrong"), bearer("sl ö"), {"Authorization": "Basic %%%"}):
            values = {name: value.encode() for name, value in headers.items()}
            response = await anybody.post("/v1/reports", params={"asset": ASSET}, content=REPORT, headers=values)
            assert response.status_code == 401


async def test_an_expired_token_is_told_so(ingest: Ingest) -> None:
    token = await ingest.token("short", "push", expires_in_days=1)
    await ingest.sql("UPDATE token SET expires_at = now() - interval '1 minute' WHERE name = 'short' RETURNING id")
    problem = check(await ingest.push(headers=bearer(token)), 401, "token_expired")
    assert "short" in problem["detail"]


async def test_a_token_without_the_scope(ingest: Ingest) -> None:
    token = await ingest.token("reader", "read")
    problem = check(await ingest.push(headers=bearer(token)), 403, "missing_scope")
    assert problem["required_scope"] == "push"


async def test_an_asset_that_the_token_does_not_cover(ingest: Ingest) -> None:
    token = await ingest.token("acme", "push", assets=("repo:github.com/acme/*",))
    response = await ingest.push(asset="repo:github.com/evil/shop", headers=bearer(token))
    problem = check(response, 403, "foreign_asset")
    assert problem["assets"] == ["repo:github.com/acme/*"]
    assert "repo:github.com/acme/*" in problem["detail"]


async def test_a_form_that_does_not_hold_one_file(ingest: Ingest) -> None:
    params = {"asset": ASSET}
    response = await ingest.http.post("/v1/reports", params=params, data={"a": "b"}, files={"a": (None, "b")})
    check(response, 400, "bad_multipart")
    two = [("file", ("a.json", REPORT)), ("file", ("b.json", REPORT))]
    check(await ingest.http.post("/v1/reports", params=params, files=two), 400, "bad_multipart")
    for body in (b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\ncut", b"no form at all"):
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        check(await ingest.push(body, headers=headers), 400, "bad_multipart")
    check(await ingest.push(REPORT, headers={"Content-Type": "multipart/form-data"}), 400, "bad_multipart")


def _coded(body: bytes, coding: str) -> bytes:
    if coding == "gzip":
        return gzip.compress(body)
    return zstandard.ZstdCompressor(write_checksum=True).compress(body)
