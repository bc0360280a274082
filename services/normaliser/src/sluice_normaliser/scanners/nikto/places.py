"""Addresses and identifiers, as every format of Nikto takes them."""

from typing import Any

from sluice_normaliser.kit.shapes import words

_TLS = frozenset({"443", "8443", "9443"})


def address(name: Any, port: Any, path: Any) -> str | None:
    """Return the URL of a path of a site; the scheme follows from the port."""
    site, number, rest = words(name), words(port), words(path) or "/"
    if "://" in rest or site is None:
        return rest if "://" in rest else None
    scheme = "https" if number in _TLS else "http"
    shown = "" if number in {None, "80", "443"} else f":{number}"
    return f"{scheme}://{site}{shown}/{rest.lstrip('/')}"


def osvdb(number: Any) -> str | None:
    """Return the number of the Open Source Vulnerability Database with its prefix; 0 is none."""
    told = words(number)
    return f"OSVDB-{told.upper().removeprefix('OSVDB-')}" if told and told not in {"0", "OSVDB-0"} else None
