"""What a rule of a linter is about, for formats that many tools write and that do not say it."""

import re
from typing import Any

from sluice_shared.contracts.finding import Kind

_SECRET = re.compile(
    r"(?i)\b(?:api[-_ ]?keys?|access[-_ ]?keys?|credentials?|passwords?|passwd|secrets?|private[-_ ]?keys?)\b"
)
_SECURITY = re.compile(
    r"(?i)secur|vulnerab|inject|\bxss\b|\bcsrf\b|\bssrf\b|\bxxe\b|crypt|insecure|unsafe|dangerous|traversal|"
    r"deserial|\bcwe-?\d|\bcve-\d|hardcoded|eval\b"
)


def about(*said: Any) -> Kind:
    """Return SECRET or SAST where the rule's name, category or text speaks of it, else QUALITY."""
    told = " ".join(str(each) for each in said if each)
    if _SECRET.search(told) and re.search(r"(?i)hard-?coded|found|detect|leak|expos|entropy|commit", told):
        return Kind.SECRET
    return Kind.SAST if _SECURITY.search(told) else Kind.QUALITY
