"""composer audit: vulnerable and abandoned packages in composer.lock."""

import re
from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    const,
    first,
    fix,
    ident,
    package,
    suppression,
    template,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
composer audit --format=json --locked > composer-audit.json
sluice push composer-audit.json --asset repo:github.com/acme/shop
```
Composer ends with status 1 when it found something. Its report names ranges, not the installed versions. Ignored
advisories (Composer 2.8 and later lists them) count as suppressed.
"""

_BELOW = re.compile(r"<(?!=)\s*(\d[^\s,|]*)")


def _fixed(affected: Any) -> list[str]:
    """Return the first versions after each affected range, as ``<`` bounds name them."""
    return list(dict.fromkeys(_BELOW.findall(words(affected) or "")))


def _replacement(value: Any) -> str | None:
    found = words(value) if isinstance(value, str) else None
    return f"replace it with {found}" if found else None


def _advisories(path: str, **more: Any) -> Map:
    return Map(
        each=path,
        where=first("advisoryId", "affectedVersions", "title", "cve", "link"),
        kind=Kind.SCA,
        rule_id=first("cve", "sources[0].remoteId", "advisoryId"),
        title="title",
        severity="severity",
        identifiers=(
            "cve",
            ident("advisoryId", "vendor", source=const("packagist")),
            ident("sources[].remoteId", "vendor"),
            "link",
        ),
        location=package(
            name="packageName | ^#key",
            ecosystem=const("composer"),
            affected_range="affectedVersions",
            fixed_versions=call(_fixed, "affectedVersions"),
            path=const("composer.lock"),
        ),
        references="link",
        published_at="reportedAt",
        **more,
    )


_IGNORED: dict[str, Any] = {
    "status": ObservationStatus.SUPPRESSED,
    "suppressions": suppression(kind=const("policy"), status=const("accepted"), justification="ignoreReason"),
}


def _kind(category: Any, listed: Any) -> Kind:
    return Kind.MALWARE if "malware" in f"{category} {listed}".lower() else Kind.SCA


def _is_entry(value: Any) -> bool:
    return isinstance(value, dict)


_FILTERED = Map(
    each="filter.*[]",
    where=call(_is_entry, "."),
    kind=call(_kind, "category", "list | listName"),
    rule_id=first("category", "list | listName", const("filtered")),
    title=first(template("{packageName} is on a list: {reason | category}"), template("{^#key} is on a list")),
    message="reason",
    severity="severity",
    location=package(
        name="packageName | ^#key",
        ecosystem=const("composer"),
        affected_range="constraint | affectedVersions",
        path=const("composer.lock"),
    ),
    references="url | link",
)

_TELLING = ("advisoryId", "affectedVersions", "packageName", "remoteId", "reportedAt")

_ABANDONED = Map(
    each="abandoned.*",
    kind=Kind.SCA,
    rule_id=const("abandoned"),
    title=template("{#key} is abandoned"),
    location=package(name="#key", ecosystem=const("composer"), path=const("composer.lock")),
    fix=fix(recommendation=call(_replacement, ".")),
)

SPEC = ScannerSpec(
    name="composer_audit",
    title="composer audit",
    kinds=(Kind.SCA, Kind.MALWARE),
    homepage="https://getcomposer.org/doc/03-cli.md#audit",
    setup=_SETUP,
    aliases=("composer",),
    formats=(
        Format(
            name="composer-audit-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("advisories",),
                lacks=("metadata", "runId", "results", "vulnerabilities"),
                any_of=(
                    "abandoned",
                    "ignored-advisories",
                    "filter",
                    *(f"advisories.*{inner}.{name}" for inner in ("[]", ".*") for name in _TELLING),
                ),
            ),
            maps=(
                _advisories("advisories.*[]"),
                _advisories("advisories.*.*"),
                _advisories('"ignored-advisories".*[]', **_IGNORED),
                _advisories('"ignored-advisories".*.*', **_IGNORED),
                _FILTERED,
                _ABANDONED,
            ),
        ),
        Format(
            name="composer-audit-json-2.4",
            container="json",
            detect=JsonShape(
                root="object", has=("advisories",), lacks=("advisories.*", "metadata", "abandoned", "actions", "runId")
            ),
            maps=(_advisories("advisories.*[]"),),
        ),
    ),
)
