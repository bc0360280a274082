"""phpcs-security-audit: security rules of PHP_CodeSniffer, whose reports may hold those of style, too."""

import re
from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    XmlShape,
    by,
    call,
    code,
    const,
)
from sluice_normaliser.scanners._lint import about
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
phpcs --standard=Security --extensions=php --report=json --report-file=phpcs.json .
sluice push phpcs.json --asset repo:github.com/acme/shop
```
"""

_SECURITY = re.compile(r"security|\.DB\.Prepared|\.PHP\.(?:Discouraged|Restricted)PHPFunctions", re.IGNORECASE)


def _kind(source: Any, message: Any) -> Kind:
    """Return SAST for the security rules; PHP_CodeSniffer's report may hold those of style, too."""
    return Kind.SAST if _SECURITY.search(str(source or "")) else about(source, message)


def _messages(source: str, message: str, severity: Any, location: Any, records: str = ".") -> Map:
    return Map(
        each=records,
        kind=call(_kind, source, message),
        rule_id=source,
        title=message,
        message=message,
        severity=severity,
        location=location,
        identifiers=(message,),
    )


SPEC = ScannerSpec(
    name="php_security_audit_v2",
    title="phpcs-security-audit",
    kinds=(Kind.SAST, Kind.QUALITY, Kind.SECRET),
    aliases=("phpcs", "phpcs-security-audit", "php-codesniffer"),
    homepage="https://github.com/FloeDesignTechnologies/phpcs-security-audit",
    setup=_SETUP,
    formats=(
        Format(
            name="phpcs-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("files",),
                any_of=("totals.fixable", "files.*.messages", "totals.warnings"),
                lacks=("files[].offenses", "files[].path", "totals.file_errors"),
                weight=2,
            ),
            maps=(
                _messages(
                    "source",
                    "message",
                    by("type", "levels"),
                    code(path="^#key", start_line="line", start_column="column"),
                    "files.*.messages[]",
                ),
            ),
        ),
        Format(
            name="phpcs-xml",
            container="xml",
            detect=XmlShape(root="phpcs"),
            scan=ScanMap(version="@version"),
            maps=tuple(
                _messages(
                    "@source",
                    "#text",
                    by(const(level), "levels"),
                    code(path="^.@name", start_line="@line", start_column="@column"),
                    f"file[].{level}[]",
                )
                for level in ("error", "warning")
            ),
        ),
        Format(
            name="phpcs-csv",
            container="csv",
            detect=CsvShape(columns=("File", "Line", "Column", "Type", "Message", "Source", "Severity", "Fixable")),
            maps=(
                _messages(
                    "Source",
                    "Message",
                    by("Type", "levels"),
                    code(path="File", start_line="Line", start_column="Column"),
                ),
            ),
        ),
    ),
)
