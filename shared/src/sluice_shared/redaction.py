"""Keeps secrets out of logs and errors: by the name of the key, and by the look of the text."""

import re
from collections.abc import Collection, Mapping
from typing import Any

REDACTED = "***"
_SECRET_KEY = re.compile(
    r"(?i)(token|secret|passw(or)?d|passphrase|authorization|api[-_]?key|access[-_]?key|private[-_]?key|credential"
    r"|cookie|dsn$)"
)
_HARMLESS_KEY = re.compile(r"(?i)[-_](id|ids|name|names|type|count|file|prefix)$")
_MAX_DEPTH = 8

_PATTERNS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    # The user name goes too: GitHub and others take a token in its place.
    ("://", re.compile(r"(?<=://)[^/\s]*@"), f"{REDACTED}@"),
    ("=", re.compile(r"(?i)([?&;](?:[\w-]*(?:token|secret|password|key|sig|signature))=)[^&\s\"']+"), rf"\1{REDACTED}"),
    ("slu_", re.compile(r"\bslu_[A-Za-z0-9_-]{16,}"), f"slu_{REDACTED}"),
    ("earer ", re.compile(r"\b([Bb]earer )[A-Za-z0-9._~+/=-]{8,}"), rf"\1{REDACTED}"),
    ("asic ", re.compile(r"\b([Bb]asic )[A-Za-z0-9+/=]{8,}"), rf"\1{REDACTED}"),
    ("PRIVATE KEY", re.compile(r"(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END|\Z)"), rf"\1{REDACTED}\2"),
)


def is_secret_key(key: str) -> bool:
    """Tell whether a value under this name has to be hidden; `token_id` and the like name a secret but hold none."""
    return bool(_SECRET_KEY.search(key)) and not _HARMLESS_KEY.search(key)


def redact_text(text: str) -> str:
    """Hide credentials inside URLs, bearer and basic credentials, Sluice's own tokens and private keys."""
    for sign, pattern, replacement in _PATTERNS:
        if sign in text:
            text = pattern.sub(replacement, text)
    return text


def redact(value: Any, depth: int = 0) -> Any:
    """Return the value with every secret in it hidden, down to a depth of 8."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, BaseException):
        return redact_text(f"{type(value).__name__}: {value}")
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _redact_inside(value, depth + 1)
    return value


def _redact_inside(value: Mapping[Any, Any] | Collection[Any], depth: int) -> Any:
    if depth > _MAX_DEPTH:
        return "…"
    if not isinstance(value, Mapping):
        return [redact(item, depth) for item in value]
    return {k: REDACTED if v is not None and is_secret_key(str(k)) else redact(v, depth) for k, v in value.items()}
