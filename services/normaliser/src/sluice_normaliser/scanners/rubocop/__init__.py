"""RuboCop: checks Ruby code for style, errors and insecure calls."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, by, call, code, fix
from sluice_normaliser.kit.values import Said
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
rubocop --format json --out rubocop.json
sluice push rubocop.json --asset repo:github.com/acme/shop
```
`--only Security` leaves the style out. What `--autocorrect` corrected counts as fixed.
"""


def _kind(cop: Any) -> Kind:
    return Kind.SAST if str(cop).startswith("Security/") else Kind.QUALITY


def _status(corrected: Any) -> Said:
    return Said(ObservationStatus.FIXED, "corrected") if corrected is True else Said(ObservationStatus.OPEN)


SPEC = ScannerSpec(
    name="rubocop",
    title="RuboCop",
    kinds=(Kind.SAST, Kind.QUALITY),
    homepage="https://rubocop.org",
    setup=_SETUP,
    formats=(
        Format(
            name="rubocop-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("metadata.rubocop_version", "files[].offenses", "files[].offences", "summary.offense_count"),
                weight=2,
            ),
            scan=ScanMap(version="metadata.rubocop_version"),
            maps=(
                Map(
                    each="files[].offenses[] | files[].offences[]",
                    kind=call(_kind, "cop_name"),
                    rule_id="cop_name",
                    title="message",
                    message="message",
                    severity=by("severity", "lint"),
                    status=call(_status, "corrected"),
                    location=code(
                        path="^.path",
                        start_line="location.start_line | location.line",
                        start_column="location.start_column | location.column",
                        end_line="location.last_line",
                        end_column="location.last_column",
                    ),
                    fix=fix(available="correctable"),
                    ignore=("location.length", "location.line", "location.column"),
                ),
            ),
        ),
    ),
)
