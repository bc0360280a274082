"""cwe_checker: finds patterns of weaknesses in compiled programs."""

import re
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
    join,
    matching,
)
from sluice_normaliser.kit.coerce import strings
from sluice_shared.contracts.finding import Kind, Observation, Severity

_SETUP = """
```sh
cwe_checker --json --out cwe_checker.json build/shopd
sluice push cwe_checker.json --asset repo:github.com/acme/shop
```
The plain output does, too. cwe_checker grades nothing: every warning is medium. A report names no binary, so push one
report for each, with a category of its own (`--category build/shopd`).
"""
_WARNING = re.compile(r"^\[(?P<name>CWE\d+)\] \((?P<version>[\d.]+)\) (?P<description>\S.*)$")
_DECIMAL = re.compile(r"^[1-9]\d*$")
_NAMED = re.compile(r"^\((?P<name>[^()]+)\)\s*(?P<rest>.*)$", re.DOTALL)
_ERROR = re.compile(r"^ERROR: ([^\n]+)$", re.MULTILINE)


def _addresses(values: Any) -> str | None:
    """Return addresses in the notation of disassemblers; newer versions write them in decimal."""
    return ", ".join(f"0x{int(each):x}" if _DECIMAL.match(each) else each for each in strings(values)) or None


def _read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each warning in the plain output."""
    for line in str(document).splitlines():
        if (found := _WARNING.match(line)) is None:
            continue
        named = _NAMED.match(found["description"])
        yield reading.observe(
            kind=Kind.SAST,
            rule_id=found["name"],
            rule_name=named["name"] if named else None,
            title=named["name"] if named else None,
            message=named["rest"] if named else found["description"],
            severity=Severity.MEDIUM,
            cwes=[found["name"]],
            unmapped={"version": found["version"]},
        )


def _errors(document: Any) -> str | None:
    return "; ".join(_ERROR.findall(str(document))[:5]) or None


SPEC = ScannerSpec(
    name="cwe_checker",
    title="cwe_checker",
    kinds=(Kind.SAST,),
    aliases=("cwe-checker",),
    homepage="https://github.com/fkie-cad/cwe_checker",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="cwe-checker-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                any_of=("[].tids", "[].addresses", "[].symbols"),
                match={"[].name": r"^CWE-?\d+$"},
            ),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.SAST,
                    rule_id="name",
                    rule_name=matching("description", r"^\(([^()]+)\)"),
                    title=matching("description", r"^\(([^()]+)\)"),
                    message=matching("description", r"^(?:\([^()]+\)\s*)?(.*)$"),
                    severity=Severity.MEDIUM,
                    cwes="name",
                    evidence={
                        "address": call(_addresses, "addresses"),
                        "trace": join("tids[]"),
                        "output": join("other[]"),
                    },
                    tags=("symbols[]",),
                    ignore=("description",),
                ),
            ),
        ),
        Format(
            name="cwe-checker-text",
            container="text",
            detect=TextShape(patterns=(r"^\[CWE\d+\] \([\d.]+\) \S",)),
            scan=ScanMap(failure=call(_errors, ".")),
            parse=_read,
        ),
    ),
)
