"""Zora: vulnerabilities and misconfigurations of a cluster."""

from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    Map,
    ScannerSpec,
    call,
    const,
    fix,
    image_name,
    resource,
    several_assets,
    split,
    status,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
*Zora dashboard → Vulnerabilities or Misconfigurations → Export CSV*:
```sh
sluice push zora.csv --asset cluster:prod
```
In an export about several images each of them is an asset of its own.
"""


def _image(said: Any) -> str | None:
    """Return the name of an image without its tag; misconfigurations have none."""
    image = words(said)
    return image_name(image).name if image else None


_ROWS = Map(
    kind=Kind.CONTAINER,
    rule_id="id",
    title="title",
    description="description",
    severity="severity",
    identifiers="id",
    location=resource(resource=call(_image, "image"), resource_type=const("image"), name="image"),
    fix=fix(fixed_versions=split("fixVersion", ",")),
    status=status("status", {"PASS": ObservationStatus.PASSED, "OK": ObservationStatus.PASSED}),
    tags=("source", "status"),
)


SPEC = ScannerSpec(
    name="zora",
    title="Zora",
    kinds=(
        Kind.CONTAINER,
        Kind.CSPM,
    ),
    homepage="https://zora-docs.undistro.io",
    setup=_SETUP,
    formats=(
        Format(
            name="zora-csv",
            container="csv",
            detect=CsvShape(columns=("id", "severity", "fixVersion"), any_of=("source", "image"), weight=2),
            parse=several_assets(_ROWS),
        ),
    ),
)
