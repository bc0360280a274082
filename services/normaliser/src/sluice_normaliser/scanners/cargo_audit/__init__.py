"""cargo-audit: vulnerable, unmaintained and yanked crates in Cargo.lock, by the RustSec advisories."""

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
    peek,
    rating,
    template,
    when,
)
from sluice_normaliser.kit.cvss import read_vector
from sluice_normaliser.kit.severity import grade
from sluice_normaliser.kit.shapes import arr, words
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
cargo audit --json > cargo-audit.json
sluice push cargo-audit.json --asset repo:github.com/acme/shop
```
cargo-audit ends with status 1 when it found something. It says no severity; it follows from the advisory's CVSS vector.
Unmaintained, unsound and yanked crates are results, too. Advisories ignored in `audit.toml` are not in the report.
"""

_BEGINS = re.compile(r"^\s*(?:>=|>|\^|~|=)?\s*(\d[^\s,]*)")


def _fixed(patched: Any, old: Any) -> list[str]:
    """Return the versions that ranges such as ``>=0.103.12, <0.104.0`` begin with."""
    found = (_BEGINS.match(words(each) or "") for each in (*arr(patched), *arr(old)))
    return [match.group(1) for match in found if match]


def _severity(vector: Any) -> Severity | None:
    read = read_vector(words(vector) or "")
    return None if read is None or read.score is None else grade(read.score, "cvss").severity


def _is_available(*patched: Any) -> bool | None:
    """Return whether there is a patched version; the advisory itself has them in old reports."""
    listed = [each for each in patched if isinstance(each, list)]
    return any(listed) if listed else None


def _entries(path: str) -> Map:
    return Map(
        each=path,
        where=peek("package | advisory"),
        kind=Kind.SCA,
        rule_id=first("advisory.id", template("cargo-{kind}")),
        title=first("advisory.title", template("{package.name} {package.version} is {kind}")),
        description="advisory.description",
        severity=call(_severity, "advisory.cvss"),
        status=when("advisory.withdrawn", const(ObservationStatus.NOT_APPLICABLE)),
        identifiers=(
            ident("advisory.id", "vendor", source=const("rustsec")),
            "advisory.aliases[]",
        ),
        location=package(
            name="package.name",
            version="package.version",
            ecosystem=const("cargo"),
            path=const("Cargo.lock"),
            fixed_versions=call(_fixed, "versions.patched", "advisory.patched_versions"),
        ),
        ratings=rating(const("rustsec"), vector="advisory.cvss"),
        fix=fix(available=call(_is_available, "versions.patched", "advisory.patched_versions")),
        references=("advisory.url", "advisory.references[]"),
        tags=("kind", "advisory.informational", "advisory.categories[]", "advisory.keywords[]"),
        published_at="advisory.date",
    )


SPEC = ScannerSpec(
    name="cargo_audit",
    title="cargo-audit",
    kinds=(Kind.SCA,),
    homepage="https://rustsec.org",
    setup=_SETUP,
    aliases=("cargo-audit", "rustsec"),
    formats=(
        Format(
            name="cargo-audit-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].vulnerabilities.list",),
                any_of=("[].vulnerabilities.found", "[].vulnerabilities.count", "[].database", "[].lockfile"),
                weight=3,
            ),
            maps=(
                _entries("[].vulnerabilities.list[]"),
                _entries("[].warnings.*[]"),
                _entries("[].warnings[]"),
            ),
        ),
    ),
)
