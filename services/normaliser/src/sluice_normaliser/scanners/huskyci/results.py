"""The results of huskyCI: by language, by tool, by severity."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import RawSecret, Reading, construct
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.identifiers import find
from sluice_normaliser.kit.packages import complete
from sluice_normaliser.kit.reading import slug
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import (
    CodeLocation,
    Fix,
    Kind,
    Location,
    Observation,
    ObservationStatus,
    PackageLocation,
    SecretDetail,
    Suppression,
)

_BUCKETS = {"highvulns": "HIGH", "mediumvulns": "MEDIUM", "lowvulns": "LOW", "nosecvulns": None}
_KINDS = {
    "safetyoutput": Kind.SCA,
    "npmauditoutput": Kind.SCA,
    "yarnauditoutput": Kind.SCA,
    "gitleaksoutput": Kind.SECRET,
    "tfsecoutput": Kind.IAC,
}
_ECOSYSTEMS = {"safetyoutput": "pypi", "npmauditoutput": "npm", "yarnauditoutput": "npm"}
_MAPPED = frozenset(
    {"language", "securitytool", "severity", "confidence", "file", "line", "code", "details", "type", "title"}
    | {"vulnerablebelow", "version", "occurrences"}
)


def observations(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the findings of every tool, the worst first."""
    root = obj(document)
    for results in obj(root.get("huskyciresults") or root).values():
        for tool, output in obj(results).items():
            for bucket, severity in _BUCKETS.items():
                for each in objs(obj(output).get(bucket)):
                    yield _observe(each, tool, severity, reading)


def _observe(found: dict[str, Any], tool: str, severity: str | None, reading: Reading) -> Observation:
    kind = _KINDS.get(tool, Kind.SAST)
    details, title = words(found.get("details")), words(found.get("title"))
    code = words(found.get("code"))
    below = words(found.get("vulnerablebelow"))
    suppressed = severity is None
    return reading.observe(
        kind=kind,
        rule_id=_rule(found, kind, title or details),
        rule_name=words(found.get("type")),
        title=title or details,
        description=details,
        message=details,
        severity=words(found.get("severity")) or severity,
        confidence=words(found.get("confidence")),
        status=ObservationStatus.SUPPRESSED if suppressed else ObservationStatus.OPEN,
        suppressions=[construct(Suppression, {"kind": "in_source"})] if suppressed else [],
        identifiers=[title, details],
        cwes=[title, details],
        location=_package(found, tool) if kind is Kind.SCA else _span(found, code),
        fix=construct(Fix, {"recommendation": f"upgrade beyond {below}"}) if below else None,
        secret=RawSecret(construct(SecretDetail, {}), (code,)) if kind is Kind.SECRET and code else None,
        occurrence_count=integer(found.get("occurrences")),
        tags=[tag for tag in (words(found.get("securitytool")), words(found.get("language"))) if tag],
        unmapped={key: value for key, value in found.items() if key not in _MAPPED and value},
    )


def _rule(found: dict[str, Any], kind: Kind, said: str | None) -> str | None:
    """Return a rule without the place: ``Hard Coded RSA in: certs/key.pem``; that of a package is its vulnerability."""
    if kind is Kind.SCA:
        return next((value for _, value in find(words(found.get("details")) or "")), None) or words(found.get("code"))
    return slug((said or "").split(" in: ")[0]) or None


def _span(found: dict[str, Any], code: str | None) -> Location | None:
    path = words(found.get("file"))
    if path is None:
        return None
    return construct(CodeLocation, {"path": path, "start_line": words(found.get("line")), "snippet": code})


def _package(found: dict[str, Any], tool: str) -> Location | None:
    """Return the package, whose name huskyCI puts into the field of the code."""
    name = words(found.get("code"))
    values = {
        "name": name,
        "version": words(found.get("version")),
        "ecosystem": _ECOSYSTEMS.get(tool),
        "affected_range": words(found.get("vulnerablebelow")),
        "path": words(found.get("file")),
    }
    done = complete(values) if name else None
    return construct(PackageLocation, done) if done else _span(found, None)
