"""What a class of issue says about itself, with the names of one instance filled in."""

import re
from typing import Any

from sluice_normaliser.kit import construct
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.kit.text import plain
from sluice_shared.contracts.finding import Fix, Reference

_REPLACE = re.compile(r'<Replace\s+key="([^"]+)"[^>]*?/>')
_ALTERNATIVE = re.compile(r"<AltParagraph>.*?</AltParagraph>", re.DOTALL)


def many(value: Any) -> list[Any]:
    """Return a list; a single element is a list of one."""
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def definitions(unified: dict[str, Any]) -> dict[str, str]:
    """Return the names and places of one instance, by the keys that the texts use."""
    defined = obj(unified.get("ReplacementDefinitions"))
    found = {str(each.get("@key")): str(each.get("@value", "")) for each in map(obj, many(defined.get("Def")))}
    for each in map(obj, many(defined.get("LocationDef"))):
        found.setdefault(f"{each.get('@key')}.file", str(each.get("@path", "")))
        found.setdefault(f"{each.get('@key')}.line", str(each.get("@line", "")))
    return found


def filled(value: Any, named: dict[str, str]) -> str | None:
    """Return a text of the class with the names of this instance filled in."""
    said = words(value)
    if said is None:
        return None
    missing = [key for key in _REPLACE.findall(said) if key not in named]
    if not missing:
        said = _ALTERNATIVE.sub("", said)
    told = _REPLACE.sub(lambda match: named.get(match.group(1), "…"), said)
    return plain(told) or None


def joined(*parts: str | None) -> str | None:
    """Return the texts that there are, parted by blank lines."""
    return "\n\n".join(part for part in parts if part) or None


def remedy(about: dict[str, Any], named: dict[str, str]) -> Fix | None:
    """Return what Fortify recommends for the class."""
    tips = [filled(tip, named) for tip in many(obj(about.get("Tips")).get("Tip"))]
    advice = joined(filled(about.get("Recommendations"), named), *tips)
    return None if advice is None else construct(Fix, {"recommendation": advice})


def links(about: dict[str, Any]) -> list[Reference]:
    """Return where to read more about the class."""
    found: list[Reference] = []
    for each in map(obj, many(obj(about.get("References")).get("Reference"))):
        source = words(each.get("Source"))
        if source and "://" in source:
            found.append(construct(Reference, {"url": source, "title": words(each.get("Title"))}))
    return found
