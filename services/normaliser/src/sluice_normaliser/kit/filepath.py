"""File paths as scanners write them, in one spelling: forward slashes, no ``./``, no ``file://``."""

import re
from functools import lru_cache
from urllib.parse import unquote

_DRIVE = re.compile(r"^/?([A-Za-z]):[\\/]")
_FILE_URI = re.compile(r"^file:/*", re.IGNORECASE)
_DOTS = re.compile(r"(?<!:)/{2,}")


@lru_cache(maxsize=16_384)
def clean_path(raw: str) -> str:
    """Return a path in the project's one spelling.

    Backslashes become slashes where they separate (a Windows path), a leading ``./`` goes, ``file://`` URIs become
    absolute paths with their percent-encoding undone, doubled slashes become one. Nothing is resolved: ``..`` stays,
    and so does an absolute root, because only the one who scanned knows what it means.
    """
    path = raw.strip()
    if _FILE_URI.match(path):
        path = "/" + unquote(_FILE_URI.sub("", path))
    if "\\" in path and (_DRIVE.match(path) or "/" not in path or path.startswith("\\\\")):
        path = path.replace("\\", "/")
    if _DRIVE.match(path) and path.startswith("/"):
        path = path[1:]
    if "//" in path and "://" not in path:
        path = _DOTS.sub("/", path)
    while path.startswith("./") and len(path) > len("./"):
        path = path[2:]
    return path


def below_root(raw: str | None) -> str | None:
    """Return a path without the slash that some tools put for the root of what they scanned, not of the machine."""
    return clean_path(raw).lstrip("/") or None if raw else None
