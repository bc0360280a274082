"""Globs of the catalogue: over names (assets, packages, refs) and over paths."""

import re
from collections.abc import Callable
from functools import lru_cache

Matcher = Callable[[str], bool]
_ANY_FOLDERS = "**"
_CROSSING = ".*?"


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
    text = _path_regex(body, anchored=anchored)
    # What ends in a wildcard already says how deep it goes.
    beneath = "/.*" if pattern.endswith("/") else "" if body.endswith("*") else "(?:/.*)?"
    return _full(text + beneath)


def _path_regex(pattern: str, *, anchored: bool) -> str:
    """Return the expression of a pattern, whose work grows with the product of the lengths and no faster.

    Whoever pushes CODEOWNERS chooses both patterns and paths. So what stands between two wildcards is looked for once,
    where it comes first, in a group that gives nothing back (`(?>…)`): when the rest does not match from there on, it
    does from no later place either. Only what comes after the last wildcard has to be looked for at the end.
    """
    parts = pattern.split("/")
    if not anchored:
        parts.insert(0, _ANY_FOLDERS)
    runs: list[list[str]] = [[]]
    for part in parts:
        if part == _ANY_FOLDERS:
            runs.append([])
        else:
            runs[-1].append(_segment_regex(part))
    first, *others = ("/".join(run) for run in runs)
    if not others:
        return first
    *middle, last = others
    looked_for = "".join(f"(?>(?:[^/]*/)*?{run}/)" for run in middle if run)
    return (f"{first}/" if first else "") + looked_for + (f"(?:[^/]*/)*?{last}" if last else ".*")


def _segment_regex(part: str) -> str:
    """Return the expression of what is between two slashes; `**` within it crosses folders."""
    if _ANY_FOLDERS in part:
        return _CROSSING.join(_segment_regex(piece) for piece in part.split(_ANY_FOLDERS))
    first, *others = ("".join("[^/]" if c == "?" else re.escape(c) for c in piece) for piece in part.split("*"))
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle if piece) + f"[^/]*?{last}"


def _is_glob(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


def _full(regex: str) -> Matcher:
    compiled = re.compile(regex, re.DOTALL)

    def matches(text: str) -> bool:
        return compiled.fullmatch(text) is not None

    return matches
