"""dirsearch: finds paths of a web server by guessing."""

from typing import Any

from sluice_normaliser.kit import CsvShape, Format, JsonShape, Map, ScanMap, ScannerSpec, call, const, join, url
from sluice_normaliser.kit.coerce import text
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
dirsearch -u https://shop.acme.example --format=json -o dirsearch.json
sluice push dirsearch.json --asset service:shop
```
The JSON of older versions and `--format=csv` do, too. Paths that answer are listed as informational.
"""


def _below(site: Any, path: Any) -> str | None:
    base, found = text(site), text(path)
    return f"{base.rstrip('/')}/{(found or '').lstrip('/')}" if base else found


def _found(*, address: Any, code: str = "status", redirect: str = "redirect", **more: Any) -> Map:
    return Map(
        kind=Kind.DAST,
        rule_id=const("discovered-path"),
        title=join(address, const("answers with"), code, sep=" "),
        severity=Severity.INFO,
        status=ObservationStatus.INFORMATIONAL,
        location=url(url=address, method="method", status_code=code),
        evidence={"redirect": redirect},
        **more,
    )


SPEC = ScannerSpec(
    name="dirsearch",
    title="dirsearch",
    kinds=(Kind.DAST,),
    homepage="https://github.com/maurosoria/dirsearch",
    setup=_SETUP,
    formats=(
        Format(
            name="dirsearch-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("info", "results"),
                any_of=("info.args", "info.time", "results[].content-length"),
                only=("info", "results"),
            ),
            scan=ScanMap(scanned_at="info.time"),
            maps=(_found(each="results[]", address="url"),),
        ),
        Format(
            name="dirsearch-json-by-target",
            container="json",
            detect=JsonShape(root="object", has=("results[].*[].path", "results[].*[].status"), weight=2),
            scan=ScanMap(scanned_at="info.time"),
            maps=(_found(each="results[].*[]", address=call(_below, "^#key", "path")),),
        ),
        Format(
            name="dirsearch-csv",
            container="csv",
            detect=CsvShape(columns=("URL", "Status", "Size"), any_of=("Redirection", "Redirect")),
            maps=(_found(address="URL", code="Status", redirect="Redirection | Redirect"),),
        ),
    ),
)
