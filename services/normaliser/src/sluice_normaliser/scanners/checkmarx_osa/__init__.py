"""Checkmarx OSA: known vulnerabilities of open-source libraries."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    Reading,
    ScanMap,
    ScannerSpec,
    call,
    const,
    fix,
    ident,
    matching,
    package,
    rating,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.shapes import arr, objs, words
from sluice_normaliser.scanners._checkmarx import is_suppressed, said
from sluice_shared.contracts.finding import Kind, Observation

_SETUP = """
The vulnerabilities and the libraries of a scan (`/cxrestapi/osa/vulnerabilities`, `/cxrestapi/osa/libraries`, or the
files that the plugins write), together in one list:
```sh
jq -s . CxOSAVulnerabilities.json CxOSALibraries.json > osa.json
sluice push osa.json --asset repo:github.com/acme/shop
```
"""
_LIBRARY = "#library"
"""Under this a vulnerability has its library, which stands in another list of the report."""


def _items(document: Any) -> list[dict[str, Any]]:
    """Return vulnerabilities and libraries, whether they stand in two lists or in one."""
    return [item for part in arr(document) for item in (objs(part) if isinstance(part, list) else objs([part]))]


def _ecosystem(name: Any) -> str | None:
    """Return ``maven`` for ``group:artifact``; other names do not tell."""
    return "maven" if ":" in (words(name) or "") else None


def _lost(document: Any) -> str | None:
    """Return why the report is not whole: a vulnerability of a library that it does not list."""
    found = _items(document)
    known = {item.get("id") for item in found if "cveName" not in item}
    lost = sum(item.get("libraryId") not in known for item in found if "cveName" in item)
    return f"{lost} vulnerabilities are of libraries that are not in the report" if lost else None


_VULNERABILITY = Map(
    kind=Kind.SCA,
    rule_id="cveName",
    title=when(
        f'"{_LIBRARY}".name', template(f'{{cveName}} in {{"{_LIBRARY}".name}} {{"{_LIBRARY}".version}}'), "cveName"
    ),
    description="description",
    severity="severity.name | severity",
    status=call(said, "state.name"),
    identifiers=(ident("cveName", "vendor", source=const("checkmarx")),),
    location=package(
        name=f'"{_LIBRARY}".name',
        version=f'"{_LIBRARY}".version',
        ecosystem=call(_ecosystem, f'"{_LIBRARY}".name'),
        path="sourceFileName",
        fixed_versions=matching("recommendations", r"(?i)upgrade to (?:version )?v?(\d\S*)"),
    ),
    ratings=rating(const("checkmarx"), score="score"),
    fix=fix(recommendation="recommendations"),
    references=("url",),
    suppressions=when(call(is_suppressed, "state.name"), suppression(kind=const("external"), status="state.name")),
    fingerprints={"checkmarx_osa": template("{id}/{libraryId}")},
    published_at="publishDate",
    ignore=(f'"{_LIBRARY}"', "libraryId", "severity.id", "state.id", "state.actionType", "commentsAmount"),
).compile()


def _read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each vulnerability, which is given its library."""
    items = _items(document)
    libraries = {item.get("id"): item for item in items if "cveName" not in item}
    for number, item in enumerate(each for each in items if "cveName" in each):
        row = {**item, _LIBRARY: libraries.get(item.get("libraryId")) or {}}
        yield from _VULNERABILITY.run((None, None, number, row), reading)


SPEC = ScannerSpec(
    name="checkmarx_osa",
    title="Checkmarx OSA",
    kinds=(Kind.SCA,),
    aliases=("cxosa",),
    homepage="https://checkmarx.com",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="checkmarx-osa-json",
            container="json",
            detect=JsonShape(
                root="array",
                any_of=(
                    *("[][].libraryId", "[][].cveName", "[][].numberOfVersionsSinceLastUpdate"),
                    *("[][].highUniqueVulnerabilityCount", "[][].newestVersionReleaseDate"),
                ),
                weight=2.0,
            ),
            scan=ScanMap(failure=call(_lost, ".")),
            parse=_read,
        ),
        Format(
            name="checkmarx-osa-vulnerabilities",
            container="json",
            detect=JsonShape(root="array", has=("[].cveName", "[].libraryId", "[].state", "[].publishDate")),
            scan=ScanMap(failure=call(_lost, ".")),
            parse=_read,
        ),
    ),
)
