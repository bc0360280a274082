"""Checkmarx OSA: known vulnerabilities of open-source libraries."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    const,
    fix,
    ident,
    matching,
    package,
    peek,
    rating,
    suppression,
    when,
)
from sluice_normaliser.kit.shapes import arr, objs, words
from sluice_normaliser.scanners._checkmarx import is_suppressed, said
from sluice_shared.contracts.finding import Kind

_SETUP = """
The vulnerabilities and the libraries of a scan (`/cxrestapi/osa/vulnerabilities`, `/cxrestapi/osa/libraries`, or the
files that the plugins write), together in one list:
```sh
jq -s . CxOSAVulnerabilities.json CxOSALibraries.json > osa.json
sluice push osa.json --asset repo:github.com/acme/shop
```
"""
_LIBRARY = ("libraryId", peek("$"))


def _library(identifier: Any, document: Any) -> dict[str, Any]:
    """Return the library with an id; it stands in another list of the report than the vulnerabilities."""
    wanted = words(identifier)
    listed = (item for part in arr(document) for item in objs(part) if "cveName" not in item)
    return next((item for item in listed if wanted and item.get("id") == wanted), {})


def _of(name: str) -> Any:
    return call(lambda identifier, document: _library(identifier, document).get(name), *_LIBRARY)


def _ecosystem(identifier: Any, document: Any) -> str | None:
    """Return ``maven`` for ``group:artifact``; other names do not tell."""
    return "maven" if ":" in (words(_library(identifier, document).get("name")) or "") else None


def _title(name: Any, identifier: Any, document: Any) -> str | None:
    library = _library(identifier, document)
    if not library:
        return words(name)
    return f"{words(name)} in {words(library.get('name'))} {words(library.get('version')) or ''}".strip()


def _lost(document: Any) -> str | None:
    """Return why the report is not whole: a vulnerability of a library that it does not list."""
    found = [item for part in arr(document) for item in objs(part)]
    known = {item.get("id") for item in found if "cveName" not in item}
    lost = sum(item.get("libraryId") not in known for item in found if "cveName" in item)
    return f"{lost} vulnerabilities are of libraries that are not in the report" if lost else None


def _is_vulnerability(name: Any) -> bool:
    return words(name) is not None


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
            maps=(
                Map(
                    each="[][]",
                    where=call(_is_vulnerability, "cveName"),
                    kind=Kind.SCA,
                    rule_id="cveName",
                    title=call(_title, "cveName", *_LIBRARY),
                    description="description",
                    severity="severity.name | severity",
                    status=call(said, "state.name"),
                    identifiers=(ident("cveName", "vendor", source=const("checkmarx")),),
                    location=package(
                        name=_of("name"),
                        version=_of("version"),
                        ecosystem=call(_ecosystem, *_LIBRARY),
                        path="sourceFileName",
                        fixed_versions=matching("recommendations", r"(?i)upgrade to (?:version )?v?(\d\S*)"),
                    ),
                    ratings=rating(const("checkmarx"), score="score"),
                    fix=fix(recommendation="recommendations"),
                    references=("url",),
                    suppressions=when(
                        call(is_suppressed, "state.name"), suppression(kind=const("external"), status="state.name")
                    ),
                    fingerprints={"checkmarx_osa": "id"},
                    published_at="publishDate",
                    ignore=("libraryId", "severity.id", "state.id", "state.actionType", "commentsAmount"),
                ),
            ),
        ),
    ),
)
