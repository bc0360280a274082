"""Package URLs, as far as two of them have to be compared (https://github.com/package-url/purl-spec)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

_SCHEME = "pkg:"
_FOLDED = frozenset({"pypi", "github", "bitbucket", "composer", "deb", "apk", "oci", "golang", "npm", "hex"})
_PYPI = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class Purl:
    """The parts by which packages are compared; ``name`` has its namespace before it."""

    type: str
    name: str
    version: str | None
    repository: str | None

    def is_of(self, other: "Purl") -> bool:
        """Tell whether this package is what ``other`` means; a purl without a version means every version."""
        if (self.type, self.name) != (other.type, other.name):
            return False
        return other.version is None or other.version == self.version


@lru_cache(maxsize=65_536)
def read_purl(text: str) -> Purl | None:
    """Read a purl; None for what is none. Case and separators that its type ignores are folded."""
    if not text.startswith(_SCHEME):
        return None
    body, _, query = text.removeprefix(_SCHEME).lstrip("/").partition("#")[0].partition("?")
    kind, _, rest = body.partition("/")
    path, _, last = rest.rpartition("/")
    # A scope such as npm's may begin with the very character that comes before a version.
    name, at, version = last.rpartition("@") if "@" in last[1:] else (last, "", "")
    whole = unquote(f"{path}/{name}" if path else name)
    if not kind or not whole:
        return None
    kind = kind.lower()
    if kind in _FOLDED:
        whole = whole.lower()
    if kind == "pypi":
        whole = _PYPI.sub("-", whole)
    qualifiers = dict(parse_qsl(query))
    return Purl(kind, whole, unquote(version) or None if at else None, qualifiers.get("repository_url"))
