"""Whether one rule of ownership matches everything that another one does."""

from collections.abc import Callable

from sluice_risk_index.domain.catalogue import OwnerRule
from sluice_risk_index.domain.glob import name_matcher

_EVERY_PATH = frozenset({"*", "**", "/**", "**/*", "/**/*"})


def covers(one: OwnerRule, other: OwnerRule) -> bool:
    """Tell whether whatever ``other`` matches ``one`` matches, too. False where that cannot be proved."""
    return (
        _same_or_any(one.kind, other.kind)
        and _same_or_any(one.tag, other.tag)
        and _pattern_covers(one.asset, other.asset, _name_covers)
        and _pattern_covers(one.package, other.package, _name_covers)
        and _pattern_covers(one.ref, other.ref, _name_covers)
        and _pattern_covers(one.path, other.path, _path_covers)
    )


def _same_or_any(one: object | None, other: object | None) -> bool:
    return one is None or one == other


def _pattern_covers(one: str | None, other: str | None, by: Callable[[str, str], bool]) -> bool:
    if one is None:
        return True
    return other is not None and (one == other or by(one, other))


def _name_covers(one: str, other: str) -> bool:
    """Match the other pattern's own text: a `*` of the one takes in any of its wildcards, a `?` none."""
    return name_matcher(one)(other) and not ("?" in one and "*" in other)


def _path_covers(one: str, other: str) -> bool:
    """Tell it of everything, and of folders from the root on, which is what people write."""
    if one in _EVERY_PATH:
        return True
    folder = one.removesuffix("**").removeprefix("/")
    rooted = "/" in one.rstrip("/")
    plain = not any(wildcard in folder for wildcard in "*?")
    within = other.removeprefix("/")
    return rooted and plain and folder.endswith("/") and within.startswith(folder) and "/" in other.rstrip("/")
