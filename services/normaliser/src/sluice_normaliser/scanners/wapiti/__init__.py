"""Wapiti: a black-box scanner of web applications."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    Reading,
    ScanMap,
    ScannerSpec,
    TextShape,
    XmlShape,
    by,
    call,
    construct,
    each,
    fix,
    grade,
    matching,
    reference,
    url,
)
from sluice_normaliser.kit.containers.csv import escaped
from sluice_normaliser.kit.shapes import objs, words
from sluice_shared.contracts.finding import Kind, Observation, ObservationStatus, Severity, UrlLocation

_SETUP = """
```sh
wapiti -u https://shop.acme.io -f json -o wapiti.json     # or xml, csv
sluice push wapiti.json --asset url:https://shop.acme.io
```
Vulnerabilities and anomalies are open; additional information is kept as informational. The CSV
describes no categories.
"""


def _info(name: str) -> call:
    return call(
        lambda found: next((words(item) for item in objs(found) if item.get("@name") == name), None),
        "report_infos.info[]",
    )


def _url(target: Any, path: Any) -> str | None:
    base, rest = words(target), words(path)
    return rest if base is None or rest is None else urljoin(base, rest)


def _target(document: Any) -> str | None:
    infos = document.get("report_infos") if isinstance(document, dict) else None
    listed = infos.get("info") if isinstance(infos, dict) else None
    found = listed if isinstance(listed, list) else [listed]
    return next((words(item) for item in objs(found) if item.get("@name") == "target"), None)


def _xml(section: str, item: str, status: ObservationStatus) -> Map:
    return Map(
        each=f"{section}.{item}[].entries.entry[]",
        kind=Kind.DAST,
        status=status,
        rule_id="^.@name",
        rule_name="^.@name",
        title="^.@name",
        description="^.description",
        message="info",
        severity=by("level", "0-4"),
        identifiers=("^.references.reference[].title", "info"),
        cwes=("^.references.reference[].title", "^.references.reference[].url"),
        location=url(
            url=call(lambda root, path: _url(_target(root), path), "$", "path"), method="method", parameter="parameter"
        ),
        fix=fix(recommendation="^.solution"),
        references=(each("^.references.reference[]", reference(url="url", title="title")),),
        evidence={"request": "http_request", "curl": "curl_command", "response": "response"},
        tags=("module", "wstg[]", "wstg.code[]"),
    )


def _json(section: str, status: ObservationStatus) -> Map:
    def described(key: str) -> call:
        return call(
            lambda table, name: table.get(name, {}).get(key) if _known(table, name) else None,
            "$.classifications",
            "^#key",
        )

    return Map(
        each=f"{section}.*[]",
        kind=Kind.DAST,
        status=status,
        rule_id="^#key",
        rule_name="^#key",
        title="^#key",
        description=described("desc"),
        message="info",
        severity=by("level", "0-4"),
        identifiers=("info",),
        cwes=call(lambda refs: [*refs, *refs.values()] if isinstance(refs, dict) else None, described("ref")),
        location=url(url=call(_url, "$.infos.target", "path"), method="method", parameter="parameter"),
        fix=fix(recommendation=described("sol")),
        references=(call(lambda refs: list(refs.values()) if isinstance(refs, dict) else None, described("ref")),),
        evidence={"request": "http_request", "curl": "curl_command", "response": "detail.response"},
        tags=("module", "wstg[]"),
    )


def _known(table: Any, name: Any) -> bool:
    return isinstance(table, dict) and isinstance(table.get(name), dict)


_VERSION = r"([\d.]+\S*)\s*$"  # "Wapiti 3.1.7"


def _rows(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the rows of the CSV, which escapes its quotes; the column of credentials is left out."""
    lines = (cells for cells in escaped(document) if any(cells))
    header = next(lines, [])
    for cells in lines:
        row = dict(zip(header, cells, strict=False))
        graded = grade(row.get("level"), "0-4")
        category = words(row.get("category"))
        place = words(row.get("url"))
        yield reading.observe(
            kind=Kind.DAST,
            rule_id=category,
            rule_name=category,
            title=category,
            message=words(row.get("description")),
            severity=graded,
            status=ObservationStatus.INFORMATIONAL if graded.severity is Severity.INFO else ObservationStatus.OPEN,
            identifiers=[row.get("description")],
            location=construct(
                UrlLocation,
                {"url": place, "method": words(row.get("method")), "parameter": words(row.get("parameter"))},
            )
            if place
            else None,
            evidence={"request_body": words(row.get("body")), "referer": words(row.get("referer"))},
            tags=[tag for tag in (words(row.get("module")),) if tag],
        )


SPEC = ScannerSpec(
    name="wapiti",
    title="Wapiti",
    kinds=(Kind.DAST,),
    homepage="https://wapiti-scanner.github.io",
    setup=_SETUP,
    differences={"*": "anomalies and additional information are kept, too; the reference reads vulnerabilities only"},
    formats=(
        Format(
            name="wapiti-xml",
            container="xml",
            detect=XmlShape(
                root="report", any_of=("report_infos", "vulnerabilities.vulnerability", "anomalies.anomaly"), weight=2
            ),
            scan=ScanMap(
                name=_info("generatorName"),
                version=matching(_info("generatorVersion"), _VERSION),
                scanned_at=_info("dateOfScan"),
            ),
            maps=(
                _xml("vulnerabilities", "vulnerability", ObservationStatus.OPEN),
                _xml("anomalies", "anomaly", ObservationStatus.OPEN),
                _xml("additionals", "additional", ObservationStatus.INFORMATIONAL),
            ),
        ),
        Format(
            name="wapiti-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities",),
                any_of=("classifications", "anomalies", "additionals", "infos.target"),
                weight=3,
            ),
            scan=ScanMap(version=matching("infos.version", _VERSION), scanned_at="infos.date"),
            maps=(
                _json("vulnerabilities", ObservationStatus.OPEN),
                _json("anomalies", ObservationStatus.OPEN),
                _json("additionals", ObservationStatus.INFORMATIONAL),
            ),
        ),
        Format(
            name="wapiti-csv",
            container="text",
            detect=TextShape(patterns=(r'\A\s*"?category"?,"?level"?,"?description"?,"?method"?,"?parameter"?,',)),
            parse=_rows,
        ),
    ),
)
