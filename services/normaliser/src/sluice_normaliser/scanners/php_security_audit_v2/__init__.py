"""phpcs-security-audit: security rules of PHP_CodeSniffer."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, by, code
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
phpcs --standard=Security --extensions=php --report=json --report-file=phpcs.json .
sluice push phpcs.json --asset repo:github.com/acme/shop
```
"""

SPEC = ScannerSpec(
    name="php_security_audit_v2",
    title="phpcs-security-audit",
    kinds=(Kind.SAST,),
    aliases=("phpcs", "phpcs-security-audit"),
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
                    kind=Kind.SAST,
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
