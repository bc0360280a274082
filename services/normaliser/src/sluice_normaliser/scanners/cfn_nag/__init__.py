"""cfn_nag: looks for insecure patterns in CloudFormation templates."""

from typing import Any

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScanMap, ScannerSpec, by, call, code, const, resource
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
cfn_nag_scan --input-path templates --output-format json > cfn-nag.json
sluice push cfn-nag.json --asset repo:github.com/acme/shop
```
cfn_nag ends with status 1 when a check failed. A violation of several resources is an observation for each. Templates
that could not be parsed make the scan a failed one. What metadata suppresses is not in the report.
"""

_FATAL = "FATAL"


def _unparsed(files: Any) -> str | None:
    """Return the templates that could not be parsed; cfn_nag lists them as violations with the id FATAL."""
    told = [
        f"{words(each.get('filename'))}: {words(violation.get('message'))}"
        for each in objs(files)
        for violation in objs(obj(each.get("file_results")).get("violations"))
        if violation.get("id") == _FATAL
    ]
    return f"{len(told)} files could not be parsed: " + "; ".join(told[:5]) if told else None


def _at(values: Any, index: Any) -> Any:
    listed = arr(values)
    return listed[index] if isinstance(index, int) and index < len(listed) else None


def _line(values: Any, index: Any) -> int | None:
    """Return a resource's line; cfn_nag writes -1 where it does not know it."""
    found = integer(_at(values, index))
    return found if found and found > 0 else None


def _first(values: Any) -> int | None:
    return _line(values, 0)


def _has_none(values: Any) -> bool:
    return not values


def _violation(up: str, **more: Any) -> Map:
    """Return the map of violations; ``up`` is the way up to the violation."""
    return Map(
        kind=Kind.IAC,
        rule_id=f"{up}id",
        rule_name=f"{up}name",
        title=f"{up}message",
        message=f"{up}message",
        severity=by(f"{up}type", "levels"),
        **more,
    )


_EACH = "[].file_results.violations[]"

SPEC = ScannerSpec(
    name="cfn_nag",
    title="cfn_nag",
    kinds=(Kind.IAC,),
    homepage="https://github.com/stelligent/cfn_nag",
    setup=_SETUP,
    aliases=("cfn-nag",),
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="cfn-nag-json",
            container="json",
            detect=JsonShape(root="array", has=("[].file_results",), weight=2),
            scan=ScanMap(failure=call(_unparsed, ".")),
            maps=(
                _violation(
                    "^.",
                    each=f"{_EACH}.logical_resource_ids[]",
                    location=resource(
                        resource=".",
                        name=".",
                        resource_type=call(_at, "^.element_types", "#key"),
                        provider=const("aws"),
                        path="^^.filename",
                        start_line=call(_line, "^.line_numbers", "#key"),
                    ),
                ),
                _violation(
                    "",
                    each=_EACH,
                    where=call(_has_none, "logical_resource_ids"),
                    location=code(path="^.filename", start_line=call(_first, "line_numbers")),
                ),
            ),
        ),
    ),
)
