"""Checkstyle XML: what Checkstyle and nearly every linter can write (ESLint, ShellCheck, PHP_CodeSniffer, detekt …)."""

from sluice_normaliser.kit import Format, Map, ScanMap, ScannerSpec, XmlShape, by, call, code, const
from sluice_normaliser.scanners._lint import about
from sluice_shared.contracts.finding import Kind, Severity

_SETUP = """
Any linter that writes the XML of Checkstyle, for instance:
```sh
shellcheck -f checkstyle *.sh > checkstyle.xml
sluice push checkstyle.xml --asset repo:github.com/acme/shop --category shellcheck
```
The report does not say which tool wrote it: give each tool a category of its own, so that they do not close each
other's findings. Where a tool has a richer format that is known here, prefer that.
"""

SPEC = ScannerSpec(
    name="checkstyle",
    title="Checkstyle XML (any linter)",
    kinds=(Kind.QUALITY, Kind.SAST, Kind.SECRET),
    homepage="https://checkstyle.org",
    setup=_SETUP,
    formats=(
        Format(
            name="checkstyle-xml",
            container="xml",
            detect=XmlShape(root="checkstyle"),
            scan=ScanMap(version="@version"),
            maps=(
                Map(
                    each="file[].error[]",
                    kind=call(about, "@source", "@message"),
                    rule_id="@source",
                    title="@message",
                    message="@message",
                    severity=by("@severity", "lint"),
                    identifiers="@message",
                    location=code(path="^.@name", start_line="@line", start_column="@column"),
                ),
                Map(
                    each="file[].exception[]",
                    kind=Kind.QUALITY,
                    rule_id=const("not-analysed"),
                    title=const("The file could not be analysed"),
                    description="#text",
                    severity=Severity.UNKNOWN,
                    location=code(path="^.@name"),
                ),
            ),
        ),
    ),
)
