"""How an event lies in a stream: FastStream's binary envelope of headers and body, in the field ``__data__``."""

from collections.abc import Mapping
from urllib.parse import quote, unquote

from faststream.redis.message import bDATA_KEY
from faststream.redis.parser import BinaryMessageFormatV1

_KEY = "key"


def unpack(fields: Mapping[bytes, bytes]) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of an entry. An entry that is no envelope comes back as its own text, to be shown."""
    data = fields.get(bDATA_KEY)
    if data is None:
        return repr(dict(fields)).encode(), {}
    body, headers = BinaryMessageFormatV1.parse(data)
    # FastStream also takes JSON for an envelope when it looks like one, and such headers may be anything.
    if not isinstance(headers, dict):
        return data, {}
    return body, {str(name): str(value) for name, value in headers.items()}


def with_key(headers: Mapping[str, str], key: str) -> dict[str, str]:
    """Return the headers with the partition key added, in ASCII because the envelope counts characters for bytes."""
    return {**headers, _KEY: quote(key)}


def key_of(headers: Mapping[str, str]) -> str | None:
    """Return the partition key that the headers carry; None when another producer wrote the entry."""
    key = headers.get(_KEY)
    return None if key is None else unquote(key)
