"""A body stays in memory while it is small, and its digests see it once and whole."""

import hashlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sluice_ingest.storage.spool import Spool


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_what_goes_in_comes_out(chunks: list[bytes]) -> None:
    digest, body = hashlib.sha256(), b"".join(chunks)
    with Spool(None, 64, [digest]) as spool:
        for chunk in chunks:
            if chunk and spool.add(chunk):
                spool.flush()
        spool.seal()
        assert spool.size == len(body)
        assert bytes(spool.contents()[:]) == body
        assert b"".join(spool.chunks()) == body
        assert digest.digest() == hashlib.sha256(body).digest()


def test_a_small_body_touches_no_file(tmp_path: Path) -> None:
    with Spool(tmp_path / "missing", 100) as spool:
        assert spool.add(b"x" * 99) is False
        spool.seal()
        assert spool.contents() == b"x" * 99
        assert spool.is_large is False
