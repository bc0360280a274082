"""CVSS vectors: which version they are of, and the score they come to.

Sources: FIRST, CVSS v2.0, v3.0, v3.1 and v4.0 specifications, as implemented by the ``cvss`` library.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from cvss import CVSS2, CVSS3, CVSS4  # type: ignore[import-untyped]
from cvss.exceptions import CVSSError  # type: ignore[import-untyped]

from sluice_normaliser.kit.coerce import number, text
from sluice_normaliser.kit.construct import construct
from sluice_shared.contracts.finding import Rating, RatingMethod

MAX_SCORE = 10.0

_PREFIX = re.compile(r"^\s*\(?\s*(?:CVSS[:#]?(\d\.\d)/|CVSS2#|CVSS:?v?2[/#:])?", re.IGNORECASE)
_METHODS = {
    "4.0": RatingMethod.CVSS_V4,
    "3.1": RatingMethod.CVSS_V31,
    "3.0": RatingMethod.CVSS_V3,
    "2.0": RatingMethod.CVSS_V2,
}


class Scored(NamedTuple):
    """A vector in its canonical spelling, its method, and its base score (None when the vector is not valid)."""

    vector: str
    method: RatingMethod
    score: float | None


@lru_cache(maxsize=16_384)
def read_vector(vector: str) -> Scored | None:
    """Return what a vector says, or None when the text is no CVSS vector at all.

    Vectors without a prefix are recognised by their metrics: ``Au`` is v2, ``VC`` is v4, ``PR`` is v3.1.
    """
    prefix = _PREFIX.match(vector)
    metrics = vector[prefix.end() :].strip().rstrip(")").strip() if prefix else vector
    if "AV:" not in metrics.upper():
        return None
    upper = f"/{metrics.upper()}/"
    version = prefix.group(1) if prefix else None
    if version not in _METHODS:
        version = "2.0" if "/AU:" in upper else "4.0" if "/VC:" in upper else "3.1" if "/PR:" in upper else None
    if version is None:
        return None
    spelled = metrics if version == "2.0" else f"CVSS:{version}/{metrics}"
    return Scored(spelled, _METHODS[version], _score(version, spelled))


def _score(version: str, vector: str) -> float | None:
    try:
        if version == "2.0":
            return float(CVSS2(vector).base_score)
        if version == "4.0":
            return float(CVSS4(vector).base_score)
        return float(CVSS3(vector).base_score)
    except (CVSSError, ValueError, KeyError):
        return None


def rating(
    source: Any,
    *,
    vector: Any = None,
    score: Any = None,
    severity: Any = None,
    method: RatingMethod | None = None,
    version: Any = None,
    as_of: Any = None,
    percentile: Any = None,
) -> Rating | None:
    """Return one rating, or None when there is nothing to rate with.

    The method comes from the vector, else from ``method``, else from a CVSS ``version`` (``"3.1"``). A score that
    cannot be of its method (CVSS beyond 0-10) gives way to the one the vector comes to; else it is kept as given.
    """
    words = text(vector)
    read = read_vector(words) if words else None
    given = number(score)
    said = text(severity)
    if read is None and given is None and said is None:
        return None
    known = read.method if read else method or _METHODS.get((text(version) or "").strip().removeprefix("v"))
    is_cvss = known in _METHODS.values()
    if given is not None and is_cvss and not 0 <= given <= MAX_SCORE:
        given = None
    if read is not None and (given is None or (given == 0 and read.score)):
        given = read.score
    return construct(
        Rating,
        {
            "source": text(source) or "scanner",
            "method": known or RatingMethod.OTHER,
            "vector": read.vector if read else words,
            "score": given,
            "percentile": number(percentile),
            "severity": said,
            "as_of": text(as_of),
        },
    )


def epss(score: Any, percentile: Any = None, as_of: Any = None, source: str = "first") -> Rating | None:
    """Return an EPSS rating (probability and percentile, both 0-1), or None without a score."""
    given = number(score)
    if given is None:
        return None
    return rating(source, score=given, method=RatingMethod.EPSS, percentile=percentile, as_of=as_of)
