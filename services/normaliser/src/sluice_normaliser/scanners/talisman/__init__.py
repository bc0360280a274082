"""Talisman: keeps secrets and suspicious files out of a repository."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    Group,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    call,
    code,
    const,
    matching,
    secret,
    suppression,
    when,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
talisman --scan --reportDirectory talisman
sluice push talisman/talisman_reports/data/report.json --asset repo:github.com/acme/shop
```
Also from a pre-push hook, over what is pushed.
"""


def _content(kind: Any) -> bool:
    return bool(kind == "filecontent")


def _map(each: str, state: ObservationStatus, suppressions: Any = None) -> Map:
    return Map(
        each=each,
        kind=Kind.SECRET,
        rule_id="type",
        title="message",
        message="message",
        severity=by("severity", "words"),
        status=state,
        location=code(path="^.filename", commit="commits[0]"),
        secret=when(
            call(_content, "type"),
            secret(match=matching("message", r": (.+)$"), type="type", commit="commits[0]"),
        ),
        suppressions=suppressions,
        evidence={"commits": when("commits[1]", "commits")},
    )


SPEC = ScannerSpec(
    name="talisman",
    title="Talisman",
    kinds=(Kind.SECRET,),
    homepage="https://thoughtworks.github.io/talisman/",
    setup=_SETUP,
    differences={"many_findings.json": "one per failure; the reference makes one per file"},
    formats=(
        Format(
            name="talisman-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results",),
                any_of=(
                    "summary.types.filecontent",
                    "summary.types.filename",
                    "results[].failure_list",
                    "results[].warning_list",
                ),
                weight=2,
            ),
            maps=(
                Group(
                    each="results[]",
                    maps=(
                        _map("failure_list[]", ObservationStatus.OPEN),
                        _map("warning_list[]", ObservationStatus.OPEN),
                        _map(
                            "ignore_list[]",
                            ObservationStatus.SUPPRESSED,
                            suppression(kind=const("in_source"), justification=const("ignored in .talismanrc")),
                        ),
                    ),
                ),
            ),
        ),
    ),
)
