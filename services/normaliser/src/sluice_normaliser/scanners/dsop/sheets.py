"""The sheets of an Iron Bank workbook, each of another scanner, told apart by their columns."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    Archive,
    Map,
    Reading,
    by,
    call,
    const,
    first,
    ident,
    image,
    image_name,
    matching,
    package,
    rating,
    resource,
    status,
    suppression,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, Observation, ObservationStatus

_RESULTS = {
    "pass": ObservationStatus.PASSED,
    "fixed": ObservationStatus.FIXED,
    "notapplicable": ObservationStatus.NOT_APPLICABLE,
    "notselected": ObservationStatus.NOT_APPLICABLE,
    "notchecked": ObservationStatus.MANUAL,
    "informational": ObservationStatus.INFORMATIONAL,
    "unknown": ObservationStatus.MANUAL,
    "error": ObservationStatus.MANUAL,
}
_JUSTIFIED = when("JUSTIFICATION", suppression(kind=const("justification"), justification="JUSTIFICATION"))


def _listed(said: Any) -> list[str]:
    """Return the parts of ``['CCI-000366', 'RHEL-07-040550']``."""
    return [part.strip(" '\"[]") for part in (words(said) or "").split(",") if part.strip(" '\"[]")]


def _version(vulnerable: Any) -> str | None:
    """Return the version of ``webrick-1.4.2``: what follows the last hyphen before a digit."""
    said = words(vulnerable) or ""
    for at, char in enumerate(said):
        if char == "-" and said[at + 1 : at + 2].isdigit():
            return said[at + 1 :]
    return None


def _before_version(vulnerable: Any) -> str | None:
    """Return the name of ``webrick-1.4.2``, for workbooks that do not name the package."""
    said, release = words(vulnerable), _version(vulnerable)
    return said.removesuffix(f"-{release}") if said and release else said


def _fixed(said: Any) -> str | None:
    found = words(said)
    return None if (found or "").lower() in {"", "none", "n/a"} else found


def _name(said: Any) -> str | None:
    return image_name(words(said) or "").name or None


def _tag(said: Any) -> str | None:
    return image_name(words(said) or "").tag


_RULES = Map(
    kind=Kind.COMPLIANCE,
    rule_id="ruleid",
    title="title",
    description="desc",
    message="rationale",
    severity="severity",
    status=status("result", _RESULTS),
    identifiers=(ident("identifiers", "vendor"), ident(call(_listed, "refs"), "vendor")),
    last_detected_at="scanned_date",
    suppressions=_JUSTIFIED,
)

_DEFINITIONS = Map(
    kind=Kind.CONTAINER,
    rule_id="id",
    title="title",
    severity=matching("title", r"\((\w+)\)\s*$"),
    status=status("result", {"false": ObservationStatus.PASSED, "not applicable": ObservationStatus.NOT_APPLICABLE}),
    identifiers="ref",
    tags="cls",
    suppressions=_JUSTIFIED,
)

_TWISTLOCK = Map(
    kind=Kind.CONTAINER,
    rule_id="cve | id",
    title="cve | id",
    description="desc",
    severity="severity",
    identifiers=ident("cve | id", "vendor"),
    location=package(name="packageName", version="packageVersion", fixed_versions=matching("status", r"fixed in (.+)")),
    ratings=rating(const("twistlock"), vector="vecStr", score="cvss", severity="severity"),
    exploit_maturity="exploit",
    references="link",
    tags="type",
    suppressions=_JUSTIFIED,
    ignore=("id",),
)

_ANCHORE = Map(
    kind=Kind.CONTAINER,
    rule_id="cve",
    title="cve",
    severity="severity",
    identifiers=ident("cve", "vendor"),
    location=package(
        name=first("package", call(_before_version, "vuln")),
        version=call(_version, "vuln"),
        path="package_path",
        fixed_versions=call(_fixed, "fix"),
        image=image(name=call(_name, "tag"), tag=call(_tag, "tag")),
    ),
    references=matching("url", r"(https?://[^'\"<> ]+)"),
    suppressions=_JUSTIFIED,
)

_GATES = Map(
    kind=Kind.COMPLIANCE,
    rule_id="trigger",
    rule_name="gate",
    title="check_output",
    message="check_output",
    severity=by("gate_action", "anchore-action"),
    status=status("gate_action", {"go": ObservationStatus.INFORMATIONAL}),
    identifiers="trigger_id",
    location=resource(resource=call(_name, "repo_tag"), resource_type=const("image"), name="repo_tag"),
    fingerprints={"anchore_trigger": "trigger_id"},
    tags=("gate", "trigger"),
    suppressions=_JUSTIFIED,
)

_SHEETS = (
    ({"ruleid", "result"}, _RULES.compile()),
    ({"id", "result", "ref"}, _DEFINITIONS.compile()),
    ({"packageName", "packageVersion"}, _TWISTLOCK.compile()),
    ({"cve", "vuln"}, _ANCHORE.compile()),
    ({"gate", "trigger_id"}, _GATES.compile()),
)


def observations(document: Archive, reading: Reading) -> Iterator[Observation]:
    """Yield the rows of every sheet that is a scanner's; the summary only counts them."""
    for rows in document.tables().values():
        for columns, compiled in _SHEETS:
            if rows and columns <= rows[0].keys():
                for number, row in enumerate(rows):
                    yield from compiled.run((None, rows, number, row), reading)
                break
