"""Conftest: tests structured configuration against policies written in Rego."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    code,
    const,
    first,
    grade,
    suppression,
    when,
)
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.reading import slug
from sluice_normaliser.kit.severity import Grade
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
conftest test --output json deploy/ > conftest.json
sluice push conftest.json --asset repo:github.com/acme/shop
```
Conftest ends with status 1 when a policy failed. Policies may say `severity`, `id`, `title` and `url` beside `msg`;
they are taken over. Tests that passed are only counted by Conftest; exceptions count as suppressed.
"""


def _text(result: Any) -> str | None:
    """Return what a result says; until version 0.18 it was a bare text."""
    return (
        words(result) if isinstance(result, str) else words(obj(result).get("msg")) or words(obj(result).get("Message"))
    )


def _is_named(result: Any) -> bool:
    """Return whether a success is one by name; since version 0.19 they are only counted."""
    return isinstance(result, dict) or (isinstance(result, str) and integer(result) is None)


def _rule(result: Any, metadata: Any, namespace: Any) -> str | None:
    """Return the policy's own id, else its query with what it says: one query has many rules."""
    about = obj(metadata)
    named = next((found for key in ("id", "code", "rule", "policy_id") if (found := words(about.get(key)))), None)
    query = words(about.get("query")) or words(namespace)
    said = _text(result)
    return named or ": ".join(part for part in (query, slug(said) if said else None) if part) or None


def _severity(default: Severity) -> Any:
    def find(metadata: Any) -> Grade:
        said = words(obj(metadata).get("severity"))
        return grade(said) if said else Grade(default)

    return find


def _results(path: str, severity: Severity, status: ObservationStatus = ObservationStatus.OPEN) -> Map:
    suppressed = status is ObservationStatus.SUPPRESSED
    return Map(
        each=path,
        where=call(_is_named, "."),
        kind=Kind.IAC,
        rule_id=call(_rule, ".", "metadata | Metadata", "^.namespace"),
        title=first("metadata.title", call(_text, ".")),
        message=call(_text, ".", uses=("msg", "Message")),
        description="metadata.description",
        severity=call(_severity(severity), "metadata"),
        status=status,
        location=first(
            code(path="loc.file", start_line="loc.line"),
            code(path="^.filename | ^.Filename | ^.fileName"),
        ),
        references=("metadata.url", "metadata.link"),
        tags="^.namespace",
        suppressions=when(const(suppressed), suppression(kind=const("policy"), status=const("accepted"))),
    )


def _both(name: str, severity: Severity, status: ObservationStatus = ObservationStatus.OPEN) -> tuple[Map, ...]:
    return tuple(_results(f"[].{spelling}[]", severity, status) for spelling in (name, name.capitalize()))


_MAPS = (
    *_both("failures", Severity.MEDIUM),
    *_both("warnings", Severity.LOW),
    *_both("exceptions", Severity.MEDIUM, ObservationStatus.SUPPRESSED),
    *_both("skipped", Severity.INFO, ObservationStatus.NOT_APPLICABLE),
)

SPEC = ScannerSpec(
    name="conftest",
    title="Conftest",
    kinds=(Kind.IAC,),
    homepage="https://www.conftest.dev",
    setup=_SETUP,
    formats=(
        Format(
            name="conftest-json",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].filename",),
                any_of=("[].successes", "[].failures", "[].warnings"),
                lacks=("[].file_results",),
                weight=1,
            ),
            maps=(
                *_MAPS,
                _results("[].successes[]", Severity.INFO, ObservationStatus.PASSED),
            ),
        ),
        Format(
            name="conftest-json-0.18",
            container="json",
            detect=JsonShape(root="array", any_of=("[].Failures", "[].Warnings", "[].Successes"), weight=2),
            maps=(*_MAPS, _results("[].Successes[]", Severity.INFO, ObservationStatus.PASSED)),
        ),
    ),
)
