"""What a machine of a Nessus report is called."""

import json
import re
from typing import Any

from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import objs, words

_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+")


def _property(tags: Any, name: str) -> str | None:
    """Return one property of a machine; there may be a hundred, and every item asks."""
    for tag in items_of(tags):
        if isinstance(tag, dict) and tag.get("@name") == name:
            return words(tag.get("#text"))
    return None


def name_of(tags: Any, reported: Any) -> str | None:
    """Return the name of a machine: the one it was scanned under, unless that is its address and a name is known."""
    given = words(reported)
    if given is not None and not _ADDRESS.fullmatch(given):
        return given
    names = (_property(tags, "host-fqdn"), _first_name(_property(tags, "host-fqdns")), _property(tags, "netbios-name"))
    return next((name for name in names if name), given)


def _first_name(listed: str | None) -> str | None:
    try:
        found = json.loads(listed or "[]")
    except ValueError:
        return None
    return next((words(each.get("FQDN")) for each in objs(found)), None)


def asset_of(tags: Any, reported: Any) -> str | None:
    """Return the asset key of a machine, or of the address of a web application."""
    name = name_of(tags, reported)
    if name is None:
        return None
    return f"url:{name.rstrip('/')}" if "://" in name else f"host:{name.lower()}"


def only(name: str) -> Any:
    """Return a function that gives one property of a machine."""

    def find(tags: Any) -> str | None:
        return _property(tags, name)

    return find
