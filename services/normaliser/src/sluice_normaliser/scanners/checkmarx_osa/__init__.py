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
    TextShape,
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


def _is_vulnerability(item: dict[str, Any]) -> bool:
    return "cveName" in item or "libraryId" in item


def _ecosystem(name: Any) -> str | None:
    """Return ``maven`` for ``group:artifact``; other names do not tell."""
    return "maven" if ":" in (words(name) or "") else None


def _lost(document: Any) -> str | None:
    """Return why the report is not whole: a vulnerability of a library that it does not list."""
    found = _items(document)
    known = {words(item.get("id")) for item in found if not _is_vulnerability(item)}
    lost = sum(words(item.get("libraryId")) not in known for item in found if _is_vulnerability(item))
    return f"{lost} vulnerabilities are of libraries that are not in the report" if lost else None


_VULNERABILITY = Map(
    kind=Kind.SCA,
    rule_id="cveName | id",
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
    libraries = {words(item.get("id")): item for item in items if not _is_vulnerability(item)}
    for number, item in enumerate(filter(_is_vulnerability, items)):
        row = {**item, _LIBRARY: libraries.get(words(item.get("libraryId"))) or {}}
        yield from _VULNERABILITY.run((None, None, number, row), reading)


def _nothing(_document: Any, _reading: Reading) -> Iterator[Observation]:
    """Yield nothing: no libraries, and no vulnerabilities."""
    return iter(())


SPEC = ScannerSpec(
    name="checkmarx_osa",
    title="Checkmarx OSA",
    kinds=(Kind.SCA,),
    aliases=("cxosa",),
    homepage="https://checkmarx.com",
    setup=_SETUP,
    trivial={"[]": CLEAN, "[[]]": CLEAN},
    formats=(
        Format(
            name="checkmarx-osa-json",
            container=("json", "jsonl"),
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
            name="checkmarx-osa-nothing",
            container="text",
            detect=TextShape(patterns=(r"\A\s*\[\s*\[\s*\]\s*,\s*\[\s*\]\s*\]\s*\Z",)),
            parse=_nothing,
        ),
        Format(
            name="checkmarx-osa-vulnerabilities",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].cveName",),
                any_of=("[].libraryId", "[].state", "[].publishDate", "[].recommendations"),
                weight=1,
            ),
            scan=ScanMap(failure=call(_lost, ".")),
            parse=_read,
        ),
    ),
)
