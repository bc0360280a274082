"""Dockle: lints container images by the CIS benchmark and its own checks."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    call,
    const,
    each,
    evidence,
    first,
    ident,
    image_name,
    join,
    resource,
    status,
    suppression,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
dockle --format json --output dockle.json registry.acme.io/shop:1.4
sluice push dockle.json --asset image:registry.acme.io/shop
```
Checks of the level `IGNORE` (from `.dockleignore`) count as suppressed, those of `SKIP` and `PASS` as such.
"""

_LEVELS = {
    "PASS": ObservationStatus.PASSED,
    "SKIP": ObservationStatus.NOT_APPLICABLE,
    "IGNORE": ObservationStatus.SUPPRESSED,
}


def _image(name: Any) -> str | None:
    return image_name(words(name) or "").name


def _link(code: Any) -> str | None:
    found = words(code)
    return f"https://github.com/goodwithtech/dockle/blob/master/CHECKPOINT.md#{found.lower()}" if found else None


def _cis(code: Any) -> str | None:
    found = words(code) or ""
    return found if found.startswith("CIS-") else None


SPEC = ScannerSpec(
    name="dockle",
    title="Dockle",
    kinds=(Kind.CONTAINER,),
    homepage="https://github.com/goodwithtech/dockle",
    setup=_SETUP,
    counts_passed=True,
    formats=(
        Format(
            name="dockle-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("details",),
                any_of=("summary.fatal", "summary.warn", "summary.skip", "details[].alerts"),
                weight=2,
            ),
            maps=(
                Map(
                    each="details[]",
                    kind=Kind.CONTAINER,
                    rule_id="code",
                    title="title",
                    message=join("alerts[]"),
                    severity=by("level", "levels"),
                    status=status("level", _LEVELS),
                    identifiers=ident(call(_cis, "code"), scheme="cis"),
                    location=resource(
                        resource=first(call(_image, "$.image"), const("image")),
                        name="$.image",
                        resource_type=const("container image"),
                    ),
                    references=call(_link, "code"),
                    suppressions=when(
                        call(lambda level: level == "IGNORE", "level"),
                        suppression(kind=const("policy"), status=const("accepted")),
                    ),
                    evidence=each("alerts[]", evidence(type=const("output"), text=".")),
                ),
            ),
        ),
    ),
)
