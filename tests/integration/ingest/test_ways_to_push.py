"""A report arrives whole, whatever client brings it."""

import asyncio
import gzip
import hashlib
import os
import resource
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
import zstandard
from tests.integration.ingest.ingest_kit import ADMIN, ASSET, Ingest, bearer, running

from sluice_ingest.settings import Settings

REPORT = b'{"results": [{"id": 1}]}\n'


async def stored(ingest: Ingest, report_id: str) -> bytes:
    """What is in the blob store, checked against what the report says of it."""
    report = await ingest.report(report_id)
    rows = await ingest.sql("SELECT body_ref FROM report WHERE id::text = $1", report_id)
    body = bytes(await ingest.app.state.runtime.blobs.get(rows[0]["body_ref"], max_bytes=1 << 30))
    assert report["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert report["body_bytes"] == len(body)
    return body


@pytest.mark.parametrize(
    "arguments",
    [
        ["--data-binary", "@{file}"],
        ["-T", "{file}", "-X", "POST"],
        ["-F", "file=@{file}"],
        ["-F", "note=from Jenkins", "-F", "report=@{file};type=application/json"],
        ["--data-binary", "@{file}", "-H", "Transfer-Encoding: chunked"],
    ],
)
async def test_plain_curl(ingest: Ingest, tmp_path: Path, arguments: list[str]) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(REPORT)
    report_id = await curl(ingest, *(argument.format(file=file) for argument in arguments))
    assert await stored(ingest, report_id) == REPORT
    if "-F" in arguments:
        assert (await ingest.report(report_id))["filename"] == "report.json"


async def test_curl_that_sends_a_form(ingest: Ingest, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(b'{"a": "b&c=%20"}')
    assert await stored(ingest, await curl(ingest, "-d", f"@{file}")) == b'{"a": "b&c=%20"}'


async def curl(ingest: Ingest, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        "curl", "-sS", "--fail-with-body", "-H", f"Authorization: Bearer {ADMIN}", *arguments,
        f"{ingest.url}/v1/reports?asset={ASSET}", stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0, output
    return str(httpx.Response(200, content=output).json()["report_id"])


async def test_a_token_as_the_password_of_basic(ingest: Ingest) -> None:
    async with httpx.AsyncClient(base_url=ingest.url, auth=("jenkins", ADMIN)) as http:
        response = await http.post("/v1/reports", params={"asset": ASSET}, content=REPORT)
    assert response.status_code == 202


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(REPORT),
        gzip.compress(REPORT[:5]) + gzip.compress(REPORT[5:]) + b"\0" * 512,
        zstandard.compress(REPORT),
        zstandard.compress(REPORT[:5]) + b"\x50\x2a\x4d\x18\x02\x00\x00\x00xx" + zstandard.compress(REPORT[5:]),
    ],
    ids=["gzip", "gzip members", "zstd", "zstd frames"],
)
async def test_compressed_with_and_without_saying_so(ingest: Ingest, body: bytes, announced: bool) -> None:
    coding = "gzip" if body.startswith(b"\x1f\x8b") else "zstd"
    headers = {"Content-Encoding": coding} if announced else {}
    assert await stored(ingest, await ingest.pushed(body, headers=headers)) == REPORT


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
async def test_a_large_body_waits_in_a_file_and_leaves_none_behind(
    make: Callable[..., Settings], tmp_path: Path, coding: str
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    body = os.urandom(1 << 20) * 3 + b"x" * 5_000_000
    wire = {"identity": lambda b: b, "gzip": lambda b: gzip.compress(b, 1), "zstd": zstandard.compress}[coding](body)
    async with running(make(spool_bytes=65536, spool_dir=spool, bulk_bytes=1_000_000)) as ingest:
        report_id = await ingest.pushed(wire, headers={"Content-Encoding": coding})
        assert await stored(ingest, report_id) == body
        assert (await ingest.sql("SELECT lane, wire_bytes FROM report"))[0]["wire_bytes"] == len(wire)
    assert list(spool.iterdir()) == []


async def test_100_mib_take_little_memory_and_the_bulk_lane(ingest: Ingest) -> None:
    chunk = os.urandom(1 << 20)

    async def body() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield chunk

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    response = await ingest.http.post("/v1/reports", params={"asset": ASSET}, content=body())
    assert response.status_code == 202, response.text
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 400, f"{grown:.0f} MiB more"
    assert (await ingest.sql("SELECT lane FROM report"))[0]["lane"] == "reports-bulk"
    assert (await ingest.report(response.json()["report_id"]))["body_bytes"] == 100 << 20


async def test_the_service_answers_others_while_a_large_body_is_unpacked(ingest: Ingest) -> None:
    body = zstandard.compress(os.urandom(1 << 20) * 200)
    loop = asyncio.get_running_loop()
    pushing = asyncio.create_task(ingest.push(body, headers={"Content-Encoding": "zstd"}))
    slowest = 0.0
    while not pushing.done():
        began = loop.time()
        await ingest.http.get("/healthz")
        slowest = max(slowest, loop.time() - began)
        await asyncio.sleep(0.01)
    assert (await pushing).status_code == 202
    assert slowest < 0.5


async def test_what_is_said_about_a_report_is_kept(ingest: Ingest) -> None:
    report_id = await ingest.pushed(
        REPORT,
        ref="refs/heads/größe",
        complete="false",
        scanned_at="2025-03-01T12:00:00",
        category="web",
        filename="out.sarif",
    )
    report = await ingest.report(report_id)
    assert report["ref"] == "refs/heads/größe"
    assert report["complete"] is False
    assert report["scanned_at"] == "2025-03-01T12:00:00Z"
    assert report["filename"] == "out.sarif"
    assert report["source"].startswith("token:bootstrap")


async def test_a_zone_whose_plus_was_not_escaped(ingest: Ingest) -> None:
    response = await ingest.http.post(
        f"/v1/reports?asset={ASSET}&scanned_at=2025-03-01T12:00:00+02:00", content=REPORT, headers=bearer(ADMIN)
    )
    assert (await ingest.report(response.json()["report_id"]))["scanned_at"] == "2025-03-01T10:00:00Z"
