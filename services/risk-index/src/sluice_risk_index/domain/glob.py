"""Globs of the catalogue: over names (assets, packages, refs) and over paths."""

import re
from collections.abc import Callable
from functools import lru_cache

Matcher = Callable[[str], bool]


@lru_cache(maxsize=4096)
def name_matcher(pattern: str) -> Matcher:
    """Match a whole name: `*` is any text, slashes too, and `?` one character; case counts."""
    if not _is_glob(pattern):
        return pattern.__eq__
    text = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return _full(text)


@lru_cache(maxsize=4096)
def path_matcher(pattern: str) -> Matcher:
    """Match a path as CODEOWNERS does.

    `*` stays within a folder and `**` crosses folders; without a slash the pattern matches in every folder, with a
    leading one from the root on; a pattern that names a folder matches all beneath it.
    """
    body = pattern.strip("/")
    anchored = "/" in pattern.rstrip("/")
    text = _path_regex(body)
    if not anchored:
        text = f"(?:.*/)?{text}"
    # What ends in a wildcard already says how deep it goes.
    beneath = "/.*" if pattern.endswith("/") else "" if body.endswith("*") else "(?:/.*)?"
    return _full(text + beneath)


def _path_regex(pattern: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            out.append("(?:.*/)?")
            at += 3
        elif pattern.startswith("**", at):
            out.append(".*")
            at += 2
        else:
            char = pattern[at]
            out.append("[^/]*" if char == "*" else "[^/]" if char == "?" else re.escape(char))
            at += 1
    return "".join(out)


def _is_glob(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


def _full(regex: str) -> Matcher:
    compiled = re.compile(regex, re.DOTALL)

    def matches(text: str) -> bool:
        return compiled.fullmatch(text) is not None

    return matches
