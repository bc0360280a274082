"""Where Nosey Parker found a secret: in a file, in a commit of a repository, or in both at once."""

import base64
import binascii
from typing import Any

from sluice_normaliser.kit import clean_path, construct
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import CodeLocation


def _all(provenance: Any) -> list[dict[str, Any]]:
    return [provenance] if isinstance(provenance, dict) else objs(provenance)


def _commits(provenance: Any) -> list[dict[str, Any]]:
    """Return what is said about commits; it was called ``commit_provenance`` before it became ``first_commit``."""
    found = (obj(each.get("first_commit") or each.get("commit_provenance")) for each in _all(provenance))
    return [each for each in found if each]


def _metadata(provenance: Any) -> dict[str, Any]:
    return next((obj(each.get("commit_metadata")) for each in _commits(provenance)), {})


def path_of(provenance: Any) -> str | None:
    """Return the path in the repository where there is one, else the path of the file, else of the repository."""
    inside = next((found for each in _commits(provenance) if (found := words(each.get("blob_path")))), None)
    own = next((found for each in _all(provenance) if (found := words(each.get("path")))), None)
    outer = next((found for each in _all(provenance) if (found := words(each.get("repo_path")))), None)
    return inside or own or outer


def other_places(provenance: Any) -> list[CodeLocation]:
    """Return the further paths under which the same match is found."""
    first = clean_path(path_of(provenance) or "")
    paths = [words(each.get("path")) for each in _all(provenance)]
    paths += [words(each.get("blob_path")) for each in _commits(provenance)]
    distinct = dict.fromkeys(clean_path(path) for path in paths if path)
    return [construct(CodeLocation, {"path": path}) for path in distinct if path != first]


def commit(provenance: Any) -> str | None:
    """Return the commit in which the secret was first seen."""
    return words(_metadata(provenance).get("commit_id"))


def author(provenance: Any) -> str | None:
    """Return who wrote that commit."""
    return words(_metadata(provenance).get("author_name"))


def email(provenance: Any) -> str | None:
    """Return the address of who wrote that commit."""
    return words(_metadata(provenance).get("author_email"))


def committed_at(provenance: Any) -> str | None:
    """Return when that commit was made, as Git says it."""
    about = _metadata(provenance)
    return words(about.get("committer_timestamp")) or words(about.get("author_timestamp"))


def secret_of(content: Any, groups: Any) -> str | None:
    """Return the secret: as text in old reports, since 0.17 as the first captured group in Base64."""
    if isinstance(content, str) and content:
        return content
    first = words(groups[0]) if isinstance(groups, list) and groups else None
    if first is None:
        return None
    try:
        return base64.b64decode(first, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return first


def snippet(value: Any) -> str | None:
    """Return the lines round the match."""
    about = obj(value)
    parts = (about.get("before"), about.get("matching"), about.get("after"))
    return "".join(part for part in parts if isinstance(part, str)) or None
