"""Nothing is accepted that is not stored."""

import os
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.integration.ingest.ingest_kit import ASSET, Gate, Ingest, running, until_async

from sluice_ingest.settings import Settings


async def test_while_the_database_is_away_a_push_is_asked_to_come_again(make: Callable[..., Settings]) -> None:
    settings = make()
    gate = Gate(settings.database_url.get_secret_value())
    await gate.open()
    settings = settings.model_copy(update={"database_url": type(settings.database_url)(gate.url)})
    async with running(settings) as ingest:
        assert (await ingest.push(b"before")).status_code == 202
        await gate.close()
        began = time.monotonic()
        response = await ingest.push(b"during")
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) >= 1
        assert time.monotonic() - began < 12
        await gate.open()

        async def is_taken() -> bool:
            return (await ingest.push(b"during")).status_code == 202

        await until_async(is_taken, within=15)
        assert len((await ingest.http.get("/v1/reports")).json()["items"]) == 2
    await gate.close()


async def test_while_the_blob_store_is_away_a_push_is_asked_to_come_again(ingest: Ingest, tmp_path: Path) -> None:
    blobs = tmp_path / "blobs"
    shutil.rmtree(blobs)
    blobs.write_text("a file where the folder should be")
    response = await ingest.push(b"lost?")
    assert response.status_code == 503
    assert "retry-after" in response.headers
    assert (await ingest.http.get("/v1/reports")).json()["items"] == []
    blobs.unlink()
    assert (await ingest.push(b"lost?")).status_code == 202


async def test_a_request_before_the_start_is_over_is_asked_to_come_again(ingest: Ingest) -> None:
    ingest.app.state.service.started = False
    response = await ingest.http.post("/v1/reports", params={"asset": ASSET}, content=b"early")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """To a process, a limit to the size of its files is what a full disk is: writing fails half-way."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(("size", "what"), [(200_000, "blobs"), (4_000_000, "temporary files")])
async def test_without_room_for_a_body_a_push_is_told_so_and_nothing_is_accepted(
    ingest: Ingest, size: int, what: str
) -> None:
    body = os.urandom(size)
    with no_file_larger_than(100_000):
        response = await ingest.push(body)
    assert response.status_code == 507
    assert int(response.headers["retry-after"]) >= 1
    assert response.json()["code"] == "insufficient_storage"
    assert what in response.json()["detail"]
    assert (await ingest.http.get("/v1/reports")).json()["items"] == []
    assert (await ingest.push(body)).status_code == 202
