"""What a vulnerable package says: its own advisories are objects under ``via``, packages it depends on are texts."""

from typing import Any

from sluice_normaliser.kit import Map, call, const, each, fix, ident, package, rating, reference
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_normaliser.scanners._npm import ghsa_of, given_score
from sluice_shared.contracts.finding import Kind


def _rule(via: Any, name: Any) -> str | None:
    own = objs(via)
    return ghsa_of(own[0].get("url"), own[0].get("source")) if own else words(name)


def _through(via: Any) -> list[str]:
    return [each_ for each_ in arr(via) if isinstance(each_, str)]


def _title(via: Any, name: Any) -> str | None:
    titles = list(dict.fromkeys(found for each_ in objs(via) if (found := words(each_.get("title")))))
    if titles:
        return "; ".join(titles)
    depends = _through(via)
    return f"{name} depends on vulnerable versions of {', '.join(depends)}" if depends else words(name)


def _message(via: Any, name: Any, span: Any) -> str | None:
    depends = _through(via)
    return f"{name} {span or ''} depends on vulnerable versions of {', '.join(depends)}" if depends else None


def _own_fix(available: Any, name: Any) -> list[str]:
    told = obj(available)
    version = words(told.get("version"))
    return [version] if version and told.get("name") == name else []


def _is_available(available: Any) -> bool | None:
    return bool(available) if isinstance(available, (bool, dict)) else None


def _action(available: Any) -> str | None:
    told = obj(available)
    if available is True:
        return "run npm audit fix"
    if not told.get("name"):
        return None
    breaking = ", which is a breaking change" if told.get("isSemVerMajor") else ""
    return f"upgrade {told['name']} to {told.get('version') or 'a later version'}{breaking}"


PACKAGES = Map(
    each="vulnerabilities.*",
    kind=Kind.SCA,
    rule_id=call(_rule, "via", "name | #key"),
    title=call(_title, "via", "name | #key"),
    message=call(_message, "via", "name | #key", "range"),
    severity="severity",
    identifiers=("via[].url", each("via[]", ident("source", scheme="npm"), where="title")),
    cwes="via[].cwe[]",
    location=package(
        name="name | #key",
        ecosystem=const("npm"),
        affected_range="range",
        fixed_versions=call(_own_fix, "fixAvailable", "name | #key"),
        path="nodes[0]",
        direct="isDirect",
    ),
    related_locations=each("nodes[]", package(name="^.name | ^#key", ecosystem=const("npm"), path="."), where="#key"),
    ratings=each(
        "via[]",
        rating(const("github"), vector="cvss.vectorString", score=call(given_score, "cvss.score"), severity="severity"),
        where="title",
    ),
    fix=fix(action=call(_action, "fixAvailable"), available=call(_is_available, "fixAvailable")),
    references=each("via[]", reference(url="url", title="title", type=const("advisory")), where="url"),
)
