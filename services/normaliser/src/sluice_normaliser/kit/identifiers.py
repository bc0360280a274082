"""Names of vulnerabilities and weaknesses: found in any text, in the one form each scheme gives them."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sluice_normaliser.kit.coerce import strings
from sluice_normaliser.kit.construct import construct
from sluice_shared.contracts.finding import Identifier

_CACHED, _LONGEST = 16_384, 512
"""Texts whose identifiers are remembered, and characters of one."""


def _upper(found: str) -> str:
    return found.upper()


def _ghsa(found: str) -> str:
    return "GHSA-" + found[5:].lower()


def _number_of(prefix: str) -> Callable[[str], str]:
    def canonical(found: str) -> str:
        digits = re.sub(r"\D", "", found)
        return f"{prefix}-{int(digits)}"

    return canonical


def _owasp(found: str) -> str:
    risk, _, year = found.upper().replace("_", ":").replace("-", ":").partition(":")
    return f"{risk[0]}{int(risk[1:]):02d}:{year}"


def _as_is(found: str) -> str:
    return found


_DISTRO = "RHSA|RHBA|RHEA|ELSA|ELBA|ALSA|ALBA|RLSA|RLBA|CESA|FEDORA|DSA|DLA|USN|LSN|GLSA|ASA|MGASA|ALAS2?|ALAS2023"
_OSV = (
    "PYSEC|RUSTSEC|GO|MAL|OSV|GSD|HSEC|RSEC|BIT|CGA|EEF|ROOT|DRUPAL|JLSEC|ECHO|MINI|TEMP|GMS|PSF|UVI|DWF|LBSEC|V8|ASB-A"
)

_SCHEMES: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    (
        "cve",
        r"CVE[-_\u2010-\u2014]\d{4}[-_\u2010-\u2014]\d{4,19}",
        lambda found: re.sub(r"[_\u2010-\u2014]", "-", found.upper()),
    ),
    ("ghsa", r"GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}", _ghsa),
    ("cwe", r"CWE[-_ :]?(?:ID[-_ :]?)?0*[1-9]\d{0,3}(?!\d)", _number_of("CWE")),
    ("capec", r"CAPEC[-_ ]?0*[1-9]\d{0,3}(?!\d)", _number_of("CAPEC")),
    ("wasc", r"WASC[-_ ]?0*[1-9]\d{0,2}(?!\d)", _number_of("WASC")),
    ("snyk", r"SNYK-[A-Z0-9]+-[A-Z0-9._-]*\d|npm:[a-z0-9._@/-]+:\d{8}", _as_is),
    ("suse", r"(?:open)?SUSE-[A-Z]{2}-\d{4}:\d+(?:-\d+)?", _upper),
    ("alas", r"ALAS(?:2|2022|2023)?(?:[A-Z.0-9_-]*)-\d{4}-\d{2,4}", _upper),
    ("distro", rf"(?:{_DISTRO})[-:]\d[\dA-Z]*(?:[-:.][\dA-Z]+)*", _upper),
    ("osv", rf"(?:{_OSV})-(?:\d{{4}}|[a-z0-9]{{4}})-[A-Za-z0-9-]+", _as_is),
    ("euvd", r"EUVD-\d{4}-\d+", _upper),
    ("jvndb", r"JVNDB-\d{4}-\d{6}", _upper),
    ("cnvd", r"CNN?VD-(?:C-)?\d{4,6}-\d+", _upper),
    ("ms", r"\bMS\d{2}-\d{3}\b", _upper),
    ("sonatype", r"sonatype-\d{4}-\d+", str.lower),
    ("owasp", r"(?<![A-Z0-9])A(?:0?[1-9]|10)[:_-]20\d\d", _owasp),
)
_PATTERN = re.compile(
    # the look at the word first halves the time: every name begins with letters and one of these
    r"(?<![A-Za-z0-9])(?=[A-Za-z]{1,9}[-_ :0-9\u2010-\u2014])(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern, _ in _SCHEMES)
    + ")",
    re.IGNORECASE,
)
_CANONICAL: Mapping[str, Callable[[str], str]] = MappingProxyType({name: form for name, _, form in _SCHEMES})

WEAKNESS_TYPES = frozenset({"cwe", "owasp", "wasc", "capec", "cis", "vendor", "rule"})
"""Types that name a class of weakness or a rule, not one vulnerability: two findings may share them by chance."""


def is_vulnerability(identifier_type: str) -> bool:
    """Return True for types that name one vulnerability (CVE, GHSA, OSV, a distribution's advisory …)."""
    return identifier_type not in WEAKNESS_TYPES


def find(words: str) -> tuple[tuple[str, str], ...]:
    """Return the (type, value) of every known identifier in a text, canonical, distinct, in order."""
    return _find(words) if len(words) <= _LONGEST else _find.__wrapped__(words)


@lru_cache(maxsize=_CACHED)
def _find(words: str) -> tuple[tuple[str, str], ...]:
    found: dict[tuple[str, str], None] = {}
    for match in _PATTERN.finditer(words):
        scheme = match.lastgroup or ""
        value = _CANONICAL[scheme](match.group())
        if scheme in {"distro", "osv"}:
            scheme = re.split(r"[-:]", value, maxsplit=1)[0].lower()
        found[scheme, value] = None
    return tuple(found)


def identifiers(values: Any, *, source: str | None = None, otherwise: str | None = None) -> list[Identifier]:
    """Return the identifiers in texts, lists of texts, tags (``external/cwe/cwe-079``) or URLs.

    A text without any known scheme becomes an identifier of type ``otherwise``, when that is given, else nothing.
    """
    result: dict[tuple[str, str], Identifier] = {}
    for words in strings(values):
        named = find(words)
        if not named and otherwise is not None:
            named = ((otherwise, words),)
        for scheme, value in named:
            if (scheme, value) not in result:
                result[scheme, value] = make(scheme, value, source=source)
    return list(result.values())


@lru_cache(maxsize=_CACHED)
def make(scheme: str, value: str, *, source: str | None = None, url: str | None = None) -> Identifier:
    """Return one identifier whose parts are already canonical; all who name it share it, so it is never changed."""
    return construct(Identifier, {"type": scheme, "value": value, "source": source, "url": url})


def merge(found: Iterable[Identifier]) -> list[Identifier]:
    """Return the identifiers without repetitions, the first of each kept."""
    distinct: dict[tuple[str, str], Identifier] = {}
    for identifier in found:
        distinct.setdefault((identifier.type, identifier.value), identifier)
    return list(distinct.values())


_BARE_CWE = re.compile(r"\s*0*([1-9]\d{0,3})(?:\.0+)?(?![\d.])\s*(?:[:,;-].*)?$", re.DOTALL)
_CWE_URL = re.compile(r"cwe\.mitre\.org/data/definitions/0*([1-9]\d{0,3})", re.IGNORECASE)


@lru_cache(maxsize=_CACHED)
def _cwes_of(words: str) -> tuple[int, ...]:
    bare = _BARE_CWE.match(words)
    if bare:
        if "," in words or ";" in words:
            parts = words.replace(";", ",").split(",")
            return tuple(int(part) for part in parts if part.strip().isdigit() and int(part) > 0)
        return (int(bare.group(1)),)
    named = [int(value[4:]) for scheme, value in find(words) if scheme == "cwe"]
    named += [int(match) for match in _CWE_URL.findall(words)]
    return tuple(dict.fromkeys(named))


def cwes(values: Any) -> list[int]:
    """Return the CWE numbers in numbers, texts, lists, tags or URLs; distinct, in order. 0 and "noinfo" are none."""
    return list(dict.fromkeys(number for words in strings(values) for number in _cwes_of(words)))
