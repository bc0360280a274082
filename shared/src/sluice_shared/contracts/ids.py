"""Ids of rows and events."""

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a new time-ordered id: UUIDv7 (RFC 9562 section 5.7), so that new rows lie together in an index."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80
    value |= 0x7 << 76 | (random >> 62) << 64
    value |= 0b10 << 62 | (random & 0x3FFFFFFFFFFFFFFF)
    return UUID(int=value)
