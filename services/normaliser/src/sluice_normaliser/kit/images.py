"""Names of container images, taken apart as the OCI distribution specification does."""

import re
from functools import lru_cache
from typing import NamedTuple

_TAG = re.compile(r":([\w][\w.-]{0,127})$")


class ImageName(NamedTuple):
    """``registry:5000/shop`` with its tag and its digest, where the reference has them."""

    name: str
    tag: str | None = None
    digest: str | None = None


@lru_cache(maxsize=1024)
def image_name(reference: str) -> ImageName:
    """Return the parts of ``registry:5000/shop:1.4@sha256:…``; a port is no tag."""
    name, _, digest = reference.strip().partition("@")
    match = _TAG.search(name.rpartition("/")[2])
    tag = match.group(1) if match else None
    if tag is not None:
        name = name[: -len(tag) - 1]
    return ImageName(name, tag, digest or None)
