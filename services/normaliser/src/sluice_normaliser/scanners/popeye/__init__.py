"""Popeye: looks for misconfigured and unused resources in Kubernetes clusters."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, call, matching, plain, resource
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.severity import Grade
from sluice_normaliser.kit.values import Said
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
popeye -A -o json > popeye.json
sluice push popeye.json --asset cluster:production
```
Levels: 0 is fine (counted only), 1 information, 2 a warning, 3 an error.
"""
_LEVELS = (Severity.INFO, Severity.INFO, Severity.LOW, Severity.HIGH)
_NAMES = {"ok": 0, "info": 1, "warn": 2, "warning": 2, "error": 3}


def _number(level: Any) -> int | None:
    """Return a level, which some versions write as a word."""
    named = _NAMES.get(str(level).strip().lower())
    return integer(level) if named is None else named


def _grade(level: Any) -> Grade | None:
    number = _number(level)
    return Grade(_LEVELS[number], str(number)) if number is not None and 0 <= number < len(_LEVELS) else None


def _status(level: Any) -> Said:
    return Said(ObservationStatus.PASSED if _number(level) == 0 else ObservationStatus.OPEN, str(level))


def _namespace(name: Any) -> str | None:
    return str(name).split("/", 1)[0] if "/" in str(name) else None


def _map(each: str) -> Map:
    return Map(
        each=each,
        kind=Kind.IAC,
        rule_id=matching("message", r"^\[(POP-\d+)\]"),
        title=matching("message", r"^(?:\[POP-\d+\] *)?([^\n]+)"),
        message=plain("message"),
        severity=call(_grade, "level"),
        status=call(_status, "level"),
        location=resource(
            resource="^#key",
            name="^#key",
            resource_type="gvr | ^^.gvr | ^^.sanitizer | ^^.linter",
            namespace=call(_namespace, "^#key"),
        ),
        tags=("group",),
    )


SPEC = ScannerSpec(
    name="popeye",
    title="Popeye",
    kinds=(Kind.IAC,),
    homepage="https://popeyecli.io",
    setup=_SETUP,
    counts_passed=True,
    formats=(
        Format(
            name="popeye-json-sanitizers",
            container="json",
            detect=JsonShape(
                root="object", any_of=("popeye.sanitizers", "popeye.grade"), lacks=("popeye.sections",), weight=1
            ),
            scan=ScanMap(scanned_at="popeye.report_time"),
            maps=(_map("popeye.sanitizers[].issues.*[]"),),
        ),
        Format(
            name="popeye-json-sections",
            container="json",
            detect=JsonShape(root="object", has=("popeye.sections",), weight=1),
            scan=ScanMap(scanned_at="popeye.report_time"),
            maps=(_map("popeye.sections[].issues.*[]"),),
        ),
    ),
)
