"""What a finding is called and where it is, in the few words that lists, alerts and searches need."""

import re
from dataclasses import dataclass
from datetime import datetime

from sluice_risk_index.domain.observed import Observed, ObservedLocation
from sluice_shared.contracts.finding import Kind

_LONGEST_TEXT = 1000
_LONGEST_NAME = 512
_LONGEST_TERM = 100
_MOST_TERMS = 48
_MOST_NAMES = 64
_WORD = re.compile(r"[^\W_][\w.+-]*")
_PART = re.compile(r"[^\W_]+")
_EMPTY_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "could",
        "for",
        "from",
        "has",
        "have",
        "in",
        "into",
        "is",
        "it",
        "may",
        "no",
        "not",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "use",
        "used",
        "using",
        "via",
        "was",
        "when",
        "which",
        "with",
    ]
)


@dataclass(frozen=True, slots=True)
class Description:
    """The describing columns of a finding; ``terms`` are the lower-case words by which it can be searched."""

    kind: Kind
    title: str
    rule_id: str
    scanners: list[str]
    identifiers: list[str]
    cwes: list[int]
    package: str | None
    purl: str | None
    path: str | None
    location: str | None
    fix_action: str | None
    terms: str
    published_at: datetime | None


def describe(observations: list[Observed]) -> Description:
    """Describe a finding by its observations; the most severe one gives title, rule and place."""
    first = observations[0] if len(observations) == 1 else _leading(observations)
    location = first.location
    title = _clean(first.title, _LONGEST_TEXT)
    rule_id = _clean(first.rule_id, _LONGEST_NAME)
    package = _package(location)
    path = _clean(location.path, _LONGEST_TEXT) if location and location.path else None
    identifiers = {_clean(i.value, _LONGEST_NAME) for o in observations for i in o.identifiers if i.value}
    published = [o.published_at for o in observations if o.published_at]
    return Description(
        kind=first.kind,
        title=title,
        rule_id=rule_id,
        scanners=sorted({_clean(o.scanner, _LONGEST_NAME) for o in observations}),
        identifiers=sorted(identifiers - {""})[:_MOST_NAMES],
        cwes=sorted({cwe for o in observations for cwe in o.cwes})[:_MOST_NAMES],
        package=package,
        purl=_clean(location.purl, _LONGEST_NAME) if location and location.purl else None,
        path=path,
        location=_line(location),
        fix_action=_fix_action(first, package),
        terms=" ".join(search_terms(title, rule_id, package, path)),
        published_at=min(published) if published else None,
    )


def search_terms(*texts: str | None) -> list[str]:
    """Return the distinct words of the texts, whole (`log4j-core`) and in parts (`log4j`, `core`)."""
    terms: dict[str, None] = {}
    for word in _WORD.findall(" ".join(text for text in texts if text).lower()):
        if word in terms or word in _EMPTY_WORDS:
            continue
        terms[word.rstrip(".+-")[:_LONGEST_TERM]] = None
        if not word.isalnum():
            for part in _PART.findall(word):
                if len(part) > 1:
                    terms[part[:_LONGEST_TERM]] = None
    return list(terms)[:_MOST_TERMS]


def query_terms(text: str) -> list[str]:
    """Return the words of a search, each of which must begin a term of the finding."""
    return [word.rstrip(".+-")[:_LONGEST_TERM] for word in _WORD.findall(text.lower()) if word not in _EMPTY_WORDS]


def _leading(observations: list[Observed]) -> Observed:
    return min(observations, key=lambda o: (-o.severity.rank, o.scanner, o.rule_id))


def _package(location: ObservedLocation | None) -> str | None:
    if location is None or location.type != "package" or not location.name:
        return None
    name = f"{location.namespace}/{location.name}" if location.namespace else location.name
    return _clean(name, _LONGEST_NAME)


def _line(location: ObservedLocation | None) -> str | None:
    """Say in one line where it is."""
    if location is None:
        return None
    match location.type:
        case "package":
            text = f"{_package(location)}@{location.version}" if location.version else _package(location) or ""
        case "url":
            text = f"{location.method or 'GET'} {location.template or location.url or ''}"
            text += f" ({location.parameter})" if location.parameter else ""
        case "host":
            text = f"{location.host}:{location.port}" if location.port else location.host or ""
        case "resource":
            text = location.resource or ""
        case _:
            text = f"{location.path}:{location.start_line}" if location.start_line else location.path or ""
    return _clean(text, _LONGEST_TEXT) or None


def _fix_action(observed: Observed, package: str | None) -> str | None:
    fix = observed.fix
    if fix is not None and fix.action:
        return _clean(fix.action, _LONGEST_TEXT)
    versions = (fix.fixed_versions if fix else None) or (
        observed.location.fixed_versions if observed.location is not None else None
    )
    return _clean(f"upgrade {package} to {versions[0]}", _LONGEST_TEXT) if package and versions else None


def _clean(text: str, longest: int) -> str:
    """Bound the text, and take out the one character that PostgreSQL cannot store."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if len(text) <= longest else text[:longest]
