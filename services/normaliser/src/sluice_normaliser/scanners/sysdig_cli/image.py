"""What both formats say about the image, its layers and its packages."""

from typing import Any

from sluice_normaliser.kit import construct, image_name
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_shared.contracts.finding import ImageRef, Kind

_IMAGES = frozenset({"dockerimage", "containerimage", "image"})


def kind(type_: Any) -> Kind:
    """Return the kind of a vulnerability by what was scanned."""
    return Kind.HOST if (words(type_) or "").lower() == "host" else Kind.CONTAINER


def about_image(failure: Any) -> bool:
    """Return whether a policy's failure is about the image itself; the others only point at vulnerabilities."""
    return words(failure) == "imageConfigFailure"


def ecosystem(type_: Any, system: Any) -> str | None:
    """Return the ecosystem of a package; ``os`` stands for that of the system: ``debian`` of ``debian 9.13``."""
    named = words(type_)
    if named != "os":
        return named
    return next(iter((words(system) or "").split()), None)


def version(value: Any, type_: Any) -> str | None:
    """Return a fixed version; the scanner writes a ``v`` before those of languages that have none."""
    found = words(value)
    if found and found[0] == "v" and found[1:2].isdigit() and words(type_) not in {"golang", "go"}:
        return found[1:]
    return found


def image(metadata: Any, layer: Any, layers: Any) -> ImageRef | None:
    """Return the image with the layer that has the package."""
    about, digest = obj(metadata), words(layer)
    name = words(about.get("pullString"))
    if name is None:
        return None
    asked = image_name(name)
    listed = objs(layers) if isinstance(layers, list) else [obj(each) for each in obj(layers).values()]
    index = next((number for number, each in enumerate(listed) if digest and each.get("digest") == digest), None)
    found = listed[index] if index is not None else {}
    history = arr(about.get("layers"))
    return construct(
        ImageRef,
        {
            "name": asked.name or None,
            "tag": asked.tag,
            "digest": words(about.get("digest")) or asked.digest,
            "image_id": words(about.get("imageId")),
            "os": words(about.get("baseOs")),
            "layer_digest": digest,
            "layer_index": found.get("index", index) if not history else index,
            "instruction": words(found.get("command")),
        },
    )
