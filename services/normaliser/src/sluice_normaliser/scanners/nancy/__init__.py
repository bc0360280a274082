"""Nancy: vulnerable Go modules, after OSS Index."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    ident,
    package,
    rating,
    status,
    suppression,
    when,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
go list -json -deps ./... | nancy sleuth --output json > nancy.json
sluice push nancy.json --asset repo:github.com/acme/shop
```
Nancy ends with a status other than 0 when it found something.
"""


def _only_audited(coordinates: Any, vulnerable: Any) -> bool:
    """Return whether a module is not among the vulnerable ones: all it has is excluded, or their list is left out."""
    return coordinates not in (vulnerable or [])


def _map(path: str, **more: Any) -> Map:
    return Map(
        each=path,
        kind=Kind.SCA,
        rule_id="Cve | ID | Id",
        title="Title",
        description="Description",
        severity=by("CvssScore", "cvss"),
        status=status("Excluded", {"true": ObservationStatus.SUPPRESSED}),
        identifiers=(ident("Cve", "sonatype"), ident("ID | Id", "sonatype"), "Title"),
        cwes="Title",
        location=package(purl="^.Coordinates"),
        ratings=rating(const("ossindex"), vector="CvssVector", score="CvssScore"),
        references=("Reference", "^.Reference"),
        suppressions=when("Excluded", suppression(kind=const("policy"))),
        **more,
    )


SPEC = ScannerSpec(
    name="nancy",
    title="Nancy",
    kinds=(Kind.SCA,),
    homepage="https://github.com/sonatype-nexus-community/nancy",
    setup=_SETUP,
    formats=(
        Format(
            name="nancy-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("num_audited", "num_vulnerable", "vulnerable[].Coordinates", "audited[].Coordinates"),
                lacks=("bomFormat",),
                weight=2,
            ),
            scan=ScanMap(version="version"),
            maps=(
                _map("vulnerable[].Vulnerabilities[]"),
                _map(
                    "audited[].Vulnerabilities[]",
                    where=call(_only_audited, "^.Coordinates", "$.vulnerable[].Coordinates"),
                ),
            ),
        ),
    ),
)
