"""Codings are undone piece by piece, and nothing gets past the limits."""

import gzip
import os
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sluice_ingest.domain.decoding import PIECE_BYTES, RATIO_GRACE_BYTES, Coding, Limits, coding_of, decode, sniff
from sluice_ingest.domain.refusal import Refusal, Refused

MIB = 1 << 20
WIDE = Limits(wire_bytes=1 << 30, body_bytes=1 << 30, ratio=1 << 30)


def pack(body: bytes, coding: Coding) -> bytes:
    if coding is Coding.GZIP:
        return gzip.compress(body)
    return zstandard.compress(body) if coding is Coding.ZSTD else body


def unpack(wire: bytes, coding: Coding, *, cut: int = 65536, limits: Limits = WIDE) -> bytes:
    return b"".join(decode(chunked(wire, cut), coding, wire_bytes=len(wire), limits=limits))


def chunked(wire: bytes, size: int) -> Iterator[bytes]:
    yield from (wire[at : at + size] for at in range(0, len(wire), size))


@given(st.binary(max_size=5000), st.sampled_from(list(Coding)), st.integers(1, 700), st.integers(1, 50))
def test_what_was_packed_comes_out_however_it_was_cut(body: bytes, coding: Coding, cut: int, times: int) -> None:
    assert unpack(pack(body * times, coding), coding, cut=cut) == body * times


@pytest.mark.parametrize("coding", [Coding.GZIP, Coding.ZSTD])
@pytest.mark.parametrize("body", [b"a" * (PIECE_BYTES - 1), b"a" * PIECE_BYTES, b"a" * (PIECE_BYTES + 300)])
def test_a_body_as_long_as_a_piece(coding: Coding, body: bytes) -> None:
    assert unpack(pack(body, coding), coding) == body


@given(st.binary(min_size=1, max_size=2000), st.sampled_from([Coding.GZIP, Coding.ZSTD]), st.data())
def test_a_stream_that_was_cut_short_is_never_taken(body: bytes, coding: Coding, data: st.DataObject) -> None:
    wire = pack(body, coding)
    end = data.draw(st.integers(0, len(wire) - 1))
    with pytest.raises(Refused) as refused:
        unpack(wire[:end], coding)
    assert refused.value.reason is Refusal.BODY_INCOMPLETE


@given(st.binary(min_size=30, max_size=300), st.sampled_from([Coding.GZIP, Coding.ZSTD]))
def test_whatever_is_no_stream_is_refused_not_raised(wire: bytes, coding: Coding) -> None:
    with pytest.raises(Refused):
        unpack(wire, coding)


def test_a_damaged_stream_is_refused() -> None:
    for coding, wire in (
        (Coding.GZIP, bytearray(pack(os.urandom(1000), Coding.GZIP))),
        (Coding.ZSTD, bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(b"abc" * 1000))),
    ):
        wire[-2] ^= 0xFF
        with pytest.raises(Refused) as refused:
            unpack(bytes(wire), coding)
        assert refused.value.reason is Refusal.BODY_UNDECODABLE


@pytest.mark.parametrize("coding", [Coding.GZIP, Coding.ZSTD])
def test_a_bomb_costs_little_more_than_its_limit(coding: Coding) -> None:
    bomb = zlib_bomb(2000) if coding is Coding.GZIP else zstandard.compress(b"\0" * (500 * MIB))
    limits = Limits(wire_bytes=MIB, body_bytes=50 * MIB, ratio=1 << 30)
    tracemalloc.start()
    pieces = decode([bomb], coding, wire_bytes=len(bomb), limits=limits)
    with pytest.raises(Refused) as refused:
        sum(len(piece) for piece in pieces)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.reason is Refusal.BODY_TOO_LARGE
    assert peak < 20 * MIB


def test_a_body_that_expands_too_far_is_refused_once_it_is_large() -> None:
    limits = Limits(wire_bytes=MIB, body_bytes=1 << 40, ratio=100)
    small = b"\0" * (RATIO_GRACE_BYTES // 2)
    assert unpack(pack(small, Coding.GZIP), Coding.GZIP, limits=limits) == small
    with pytest.raises(Refused) as refused:
        unpack(pack(small * 3, Coding.GZIP), Coding.GZIP, limits=limits)
    assert refused.value.reason is Refusal.BODY_EXPANDS_TOO_FAR


def test_codings_by_name_and_by_first_bytes() -> None:
    assert [coding_of(name) for name in (None, "", "identity", "GZIP", "x-gzip", " zstd ")] == [
        Coding.IDENTITY,
        Coding.IDENTITY,
        Coding.IDENTITY,
        Coding.GZIP,
        Coding.GZIP,
        Coding.ZSTD,
    ]
    for name in ("br", "deflate", "gzip, gzip"):
        with pytest.raises(Refused):
            coding_of(name)
    assert sniff(pack(b"x", Coding.GZIP)) is Coding.GZIP
    assert sniff(pack(b"x", Coding.ZSTD)) is Coding.ZSTD
    assert sniff(b'{"a": 1}') is Coding.IDENTITY


def zlib_bomb(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    return b"".join([packer.compress(b"\0" * MIB) for _ in range(mebibytes)]) + packer.flush()
