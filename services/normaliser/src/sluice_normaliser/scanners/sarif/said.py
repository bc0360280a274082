"""What a SARIF property bag says: tools put into it what the format has no place for."""

import re
from dataclasses import dataclass, field
from typing import Any

from sluice_normaliser.kit.coerce import number, strings
from sluice_normaliser.kit.identifiers import cwes, identifiers
from sluice_normaliser.kit.severity import Grade, grade
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Identifier, Severity

_SEVERITY_WORDS = ("severity", "problem.severity.word", "Severity", "issue_severity", "issueSeverity", "risk")
_SEVERITY_TABLES = {"DevSkimSeverity": "devskim"}
_SCORES = ("security-severity", "security_severity", "securitySeverity", "cvssv3_baseScore", "cvssScore", "cvss_score")
_CWE_KEYS = ("cwe", "cwes", "CWE", "cweId", "cweIds", "cwe_id", "cwe-id")
_VULNERABILITY_KEYS = (
    "cve",
    "cves",
    "CVE",
    "cveId",
    "aliases",
    "vulnerabilityId",
    "vulnerability_id",
    "ghsa",
    "identifiers",
)
_CONFIDENCE_KEYS = ("confidence", "issue_confidence", "issueConfidence", "DevSkimConfidence", "precision")
_USED = frozenset(
    {
        *_SEVERITY_WORDS,
        *_SEVERITY_TABLES,
        *_SCORES,
        *_CWE_KEYS,
        *_VULNERABILITY_KEYS,
        *_CONFIDENCE_KEYS,
        "tags",
        "problem.severity",
    }
)
_CONFIDENCE_TAG = re.compile(r"^(HIGH|MEDIUM|LOW) CONFIDENCE$", re.IGNORECASE)
_WORDS = frozenset({"critical", "high", "medium", "moderate", "low", "info", "informational", "negligible"})


@dataclass(slots=True)
class Said:
    """What a property bag says, of a rule or of a result."""

    tags: list[str] = field(default_factory=list)
    word: Grade | None = None
    score: str | None = None
    problem: str | None = None
    confidence: str | None = None
    precision: str | None = None
    identifiers: list[Identifier] = field(default_factory=list)
    cwes: list[int] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)


def said_by(properties: Any) -> Said:
    """Return what a property bag says about severity, confidence and identity, and the rest of it."""
    bag = obj(properties)
    if not bag:
        return Said()
    tags = [tag.strip() for tag in strings(bag.get("tags"))]
    said = Said(tags=tags, precision=words(bag.get("precision")), problem=words(bag.get("problem.severity")))
    for key in _SEVERITY_WORDS:
        placed = grade(bag.get(key)) if bag.get(key).__class__ is str else None
        if placed is not None and placed.severity is not Severity.UNKNOWN:
            said.word = placed
            break
    for key, table in _SEVERITY_TABLES.items():
        if said.word is None and key in bag:
            said.word = grade(words(bag[key]), table)
    if said.word is None:
        tag = next((tag for tag in tags if tag.lower() in _WORDS), None)
        said.word = grade(tag) if tag else None
    said.score = next((found for key in _SCORES if (found := words(bag.get(key))) and number(found) is not None), None)
    said.confidence = next((found for key in _CONFIDENCE_KEYS[:-1] if (found := words(bag.get(key)))), None)
    if said.confidence is None:
        said.confidence = next((match.group(1) for tag in tags if (match := _CONFIDENCE_TAG.match(tag))), None)
    named = [value for key in _VULNERABILITY_KEYS for value in strings(bag.get(key))]
    said.identifiers = identifiers([*tags, *named])
    said.cwes = cwes([value for key in _CWE_KEYS for value in strings(bag.get(key))])
    said.rest = {key: value for key, value in bag.items() if key not in _USED and value not in (None, "", [], {})}
    return said
