"""Matchers, as Alertmanager writes them: ``team = payments``, ``level =~ "warned|breached"``."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from sluice_notifier.domain.labels import Labels

_LONGEST = 1024
_WRITTEN = re.compile(
    r"""\s*(?P<name>[A-Za-z_][\w:./-]*)\s*(?P<op>=~|!~|!=|=)\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^"\s].*?|))\s*"""
)
_ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label. A label with several values fits when one of them does; an absent one counts as ``""``.

    A pattern has to fit the whole value. The negated operators hold exactly when their positives do not.
    """

    name: str
    op: str
    value: str
    pattern: re.Pattern[str] | None

    def matches(self, labels: Labels) -> bool:
        """Tell whether the condition holds."""
        values = labels.get(self.name) or ("",)
        pattern = self.pattern
        found = self.value in values if pattern is None else any(pattern.fullmatch(value) for value in values)
        return found != self.op.startswith("!")


@lru_cache(maxsize=4096)
def matcher(text: str) -> Matcher:
    """Read a matcher; raises ValueError with what to write instead."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(
            f"'{text[:80]}' is no matcher; write a label, one of = != =~ !~ and a value, "
            'such as team = payments or level =~ "warned|breached"'
        )
    op = found["op"]
    value = found["bare"] if found["quoted"] is None else _unquote(found["quoted"], is_pattern="~" in op)
    return Matcher(found["name"], op, value, _compile(value) if "~" in op else None)


def matches_all(matchers: Iterable[str], labels: Labels) -> bool:
    """Tell whether every matcher holds; none at all holds for everything."""
    return all(matcher(text).matches(labels) for text in matchers)


def implies(narrow: Sequence[str], wide: Sequence[str]) -> bool:
    """Tell whether whatever fits ``narrow`` is bound to fit ``wide``, as far as equal conditions show."""
    return {_plain(text) for text in wide} <= {_plain(text) for text in narrow}


def _plain(text: str) -> tuple[str, str, str]:
    read = matcher(text)
    return read.name, read.op, read.value


def _unquote(text: str, *, is_pattern: bool) -> str:
    # In a pattern a backslash is the pattern's own; only the quote needs one of ours.
    return text.replace('\\"', '"') if is_pattern else _ESCAPED.sub(r"\1", text)


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error as error:
        raise ValueError(
            f"'{pattern[:80]}' is no regular expression: {error}; escape what is meant literally"
        ) from None


def _check(text: str) -> str:
    matcher(text)
    return text


MatcherText = Annotated[str, StringConstraints(max_length=_LONGEST), AfterValidator(_check)]
"""A matcher as it is written, known to be well formed."""
