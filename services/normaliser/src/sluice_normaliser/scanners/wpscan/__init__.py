"""WPScan: vulnerabilities of WordPress sites, their plugins and their themes."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    first,
    fix,
    ident,
    package,
    rating,
    secret,
    template,
    url,
)
from sluice_normaliser.kit.coerce import strings
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
wpscan --url https://shop.acme.io --api-token $TOKEN -f json -o wpscan.json
sluice push wpscan.json --asset url:https://shop.acme.io
```
Without a token no vulnerabilities are looked up: only interesting findings show, which count as informational.
"""

_REFERENCES = {
    "wpvulndb": "https://wpscan.com/vulnerability/",
    "exploitdb": "https://www.exploit-db.com/exploits/",
    "metasploit": "https://www.rapid7.com/db/modules/",
    "youtube": "",
    "url": "",
    "secunia": "https://web.archive.org/secunia.com/advisories/",
    "packetstorm": "https://packetstormsecurity.com/files/",
}


def _cves(named: Any) -> list[str]:
    return [told if told.upper().startswith("CVE") else f"CVE-{told}" for told in strings(named)]


def _first_cve(named: Any) -> str | None:
    return next(iter(_cves(named)), None)


def _links(references: Any) -> list[str]:
    if not isinstance(references, dict):
        return []
    return [
        told if "://" in told else f"{base}{told}"
        for name, base in _REFERENCES.items()
        for told in strings(references.get(name))
        if base or "://" in told
    ]


def _vulnerabilities(path: str, name: str, version: str, ecosystem: str, place: str) -> Map:
    slug = name or const("wordpress")
    site = "$.effective_url | $.target_url"
    return Map(
        each=path,
        kind=Kind.SCA,
        rule_id=first("references.wpvulndb[0]", call(_first_cve, "references.cve")),
        title="title",
        description="description",
        message="poc",
        severity=["cvss.severity", by("cvss.score", "cvss")],
        identifiers=(
            call(_cves, "references.cve"),
            ident("references.wpvulndb[]", scheme="wpvulndb", source=const("wpscan")),
        ),
        cwes=("references.cwe", "title"),
        location=package(name=slug, version=version, ecosystem=const(ecosystem), fixed_versions="fixed_in"),
        related_locations=url(url=f"{place} | {site}" if place else site),
        ratings=rating(const("wpscan"), vector="cvss.vector", score="cvss.score", severity="cvss.severity"),
        fix=fix(fixed_versions="fixed_in"),
        references=(call(_links, "references"),),
        confidence="^.confidence",
        fingerprints={"wpvulndb": "references.wpvulndb[0]"},
    )


def _components(section: str, ecosystem: str) -> Map:
    return _vulnerabilities(f"{section}.vulnerabilities[]", "^.slug", "^.version.number", ecosystem, "^.location")


def _exposed(path: str, what: str, status: ObservationStatus = ObservationStatus.OPEN) -> Map:
    """Return the map of a table of what the scanner found by trying addresses, keyed by the address."""
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id=const(what),
        title=template(f"{what.replace('_', ' ')}: {{#key}}"),
        status=status,
        confidence="confidence",
        message="found_by",
        location=first(
            url(url=call(lambda key: key if (words(key) or "").startswith("http") else None, "#key")),
            url(url="$.effective_url | $.target_url"),
        ),
        references=(call(_links, "references"),),
        evidence={"output": "interesting_entries[]"},
    )


def _grade(kind: Any) -> str:
    return words(kind) or "interesting_finding"


_SCAN = ScanMap(version="banner.version", scanned_at="start_time", refuse="scan_aborted")
_MAPS = (
    Map(
        each="interesting_findings[]",
        kind=Kind.DAST,
        rule_id=call(_grade, "type"),
        title="to_s",
        message="found_by",
        status=ObservationStatus.INFORMATIONAL,
        confidence="confidence",
        identifiers=call(_cves, "references.cve"),
        location=url(url="url"),
        references=(call(_links, "references"),),
        evidence={"output": "interesting_entries[]"},
    ),
    _vulnerabilities("version[].vulnerabilities[]", "", "^.number", "wordpress", ""),
    _components("main_theme[]", "wordpress-theme"),
    _components("main_theme.parents[]", "wordpress-theme"),
    _components("themes.*", "wordpress-theme"),
    _components("plugins.*", "wordpress-plugin"),
    _vulnerabilities("timthumbs.*.vulnerabilities[]", "^#key", "^.version.number", "wordpress-timthumb", ""),
    _exposed("config_backups.*", "config_backup"),
    _exposed("db_exports.*", "database_export"),
    _exposed("users.*", "user", ObservationStatus.INFORMATIONAL),
    Map(
        each="password_attack.*",
        kind=Kind.DAST,
        rule_id=const("guessed_password"),
        title=template("Password of {#key} was guessed"),
        location=url(url="$.effective_url | $.target_url"),
        secret=secret(value="password", type=const("password")),
        ignore=("id",),
    ),
    _exposed("medias.*", "media", ObservationStatus.INFORMATIONAL),
)

SPEC = ScannerSpec(
    name="wpscan",
    title="WPScan",
    kinds=(Kind.SCA, Kind.DAST),
    homepage="https://wpscan.com",
    setup=_SETUP,
    differences={
        "wordpress_*vuln*.json": "all vulnerabilities of a component are kept; the reference merges those of one text"
    },
    formats=(
        Format(
            name="wpscan-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("banner",),
                any_of=("interesting_findings", "scan_aborted", "target_url", "start_time", "version", "plugins"),
                match={"banner.description": "WordPress Security Scanner"},
                weight=1,
            ),
            scan=_SCAN,
            maps=_MAPS,
        ),
        Format(
            name="wpscan-json-without-banner",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=(
                    "interesting_findings",
                    "main_theme.vulnerabilities",
                    "plugins.*.vulnerabilities",
                    "scan_aborted",
                ),
                weight=2,
            ),
            scan=_SCAN,
            maps=_MAPS,
        ),
    ),
)
