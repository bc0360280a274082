"""What mobsfscan says: a rule with the places of its matches, or with none when something is missing in the app."""

from typing import Any

from sluice_normaliser.kit import Map, by, call, code, ident, secret, when
from sluice_shared.contracts.finding import Kind


def _is_secret(cwe: Any) -> bool:
    return "798" in str(cwe)


def _kind(cwe: Any) -> Kind:
    return Kind.SECRET if _is_secret(cwe) else Kind.SAST


def _has_none(files: Any) -> bool:
    return not files


def _rule(up: str, **more: Any) -> Map:
    """Return the map of a rule's matches; ``up`` is the way up to the rule."""
    about = f"{up}metadata"
    return Map(
        kind=call(_kind, f"{about}.cwe") if up else Kind.SAST,
        rule_id="^#key" if up else "#key",
        title="^#key" if up else "#key",
        message=f"{about}.description",
        description=f"{about}.description",
        severity=by(f"{about}.severity", "levels"),
        identifiers=(
            ident(f"{about}.masvs", scheme="masvs"),
            ident(f"{about}.owasp-mobile | {about}.owasp", scheme="owasp-mobile"),
        ),
        cwes=f"{about}.cwe | {about}.CWE",
        references=f"{about}.reference | {about}.ref",
        **more,
    )


SOURCE_MAPS = (
    _rule(
        "^.",
        each="results.*.files[]",
        location=code(path="file_path", start_line="match_lines[0]", end_line="match_lines[1]", snippet="match_string"),
        secret=when(call(_is_secret, "^.metadata.cwe"), secret(match="match_string", type="^#key")),
    ),
    _rule("", each="results.*", where=call(_has_none, "files")),
)
