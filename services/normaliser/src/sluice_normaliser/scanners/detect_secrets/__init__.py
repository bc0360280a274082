"""detect-secrets: finds secrets in files, and keeps a baseline of those that are known."""

from collections.abc import Mapping
from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    Said,
    ScanMap,
    ScannerSpec,
    call,
    code,
    const,
    each,
    lookup,
    secret,
    status,
    suppression,
    when,
)
from sluice_shared.contracts.finding import CodeLocation, Confidence, Kind, ObservationStatus

_SETUP = """
```sh
detect-secrets scan --all-files > detect-secrets.json
sluice push detect-secrets.json --asset repo:github.com/acme/shop
```
A baseline that was audited (`detect-secrets audit .secrets.baseline`) does, too: what was marked as no secret counts
as suppressed. `detect-secrets audit --report .secrets.baseline` also works, and shows the lines.
"""


def _status(is_secret: Any, is_removed: Any) -> Said:
    """Return the status: what the auditor said first, then whether the scanned diff takes the line away."""
    if is_secret is False:
        return Said(ObservationStatus.SUPPRESSED, "is_secret: false")
    if is_removed is True:
        return Said(ObservationStatus.FIXED, "is_removed: true")
    return Said(ObservationStatus.OPEN)


def _confidence(is_verified: Any, verified_result: Any, is_secret: Any) -> Confidence | None:
    return Confidence.CONFIRMED if True in (is_verified, verified_result, is_secret) else None


def _verified(is_verified: Any, verified_result: Any) -> bool | None:
    if verified_result is not None:
        return bool(verified_result)
    return is_verified if isinstance(is_verified, bool) else None


def _is_no_secret(is_secret: Any) -> bool:
    return is_secret is False


def _numbered(lines: Any) -> list[tuple[int, str]]:
    found = lines.items() if isinstance(lines, Mapping) else ()
    return sorted((int(number), str(words)) for number, words in found if str(number).isdigit())


def _first_line(lines: Any) -> int | None:
    return next((number for number, _ in _numbered(lines)), None)


def _first_text(lines: Any) -> str | None:
    return next((words for _, words in _numbered(lines)), None)


def _others(path: Any, lines: Any) -> list[CodeLocation]:
    if not isinstance(path, str):
        return []
    return [CodeLocation(path=path, start_line=number, snippet=words) for number, words in _numbered(lines)[1:]]


SPEC = ScannerSpec(
    name="detect_secrets",
    title="detect-secrets",
    kinds=(Kind.SECRET,),
    aliases=("detect-secrets",),
    homepage="https://github.com/Yelp/detect-secrets",
    setup=_SETUP,
    formats=(
        Format(
            name="detect-secrets-baseline",
            container="json",
            detect=JsonShape(
                root="object", has=("results",), any_of=("plugins_used", "results.*[].hashed_secret"), weight=2
            ),
            scan=ScanMap(version="version", scanned_at="generated_at"),
            maps=(
                Map(
                    each="results.*[]",
                    kind=Kind.SECRET,
                    rule_id="type",
                    title="type",
                    confidence=call(_confidence, "is_verified", "verified_result", "is_secret"),
                    status=call(_status, "is_secret", "is_removed"),
                    location=code(path="filename | ^#key", start_line="line_number"),
                    secret=secret(type="type", verified=call(_verified, "is_verified", "verified_result")),
                    fingerprints={"hashed_secret": "hashed_secret"},
                    suppressions=when(
                        call(_is_no_secret, "is_secret"),
                        suppression(
                            kind=const("baseline"), status=const("accepted"), justification=const("marked as no secret")
                        ),
                    ),
                    ignore=("is_added",),
                ),
            ),
        ),
        Format(
            name="detect-secrets-audit-report",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results[].filename",),
                any_of=("results[].lines", "results[].types", "results[].secrets"),
                match={"results[].category": r"^(VERIFIED_TRUE|VERIFIED_FALSE|UNVERIFIED)$"},
            ),
            maps=(
                Map(
                    each="results[]",
                    kind=Kind.SECRET,
                    rule_id="types[0]",
                    title="types[0]",
                    confidence=lookup("category", {"VERIFIED_TRUE": Confidence.CONFIRMED}),
                    status=status("category", {"VERIFIED_FALSE": ObservationStatus.SUPPRESSED}),
                    location=code(
                        path="filename",
                        start_line=call(_first_line, "lines"),
                        snippet=call(_first_text, "lines"),
                    ),
                    related_locations=call(_others, "filename", "lines"),
                    secret=secret(
                        value="secrets",
                        type="types[0]",
                        verified=lookup("category", {"VERIFIED_TRUE": True, "VERIFIED_FALSE": False}),
                    ),
                    tags=(each("types[]", "."),),
                ),
            ),
        ),
    ),
)
