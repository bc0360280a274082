"""The one file in a form is found, wherever the network cuts the form."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_ingest.domain.refusal import Refused
from sluice_ingest.transport.multipart import FormFile

CONTENT_TYPE = 'multipart/form-data; boundary="-x"'


def form(*parts: tuple[str, bytes], end: str = "---x--\r\n") -> bytes:
    texts = [f"---x\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + body for head, body in parts]
    return b"\r\n".join([*texts, end.encode()])


def read(data: bytes, cut: int = 1000) -> tuple[bytes, str | None]:
    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(data), cut):
            yield data[at : at + cut]

    async def collect() -> tuple[bytes, str | None]:
        file = FormFile(chunks(), CONTENT_TYPE)
        return b"".join([piece async for piece in file]), file.filename

    return asyncio.run(collect())


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 50, 1000])
def test_the_file_comes_out_whole_however_the_form_is_cut(cut: int) -> None:
    body = b'{"a": "\r\n---y\r\n--"}\r\n'
    data = form(('name="note"', b"hello"), ('name="file"; filename="out.json"', body), ('name="more"', b"bye"))
    assert read(data, cut) == (body, "out.json")


@given(st.binary(max_size=300).filter(lambda body: b"---x" not in body))
def test_any_bytes_may_be_in_it(body: bytes) -> None:
    assert read(form(('name="file"; filename="größe.json"', body)))[0] == body


def test_a_file_may_have_no_name_or_another_field() -> None:
    assert read(form(('name="file"', b"body"))) == (b"body", None)
    assert read(form(('name="report"; filename="a.xml"', b"body"))) == (b"body", "a.xml")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (form(('name="note"', b"hello")), "no file"),
        (form(), "no file"),
        (form(('name="file"', b"a"), ('name="x"; filename="b"', b"b")), "more than one"),
        (form(('name="file"', b"a"), end=""), "too early"),
        (b"", "too early"),
        (b"{}", "cannot be read"),
    ],
)
def test_what_is_no_form_with_one_file(data: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        read(data)
