"""Trustwave Fusion: findings of managed scans and tests, as its API gives them."""

import re
from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    const,
    host,
    ident,
    package,
    rating,
    url,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
curl -H "Authorization: $TOKEN" https://eu.fusion.trustwave.com/v2/findings > fusion.json
sluice push fusion.json --asset network:acme
```
Each finding names its machine, which becomes the asset of the result.
"""
_CPE = re.compile(r"cpe:(?:/|2\.3:)[aoh]:([^:]+):([^:]+)(?::([^:]+))?")


def _said(value: Any) -> str | None:
    """Return the words; the API writes "None" for nothing."""
    found = words(value)
    return None if found is None or found.lower() in {"none", "null"} else found


def _at(path: str) -> call:
    return call(_said, path)


def _part(group: int) -> call:
    """Return the vendor and product (1), or the version (2), of the CPE."""

    def find(cpe: Any) -> str | None:
        match = _CPE.match(_said(cpe) or "")
        if match is None:
            return None
        return f"{match[1]}:{match[2]}" if group == 1 else match[3]

    return call(find, "location.applicationCpe")


def _asset(*names: Any) -> str | None:
    name = next((told for each_ in names if (told := _said(each_))), None)
    return f"host:{name.lower()}" if name else None


def _findings(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.HOST,
        rule_id="kb.id | classification",
        rule_name="name",
        title="name",
        description="kb.description | description",
        severity="severity",
        identifiers=("kb.cves[]", ident("kb.id", "vendor", source=const("trustwave"))),
        location=host(
            host=_at("location.domain | location.ip"),
            ip=_at("location.ip"),
            port="location.port",
            protocol=_at("location.transportProtocol"),
            service=_at("location.applicationProtocol"),
        ),
        related_locations=(
            url(url=_at("location.url")),
            when(
                _part(1),
                package(name=_part(1), version=_part(2), cpe=_at("location.applicationCpe")),
            ),
        ),
        ratings=(
            rating(const("trustwave"), score="kb.cvssV3BaseScore", version=const("3.1")),
            rating(const("trustwave"), score="kb.cvssV2BaseScore", version=const("2.0")),
        ),
        evidence={"output": "evidence"},
        fingerprints={"trustwave_finding": "id", "external": _at("externalFindingId")},
        asset=call(_asset, "location.domain", "location.ip"),
        tags=("classification", _at("trackingId")),
        first_detected_at="createdOn",
        last_detected_at="updatedOn",
        ignore=("job", "customerId", "customerName", "externalJobId", "location.applicationName"),
    )


SPEC = ScannerSpec(
    name="trustwave_fusion_api",
    scanner="trustwave",
    title="Trustwave Fusion",
    kinds=(Kind.HOST,),
    aliases=("trustwave-fusion",),
    homepage="https://www.trustwave.com/en-us/capabilities/fusion-platform/",
    setup=_SETUP,
    formats=(
        Format(
            name="trustwave-fusion-api",
            container="json",
            detect=JsonShape(
                root="object", has=("items[].kb",), any_of=("items[].location", "items[].classification"), weight=2
            ),
            scan=ScanMap(scanned_at="items[0].job.jobEndTime"),
            maps=(_findings("items[]"),),
        ),
        Format(
            name="trustwave-fusion-api-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("items",),
                only=("items", "total", "totalItems", "count", "page", "limit", "offset", "cursor", "links"),
                lacks=("items[]",),
                weight=-1,
            ),
            maps=(_findings("items[]"),),
        ),
        Format(
            name="trustwave-fusion-api-list",
            container="json",
            detect=JsonShape(root="array", has=("[].kb",), any_of=("[].location", "[].classification")),
            scan=ScanMap(scanned_at="[0].job.jobEndTime"),
            maps=(_findings("[]"),),
        ),
    ),
)
