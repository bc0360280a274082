"""Reports about several assets: images of a registry, workloads of a cluster, hosts of a network."""

from collections.abc import Callable, Iterator
from typing import Any

from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.mapping import Group, Map
from sluice_normaliser.kit.path import Frame
from sluice_normaliser.kit.reading import Reading
from sluice_shared.contracts.finding import Observation, PackageLocation, ResourceLocation

AssetKey = Callable[[Observation], str | None]


def image_key(observation: Observation) -> str | None:
    """Return the asset key of the image that a package is in, or that a resource is, without its tag."""
    place = observation.location
    name = None
    if isinstance(place, PackageLocation):
        name = place.image.name if place.image is not None else None
    elif isinstance(place, ResourceLocation) and place.resource_type == "image":
        name = place.resource
    return f"image:{name}" if name else None


def host_asset(*names: Any) -> str | None:
    """Return the asset key of a machine: of the first of its names that is one, in lower case."""
    for name in names:
        found = (text(name) or "").strip()
        if found and len(found.split()) == 1:
            return f"host:{found.lower()}"
    return None


def several_assets(*maps: Map | Group, key: AssetKey = image_key) -> Callable[[Any, Reading], Iterator[Observation]]:
    """Return a format's ``parse`` that runs maps, and names each observation's asset where there are several.

    A report about one asset is of the one it was pushed for, whatever that is called there. A list (the rows of a CSV)
    is read item by item, anything else as a whole.
    """
    compiled = [each.compile() for each in maps]

    def parse(document: Any, reading: Reading) -> Iterator[Observation]:
        rows: list[Frame] = [(None, document)]
        if isinstance(document, list):
            rows = [(None, document, number, row) for number, row in enumerate(document)]
        found = [each for row in rows for inner in compiled for each in inner.run(row, reading)]
        keys = [key(each) for each in found]
        several = len(set(keys) - {None}) > 1
        for observation, own in zip(found, keys, strict=True):
            if several and observation.asset is None:
                observation.asset = own
            yield observation

    return parse
