"""Symfony security checker: known vulnerabilities of a composer.lock."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, const, package
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
local-php-security-checker --format=json > advisories.json     # or: symfony security:check --format=json
sluice push advisories.json --asset repo:github.com/acme/shop --scanner php_symfony_security_check
```
It knows no severities; enrichment adds them.
"""


def _map(path: str, above: str) -> Map:
    return Map(
        each=path,
        kind=Kind.SCA,
        rule_id="cve | link | title",
        title="title",
        identifiers=("cve", "link", "title"),
        location=package(name=f"{above}#key", version=f"{above}.version", ecosystem=const("composer")),
        references="link",
    )


SPEC = ScannerSpec(
    name="php_symfony_security_check",
    title="Symfony security checker",
    kinds=(Kind.SCA,),
    aliases=("local-php-security-checker",),
    homepage="https://symfony.com/doc/current/setup.html#checking-security-vulnerabilities",
    setup=_SETUP,
    trivial={"[]": CLEAN, "{}": CLEAN},
    formats=(
        Format(
            name="symfony-security-check-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("*.advisories",),
                any_of=("*.advisories[].title", "*.advisories[].link", "*.advisories[].cve", "*.version"),
                lacks=("*.advisories.*.title", "*.advisories.*.link", "*.advisories.*.cve"),
                weight=1,
            ),
            maps=(_map("*.advisories[]", "^"),),
        ),
        Format(
            name="symfony-security-check-json-by-file",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("*.advisories.*.title", "*.advisories.*.link", "*.advisories.*.cve"),
                weight=2,
            ),
            maps=(_map("*.advisories.*", "^"),),
        ),
    ),
)
