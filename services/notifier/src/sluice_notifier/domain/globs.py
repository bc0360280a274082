"""Shell globs over asset keys, as regular expressions that PostgreSQL and Python read alike."""

import re

_BRACKET = re.compile(r"\[(!?)(\]?[^\]]*)\]")


def to_regex(glob: str) -> str:
    """Translate a glob into a regular expression over the whole text, by the rules of :func:`fnmatch.fnmatchcase`."""
    parts, at = [], 0
    while at < len(glob):
        bracket = _BRACKET.match(glob, at)
        if glob[at] == "*":
            parts.append(".*")
        elif glob[at] == "?":
            parts.append(".")
        elif bracket:
            inside = re.sub(r"([\\\[\]^])", r"\\\1", bracket[2])
            parts.append(f"[{'^' if bracket[1] else ''}{inside}]")
        else:
            parts.append(re.escape(glob[at]))
        at = bracket.end() if bracket else at + 1
    return f"^(?:{''.join(parts)})$"
