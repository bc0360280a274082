"""What is put into the store comes out again, and nothing that it says is taken on trust."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice_shared import blobs
from sluice_shared.blobs import BlobDamaged, BlobMissing, BlobStore, BlobTooLarge
from sluice_shared.embedded import free_port
from sluice_shared.errors import Unavailable

KEY = "reports/2025/01/31/7f3c"
MEBI = 1024 * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs of a service, 100%"


@pytest.fixture
def store(folder: Path) -> BlobStore:
    return BlobStore(folder.as_uri())


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", os.urandom(3 * MEBI), b'{"finding": 1}' * MEBI],
    ids=["empty", "small", "incompressible", "large"],
)
async def test_a_body_comes_back_as_it_was_put(store: BlobStore, body: bytes) -> None:
    await store.put(KEY, body)
    assert await store.get(KEY, max_bytes=len(body)) == body
    assert zstandard.ZstdDecompressor().decompress(await store.get_raw(KEY)) == body


@settings(max_examples=20, deadline=None)
@given(body=st.binary(max_size=4096))
def test_any_body_comes_back_within_its_own_size_and_not_within_less(
    tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    async def round_trip() -> None:
        store = BlobStore(tmp_path_factory.getbasetemp().joinpath("any").as_uri())
        await store.put(KEY, body)
        assert await store.get(KEY, max_bytes=len(body)) == body
        if body:
            with pytest.raises(BlobTooLarge):
                await store.get(KEY, max_bytes=len(body) - 1)

    asyncio.run(round_trip())


async def test_a_body_takes_less_room_than_it_has_bytes(store: BlobStore, folder: Path) -> None:
    await store.put(KEY, b'{"severity": "high"}' * 10_000)
    (file,) = stored(folder)
    assert file.stat().st_size < 1000


async def test_putting_again_replaces(store: BlobStore, folder: Path) -> None:
    for body in (b"first", b"second"):
        await store.put(KEY, body)
        assert await store.get(KEY, max_bytes=100) == body
    assert len(stored(folder)) == 1


async def test_writers_of_one_key_never_mix(store: BlobStore, folder: Path) -> None:
    bodies = [bytes([number]) * 50_000 for number in range(20)]
    await asyncio.gather(*(store.put(KEY, body) for body in bodies))
    assert await store.get(KEY, max_bytes=50_000) in bodies
    assert len(stored(folder)) == 1


async def test_what_was_never_put_is_missing(store: BlobStore) -> None:
    with pytest.raises(BlobMissing, match=KEY):
        await store.get(KEY, max_bytes=1)
    with pytest.raises(BlobMissing, match=KEY):
        await store.get_raw(KEY)


async def test_what_was_deleted_is_missing_and_may_be_deleted_again(store: BlobStore) -> None:
    await store.put(KEY, b"body")
    for _ in range(2):
        await store.delete(KEY)
    with pytest.raises(BlobMissing):
        await store.get(KEY, max_bytes=100)


async def test_keys_are_listed_by_folder(store: BlobStore) -> None:
    for key in ("reports/a/1", "reports/a/2", "reports/ab/3", "evidence/4"):
        await store.put(key, b"body")
    assert sorted(await store.list("reports/a")) == ["reports/a/1", "reports/a/2"]
    assert len(await store.list()) == 4
    assert await store.list("nothing") == []


@pytest.mark.parametrize("key", ["../escape", "a/../../b", "a//b"])
async def test_a_key_cannot_leave_the_store(store: BlobStore, folder: Path, key: str) -> None:
    with pytest.raises(ValueError, match="path"):
        await store.put(key, b"body")
    assert stored(folder.parent) == []


async def test_a_bomb_is_refused_by_what_it_declares(store: BlobStore) -> None:
    await store.put(KEY, bytes(64 * MEBI))
    assert len(await store.get_raw(KEY)) < 10_000
    with pytest.raises(BlobTooLarge):
        await store.get(KEY, max_bytes=MEBI)


async def test_a_bomb_that_lies_about_its_size_is_damaged(store: BlobStore, folder: Path) -> None:
    await store.put(KEY, bytes(64 * MEBI))
    (file,) = stored(folder)
    honest = file.read_bytes()
    # RFC 8878, 3.1.1.1: magic number, descriptor (a size of four bytes), window, size.
    assert honest[6:10] == (64 * MEBI).to_bytes(4, "little")
    file.write_bytes(honest[:6] + (1000).to_bytes(4, "little") + honest[10:])
    with pytest.raises(BlobDamaged):
        await store.get(KEY, max_bytes=MEBI)


async def test_a_bomb_that_declares_nothing_is_damaged(store: BlobStore, folder: Path) -> None:
    await store.put(KEY, b"body")
    (file,) = stored(folder)
    file.write_bytes(zstandard.ZstdCompressor(write_content_size=False).compress(bytes(64 * MEBI)))
    with pytest.raises(BlobDamaged):
        await store.get(KEY, max_bytes=MEBI)


async def test_a_stored_file_beyond_the_limit_is_not_even_read(store: BlobStore, folder: Path) -> None:
    await store.put(KEY, b"body")
    (file,) = stored(folder)
    os.truncate(file, 10**12)
    with pytest.raises(BlobTooLarge):
        await store.get(KEY, max_bytes=MEBI)


@pytest.mark.parametrize("content", [b"", b"no zstd at all"], ids=["empty", "other"])
async def test_what_is_no_frame_is_damaged(store: BlobStore, folder: Path, content: bytes) -> None:
    await store.put(KEY, b"body")
    (file,) = stored(folder)
    file.write_bytes(content)
    with pytest.raises(BlobDamaged):
        await store.get(KEY, max_bytes=MEBI)


async def test_half_a_frame_is_damaged(store: BlobStore, folder: Path) -> None:
    await store.put(KEY, os.urandom(MEBI))
    (file,) = stored(folder)
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(BlobDamaged):
        await store.get(KEY, max_bytes=MEBI)


def test_no_room_is_told_apart_and_leaves_nothing_behind(folder: Path) -> None:
    script = """
