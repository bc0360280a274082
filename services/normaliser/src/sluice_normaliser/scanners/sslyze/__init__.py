"""SSLyze: protocols, ciphers, certificates and known flaws of TLS services."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Reading, ScanMap, ScannerSpec, XmlShape, call, matching
from sluice_normaliser.scanners.sslyze.old import modern, modern_of_json
from sluice_normaliser.scanners.sslyze.server import observations, unreachable
from sluice_shared.contracts.finding import Kind, Observation

_SETUP = """
```sh
sslyze --json_out=sslyze.json shop.acme.io:443
sluice push sslyze.json --asset host:shop.acme.io
```
The XML and JSON of versions before 3 are read, too. Every check is kept; those that found nothing count as passed.
SSLyze grades nothing, so the severity is unknown.
"""


def _unreachable(document: Any) -> str | None:
    return unreachable(modern(document))


def _observations(document: Any, reading: Reading) -> Iterator[Observation]:
    yield from observations(modern(document), reading)


def _unreachable_of_json(document: Any) -> str | None:
    return unreachable(modern_of_json(document))


def _observations_of_json(document: Any, reading: Reading) -> Iterator[Observation]:
    yield from observations(modern_of_json(document), reading)


SPEC = ScannerSpec(
    name="sslyze",
    title="SSLyze",
    kinds=(Kind.HOST,),
    homepage="https://github.com/nabla-c0d3/sslyze",
    setup=_SETUP,
    differences={"*": "one observation for each check of a server, passed ones included"},
    formats=(
        Format(
            name="sslyze-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("server_scan_results", "server_connectivity_errors"),
                weight=2,
            ),
            scan=ScanMap(version="sslyze_version", scanned_at="date_scans_completed", failure=call(unreachable, "$")),
            parse=observations,
        ),
        Format(
            name="sslyze-json-2",
            container="json",
            detect=JsonShape(root="object", any_of=("accepted_targets", "invalid_targets"), weight=2),
            scan=ScanMap(version="sslyze_version", failure=call(_unreachable_of_json, "$")),
            parse=_observations_of_json,
        ),
        Format(
            name="sslyze-xml",
            container="xml",
            detect=XmlShape(root="document", any_of=("@SSLyzeVersion", "results.target", "invalidTargets")),
            scan=ScanMap(version=matching("@SSLyzeVersion", r"(\d[\w.]*)"), failure=call(_unreachable, "$")),
            parse=_observations,
        ),
    ),
)
