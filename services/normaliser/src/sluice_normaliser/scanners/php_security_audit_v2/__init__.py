"""phpcs-security-audit: security rules of PHP_CodeSniffer, whose reports may hold those of style, too."""

import re
from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, by, call, code
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
phpcs --standard=Security --extensions=php --report=json --report-file=phpcs.json .
sluice push phpcs.json --asset repo:github.com/acme/shop
```
"""

_SECURITY = re.compile(r"security|\.DB\.Prepared|\.PHP\.(?:Discouraged|Restricted)PHPFunctions", re.IGNORECASE)


def _kind(rule: Any) -> Kind:
    return Kind.SAST if _SECURITY.search(words(rule) or "") else Kind.QUALITY


SPEC = ScannerSpec(
    name="php_security_audit_v2",
    title="phpcs-security-audit",
    kinds=(Kind.SAST, Kind.QUALITY),
    aliases=("phpcs", "phpcs-security-audit", "php-codesniffer"),
    homepage="https://github.com/FloeDesignTechnologies/phpcs-security-audit",
    setup=_SETUP,
    formats=(
        Format(
            name="phpcs-json",
            container="json",
            detect=JsonShape(root="object", has=("totals.errors", "totals.warnings", "totals.fixable", "files")),
            maps=(
                Map(
                    each="files.*.messages[]",
                    kind=call(_kind, "source"),
                    rule_id="source",
                    title="message",
                    message="message",
                    severity=by("type", "levels"),
                    location=code(path="^#key", start_line="line", start_column="column"),
                ),
            ),
        ),
    ),
)
