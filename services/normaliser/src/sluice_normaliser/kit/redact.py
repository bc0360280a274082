"""Secrets: only a keyed digest and a preview of one is ever kept, and it is blotted out wherever else it stands."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from urllib.parse import quote

PREVIEW = 4
"""Characters of a secret that may be shown."""

_SHORTEST = 4
_SHORTEST_LINE = 16
_CENSORED = re.compile(r"\*{3,}|x{8,}|redacted|\[hidden\]|<masked>|•{3,}|…{3,}|\.{6,}", re.IGNORECASE)
_ASSIGNED = re.compile(r"""(?:=>|:=|=|:)\s*(["'`]?)(?P<value>[^\s"'`]{4,}.*?)\1\s*[,;]?\s*$""", re.DOTALL)
_QUOTED = re.compile(r"""(["'`])(?P<value>(?:(?!\1).){4,}?)\1""")
_LITERAL = re.compile(r"""(["'`])((?:(?!\1)[^\n]){6,}?)\1""")

_TOKENS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (mark, re.compile(form.format(re.escape(mark)), re.DOTALL))
    for marks, form in (
        (("AKIA", "ASIA", "AGPA", "AIDA", "AROA"), r"{}[A-Z0-9]{{16}}"),
        (("A3T",), r"{}[A-Z0-9]{{17}}"),
        (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"{}[A-Za-z0-9]{{36,}}"),
        (("github_pat_",), r"{}[A-Za-z0-9_]{{22,}}"),
        (("glpat-",), r"{}[\w-]{{20,}}"),
        (("xox",), r"{}[abposr]-[A-Za-z0-9-]{{10,}}"),
        (("https://hooks.slack.com/services/",), r"{}[\w/]+"),
        (("_live_", "_test_"), r"(?:sk|rk|pk){}[A-Za-z0-9]{{10,}}"),
        (("SG.",), r"{}[\w-]{{16,}}\.[\w-]{{16,}}"),
        (("AIza",), r"{}[\w-]{{35}}"),
        (("eyJ",), r"{}[\w-]{{8,}}\.eyJ[\w-]{{8,}}\.[\w-]*"),
        (("npm_",), r"{}[A-Za-z0-9]{{36}}"),
        (("pypi-",), r"{}[\w-]{{16,}}"),
        (("PRIVATE KEY-----",), r"-----BEGIN[ A-Z0-9]*{}.*?(?:-----END[ A-Z0-9]*PRIVATE KEY-----|\Z)"),
    )
    for mark in marks
)
"""What stands in every token of a sort, and its form: looking for the mark first is many times faster."""

_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"}
    | {"x-csrf-token", "private-token", "x-amz-security-token"}
)
_USERINFO = re.compile(r"(://[^/\s:@]*:)([^@\s/]+)(@)")


def digest(secret: str, key: bytes) -> str:
    """Return the HMAC-SHA-256 of a secret under ``key``, in hex. Blanks round it do not count."""
    return hmac.new(key, secret.strip().encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def preview(secret: str) -> str:
    """Return at most the first four characters of a secret, never more than a quarter of it, and ``***``."""
    shown = min(PREVIEW, len(secret.strip()) // 4)
    return secret.strip()[:shown].split("\n", 1)[0] + "***"


def is_censored(value: str) -> bool:
    """Return True when the scanner blotted the secret out itself, so that a digest of it would mean nothing."""
    return bool(_CENSORED.search(value)) or not value.strip(" *-.•…")


def secret_in(match: str) -> str:
    """Return the secret itself from a match that holds more: ``TOKEN="abc"`` gives ``abc``."""
    words = match.strip()
    return words if words.startswith("-----BEGIN") else likely_secret_in(words) or words


def likely_secret_in(words: str) -> str | None:
    """Return what in a line of source is most likely the secret: a known token, what is assigned, what is quoted."""
    token = token_in(words)
    if token is not None:
        return token
    assigned = _ASSIGNED.search(words.strip())
    if assigned and not words.strip().startswith(("http:", "https:")):
        return assigned.group("value").strip()
    quoted = _QUOTED.findall(words)
    return quoted[-1][1] if quoted else None


def token_in(words: str) -> str | None:
    """Return the first token in a text whose form gives it away, or None."""
    found = [match for mark, form in _TOKENS if mark in words and (match := form.search(words))]
    return min(found, key=lambda match: match.start()).group() if found else None


def _spellings(secret: str) -> list[str]:
    whole = secret.strip()
    found = {secret, whole, whole.replace("\\", "\\\\").replace('"', '\\"')}
    found.add(whole.replace("\n", "\\n"))
    found.update(part.strip() for part in whole.splitlines() if len(part.strip()) >= _SHORTEST_LINE)
    return sorted((each for each in found if len(each) >= _SHORTEST), key=len, reverse=True)


class Blotter:
    """Replaces every spelling of the given secrets in any structure of texts."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = list(secrets)
        self._marks = [(spelling, preview(secret)) for secret in self._secrets for spelling in _spellings(secret)]

    def text(self, words: str) -> str:
        """Return the text without the secrets."""
        for spelling, mark in self._marks:
            if spelling in words:
                words = words.replace(spelling, mark)
        if "%" in words:
            for spelling, mark in self._quoted:
                words = words.replace(spelling, mark)
        return words

    @cached_property
    def _quoted(self) -> list[tuple[str, str]]:
        """The secrets as they stand in URLs: worked out for texts that may be one, for it takes long."""
        quoted = [(quote(secret.strip(), safe=""), preview(secret)) for secret in self._secrets]
        return [(spelling, mark) for spelling, mark in quoted if len(spelling) >= _SHORTEST]

    def any(self, value: Any) -> Any:
        """Return the value with the secrets gone from every text in it."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.any(item) for item in value]
        if isinstance(value, dict):
            return {self.text(key) if isinstance(key, str) else key: self.any(item) for key, item in value.items()}
        return value


def scrub_exchange(words: str) -> str:
    """Return an HTTP request or response without the credentials that its headers, URLs and body carry."""
    words = "\n".join([_scrub_header(line) if ":" in line else line for line in words.split("\n")])
    if "@" in words and "://" in words:
        words = _USERINFO.sub(r"\1***\3", words)
    return scrub_tokens(words)


def _scrub_header(line: str) -> str:
    name, _, value = line.partition(":")
    if name.strip(" \t").lower() not in _HEADERS or not value.strip(" \t"):
        return line
    blanks = value[: len(value) - len(value.lstrip(" \t"))]
    return f"{name}:{blanks}***"


def scrub_tokens(words: str) -> str:
    """Return the text without tokens whose form gives them away."""
    for mark, form in _TOKENS:
        if mark in words:
            words = form.sub(_blot, words)
    return words


def _blot(match: re.Match[str]) -> str:
    return preview(match.group())


def scrub_literals(words: str) -> str:
    """Return source text without its quoted literals: for a secret whose value the scanner did not say."""
    return _LITERAL.sub(lambda match: f"{match.group(1)}{preview(match.group(2))}{match.group(1)}", scrub_tokens(words))
