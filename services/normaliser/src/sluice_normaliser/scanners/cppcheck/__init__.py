"""Cppcheck: finds bugs in C and C++."""

from typing import Any

from sluice_normaliser.kit import Format, Map, ScanMap, ScannerSpec, XmlShape, by, call, code, each
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
cppcheck --enable=all --xml . 2> cppcheck.xml
sluice push cppcheck.xml --asset repo:github.com/acme/shop
```
`--output-format=sarif` (2.16 and later) does, too: that is read as SARIF.
"""


def _later(position: Any) -> bool:
    return bool(position != 0)


SPEC = ScannerSpec(
    name="cppcheck",
    title="Cppcheck",
    kinds=(Kind.SAST,),
    homepage="https://cppcheck.sourceforge.io",
    setup=_SETUP,
    formats=(
        Format(
            name="cppcheck-xml-2",
            container="xml",
            detect=XmlShape(root="results", any_of=("cppcheck", "errors.error.@severity")),
            scan=ScanMap(version="cppcheck.@version"),
            maps=(
                Map(
                    each="errors.error[]",
                    kind=Kind.SAST,
                    rule_id="@id",
                    title="@msg",
                    message="@msg",
                    description="@verbose",
                    severity=by("@severity", "levels"),
                    cwes="@cwe",
                    location=code(
                        path="location[0].@file",
                        start_line="location[0].@line",
                        start_column="location[0].@column",
                        symbol="symbol",
                    ),
                    related_locations=each(
                        "location[]",
                        code(path="@file", start_line="@line", start_column="@column", message="@info"),
                        where=call(_later, "#key"),
                    ),
                    precision="@inconclusive",
                    fingerprints={"hash": "@hash"},
                    ignore=("@file0",),
                ),
            ),
        ),
        Format(
            name="cppcheck-xml-1",
            container="xml",
            detect=XmlShape(root="results", has=("error.@id", "error.@msg", "error.@severity")),
            maps=(
                Map(
                    each="error[]",
                    kind=Kind.SAST,
                    rule_id="@id",
                    title="@msg",
                    message="@msg",
                    severity=by("@severity", "levels"),
                    location=code(path="@file", start_line="@line"),
                ),
            ),
        ),
    ),
)
