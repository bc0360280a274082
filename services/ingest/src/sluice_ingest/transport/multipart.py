"""The one file in a multipart form, as old clients send it: `curl -F file=@report.json`."""

from collections.abc import AsyncIterator
from email.message import Message

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from sluice_ingest.domain.refusal import Refusal, Refused

FIELD = "file"


class FormFile:
    """Iterates over the bytes of the form's file; `filename` is known once the iteration has begun.

    Other fields are passed over. Raises Refused (bad_multipart) when there is no file, or more than one.
    """

    def __init__(self, stream: AsyncIterator[bytes], content_type: str) -> None:
        self.filename: str | None = None
        self._stream = stream
        self._parser = MultipartParser(
            _boundary(content_type),
            {
                "on_part_begin": self._begin,
                "on_header_field": self._name,
                "on_header_value": self._value,
                "on_header_end": self._end_of_header,
                "on_headers_finished": self._end_of_headers,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._finish,
            },
        )
        self._header = (bytearray(), bytearray())
        self._disposition = ""
        self._in_file = False
        self._files = 0
        self._finished = False
        self._pieces: list[bytes] = []

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            try:
                self._parser.write(chunk)
            except MultipartParseError as error:
                raise _bad("the form cannot be read") from error
            pieces, self._pieces = self._pieces, []
            for piece in pieces:
                yield piece
        if not self._finished:
            raise _bad("the form ends too early")
        if self._files == 0:
            raise _bad("the form has no file")

    def _begin(self) -> None:
        self._disposition = ""

    def _name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _end_of_header(self) -> None:
        name, value = (bytes(part).decode("utf-8", "replace") for part in self._header)
        if name.lower() == "content-disposition":
            self._disposition = value
        for part in self._header:
            part.clear()

    def _end_of_headers(self) -> None:
        message = Message()
        message["content-disposition"] = self._disposition
        filename = message.get_filename()
        self._in_file = filename is not None or message.get_param("name", header="content-disposition") == FIELD
        if not self._in_file:
            return
        self._files += 1
        self.filename = filename
        if self._files > 1:
            raise _bad("the form has more than one file; send each report in a request of its own")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._pieces.append(data[start:end])

    def _end(self) -> None:
        self._in_file = False

    def _finish(self) -> None:
        self._finished = True


def _boundary(content_type: str) -> bytes:
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise _bad("the Content-Type has no boundary")
    return boundary.encode("latin-1", "replace")


def _bad(problem: str) -> Refused:
    return Refused(
        Refusal.BAD_MULTIPART,
        f"The multipart body is not usable: {problem}; send one file in the field 'file' (curl -F file=@report.json), "
        "or the report itself as the body (curl --data-binary @report.json)",
    )