import asyncio, os, resource, sys
from sluice_shared import blobs
from sluice_shared.blobs import BlobStore, StorageFull

async def main():
    store = BlobStore(sys.argv[1])
    await store.put("small", b"body")
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
    for size in (100_000, 20_000_000):
        try:
            await store.put("big", os.urandom(size))
        except StorageFull as full:
            print(full)

asyncio.run(main())
"""
    ended = subprocess.run(
        [sys.executable, "-c", script, folder.as_uri()], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stdout.count("File too large (os error 27)") == 2, ended.stderr
    assert [path.name for path in stored(folder)] == ["small"]


async def test_a_folder_that_is_gone_is_unavailable(store: BlobStore, folder: Path) -> None:
    await store.ping()
    await store.put(KEY, b"body")
    await store.ping()
    await asyncio.to_thread(shutil.rmtree, folder)
    with pytest.raises(Unavailable, match="is gone"):
        await store.ping()


async def test_a_bucket_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "hunter2",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(blobs._RETRY, "max_retries", 0)
    store = BlobStore("s3://bucket/sluice")
    attempts = [
        store.put(KEY, b"body"),
        store.get(KEY, max_bytes=10),
        store.get_raw(KEY),
        store.delete(KEY),
        store.list(),
        store.ping(),
    ]
    for attempt in attempts:
        with pytest.raises(Unavailable) as away:
            await attempt
        assert away.value.what == "blobs"
        assert "hunter2" not in str(away.value)
        assert "\n" not in str(away.value)


@pytest.mark.parametrize("url", ["nowhere://x", "", "file://reports/x", "az://container"])
def test_a_url_that_cannot_be_used_says_what_to_write(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(ValueError, match="write file:///"):
        BlobStore(url)
