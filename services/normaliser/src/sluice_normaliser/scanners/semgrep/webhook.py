"""What Semgrep's platform posts for a finding."""

from typing import Any

from sluice_normaliser.kit import Map, by, call, code, ident, matching, peek, reference
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners.semgrep.maps import kind_of, short
from sluice_shared.contracts.finding import Kind

_AT = "semgrep_finding"


def _repository(name: Any, url: Any) -> str | None:
    """Return the asset key of the repository, whose host stands in the address of the commit."""
    host = (words(url) or "").removeprefix("https://").partition("/")[0]
    said = words(name)
    return f"repo:{host}/{said}" if said and host else None


def _kind(check_id: Any, metadata: Any) -> Kind:
    return kind_of(check_id, metadata, None)


NOTIFIED = Map(
    each="[]",
    kind=call(_kind, f"{_AT}.check_id", peek(f"{_AT}.metadata")),
    rule_id=f"{_AT}.check_id",
    rule_name=call(short, f"{_AT}.check_id"),
    title=call(short, f"{_AT}.check_id"),
    message=f"{_AT}.message",
    severity=by(f"{_AT}.severity", "eslint"),
    confidence=f"{_AT}.metadata.confidence",
    identifiers=ident(f"{_AT}.metadata.owasp", "owasp"),
    cwes=f"{_AT}.metadata.cwe",
    location=code(
        path=f"{_AT}.path",
        start_line=f"{_AT}.line",
        start_column=f"{_AT}.column",
        end_line=f"{_AT}.end_line",
        end_column=f"{_AT}.end_column",
        commit=matching(f"{_AT}.commit_url", r"/commit/([0-9a-f]+)"),
    ),
    references=(
        f"{_AT}.metadata.references",
        reference(url=f"{_AT}.commit_url"),
        f"{_AT}.metadata.source",
    ),
    fingerprints={"semgrep_finding": f"{_AT}.id"},
    asset=call(_repository, f"{_AT}.repo_name", f"{_AT}.commit_url"),
    tags=(f"{_AT}.metadata.technology[]", f"{_AT}.metadata.vulnerability_class[]"),
    first_detected_at=f"{_AT}.start_date",
    last_detected_at=f"{_AT}.commit_date",
    ignore=(f"{_AT}.index",),
)
