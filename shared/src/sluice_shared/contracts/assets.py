"""Asset keys: ``repo:github.com/acme/shop``, ``image:registry.acme.io/shop``, ``cloud:aws/123456789012`` and the like.

An asset's id is derived from its key, so that every service computes the same id without asking another.
"""

import re
from enum import StrEnum
from uuid import UUID, uuid5

ASSET_NAMESPACE = UUID("5b0a3c53-6b7e-5d3b-9a51-2f1f5c1f9d10")
MAX_ASSET_KEY = 512
_REST = re.compile(r"[^\s\x00-\x1f\x7f]+")


class AssetType(StrEnum):
    """What an asset is; the part of its key before the first colon."""

    REPO = "repo"
    IMAGE = "image"
    HOST = "host"
    CLOUD = "cloud"
    URL = "url"
    CLUSTER = "cluster"
    PACKAGE = "package"
    APP = "app"


class AssetKeyError(ValueError):
    """The text is no asset key; the message says what one looks like."""


def parse_asset_key(text: str) -> tuple[AssetType, str]:
    """Split an asset key into its type and its name.

    Raises :class:`AssetKeyError` when the type is unknown, or the name is empty, too long or holds white space.
    """
    kind, _, rest = text.partition(":")
    types = ", ".join(t.value for t in AssetType)
    if kind not in set(AssetType):
        raise AssetKeyError(
            f"'{text[:80]}' is no asset key: it begins with none of the types {types}; "
            "write for example repo:github.com/acme/shop"
        )
    if len(text) > MAX_ASSET_KEY:
        raise AssetKeyError(f"the asset key is {len(text)} characters long; at most {MAX_ASSET_KEY} are allowed")
    if not _REST.fullmatch(rest):
        raise AssetKeyError(
            f"'{text[:80]}' is no asset key: after '{kind}:' comes a name without white space, "
            "for example repo:github.com/acme/shop"
        )
    return AssetType(kind), rest


def asset_id(key: str) -> UUID:
    """Return the id of the asset with this key: UUIDv5 of the key in Sluice's own namespace (RFC 9562)."""
    return uuid5(ASSET_NAMESPACE, key)
