"""What the observations of a finding say that bears on its risk: the inputs of score and class, each with its source.

Facts are stored with the finding, so that a changed policy is applied without reading the observations again.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from cvss import CVSS2, CVSS3, CVSS4  # type: ignore[import-untyped]
from cvss.exceptions import CVSSError  # type: ignore[import-untyped]

from sluice_risk_index.domain.exploitation import exploitation
from sluice_risk_index.domain.observed import Observed, ObservedRating
from sluice_risk_index.domain.policy import Exploit
from sluice_shared.contracts.finding import Confidence, RatingMethod, Severity

CVSS_METHODS = (RatingMethod.CVSS_V4, RatingMethod.CVSS_V31, RatingMethod.CVSS_V3, RatingMethod.CVSS_V2)
"""Newest first: the order in which they are believed."""
_MAX_CVSS = 10.0
_CONFIDENCES = (Confidence.LOW, Confidence.UNKNOWN, Confidence.MEDIUM, Confidence.HIGH, Confidence.CONFIRMED)
_CONFIDENCE_RANK = {confidence: rank for rank, confidence in enumerate(_CONFIDENCES)}


@dataclass(frozen=True, slots=True)
class Facts:
    """The inputs of score and class; a ``*_source`` says where a value comes from.

    ``cvss`` are base scores, 0-10, as (method, source, score); ``epss`` is a probability, 0-1.
    """

    severity: Severity = Severity.UNKNOWN
    cvss: tuple[tuple[str, str, float], ...] = ()
    epss: float | None = None
    epss_source: str | None = None
    exploit: Exploit = Exploit.UNKNOWN
    exploit_source: str | None = None
    fix_available: bool = False
    verified_secret: bool = False
    confidence: Confidence = Confidence.UNKNOWN

    def to_json(self) -> str:
        """Write them compactly; what is as by default is left out."""
        values = {name: value for name, default in _DEFAULTS.items() if (value := getattr(self, name)) != default}
        return orjson.dumps(values).decode()

    @classmethod
    def from_json(cls, text: str, severity: Severity) -> "Facts":
        """Read what :meth:`to_json` wrote."""
        values: dict[str, Any] = orjson.loads(text)
        values["severity"] = severity
        if "cvss" in values:
            values["cvss"] = tuple((method, source, score) for method, source, score in values["cvss"])
        if "exploit" in values:
            values["exploit"] = Exploit(values["exploit"])
        if "confidence" in values:
            values["confidence"] = Confidence(values["confidence"])
        return cls(**values)


_DEFAULTS: dict[str, Any] = {
    "cvss": (),
    "epss": None,
    "epss_source": None,
    "exploit": Exploit.UNKNOWN,
    "exploit_source": None,
    "fix_available": False,
    "verified_secret": False,
    "confidence": Confidence.UNKNOWN,
}


def gather_facts(severity: Severity, observations: list[Observed]) -> Facts:
    """Collect from all observations what bears on the risk: where they disagree, the worst counts."""
    cvss: dict[tuple[str, str], float] = {}
    epss: tuple[float, str] | None = None
    fix = verified = False
    confidence: Confidence | None = None
    for observed in observations:
        for rating in observed.ratings:
            if rating.method in CVSS_METHODS:
                score = _cvss_score(rating)
                if score is not None:
                    key = (rating.method.value, rating.source)
                    cvss[key] = max(score, cvss.get(key, 0.0))
            elif rating.method is RatingMethod.EPSS and rating.score is not None and 0 <= rating.score <= 1:
                epss = max(epss, (rating.score, rating.source)) if epss else (rating.score, rating.source)
        fix = fix or _has_fix(observed)
        verified = verified or (observed.secret is not None and observed.secret.verified is True)
        if confidence is None or _CONFIDENCE_RANK[observed.confidence] > _CONFIDENCE_RANK[confidence]:
            confidence = observed.confidence
    exploit, exploit_source = exploitation(observations)
    return Facts(
        severity=severity,
        cvss=tuple((method, source, score) for (method, source), score in cvss.items()),
        epss=epss[0] if epss else None,
        epss_source=epss[1] if epss else None,
        exploit=exploit,
        exploit_source=exploit_source,
        fix_available=fix,
        verified_secret=verified,
        confidence=confidence or Confidence.UNKNOWN,
    )


def _has_fix(observed: Observed) -> bool:
    fix = observed.fix
    if fix is not None and (fix.available or fix.fixed_versions):
        return True
    return observed.location is not None and bool(observed.location.fixed_versions)


def _cvss_score(rating: ObservedRating) -> float | None:
    """Return the score as given, else the vector's base score; None when neither makes sense."""
    if rating.score is not None:
        return rating.score if 0 <= rating.score <= _MAX_CVSS else None
    return _base_score(rating.method, rating.vector) if rating.vector else None


@lru_cache(maxsize=16_384)
def _base_score(method: RatingMethod, vector: str) -> float | None:
    """Return the base score of a CVSS vector by FIRST's equations; None when the vector is not valid."""
    try:
        if method is RatingMethod.CVSS_V4:
            return float(CVSS4(vector).base_score)
        if method is RatingMethod.CVSS_V2:
            return float(CVSS2(vector).base_score)
        return float(CVSS3(vector).base_score)
    except CVSSError:
        return None
