"""Every severity and confidence table there is; a scanner names one, it never carries its own.

A word that no table can place is ``unknown``: it is counted and shown, never guessed. What the scanner wrote stays in
``scanner_severity``.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from sluice_normaliser.kit.coerce import number, text
from sluice_shared.contracts.finding import Confidence, Severity

C, H, M, L, I, U = (  # noqa: E741 - a table reads better with one letter a column
    Severity.CRITICAL,
    Severity.HIGH,
    Severity.MEDIUM,
    Severity.LOW,
    Severity.INFO,
    Severity.UNKNOWN,
)


class Grade(NamedTuple):
    """A severity, as normalised and as said, and who said it."""

    severity: Severity
    raw: str | None = None
    source: str | None = None


def _table(**words: Severity) -> dict[str, Severity]:
    return {word.replace("_", " "): severity for word, severity in words.items()}


_WORDS = {
    **_table(critical=C, crit=C, very_high=C, blocker=C, urgent=C, emergency=C, extreme=C, catastrophic=C, defcon1=C),
    **_table(high=H, important=H, major=H, serious=H, severe=H, significant=H),
    **_table(medium=M, moderate=M, med=M, average=M, middle=M, elevated=M),
    **_table(low=L, minor=L, very_low=L, limited=L),
    **_table(info=I, information=I, informational=I, informative=I, none=I, negligible=I, trivial=I, best_practice=I),
    **_table(minimal=I, audit=I, bestpractice=I),
    **_table(best_practices=I, note=I, ok=I, hint=I, log=I, debug=I, trace=I, recommendation=I, optimization=I),
    **_table(unknown=U, undefined=U, untriaged=U, unspecified=U, unassigned=U, unrated=U, undetermined=U, na=U),
}

TABLES: Mapping[str, Mapping[str, Severity]] = MappingProxyType(
    {
        # The words of the trade and their common synonyms. Every other table of words falls back on it.
        "words": _WORDS,
        # error/warning/note of linters and of SARIF's level
        "levels": {
            **_table(fatal=C, error=H, err=H, failure=H, fail=H, warning=M, warn=M, note=L, notice=L, style=I),
            **_table(advice=L, refactor=I, convention=I, suggestion=I, performance=L, portability=L, ignored=I),
            **_table(inventory=I, experiment=I),
        },
        # linters that report style: an error is no vulnerability
        "lint": _table(fatal=H, error=M, err=M, warning=L, warn=L, note=I, notice=I, refactor=I, convention=I, style=I),
        # 0..4: informational … critical (Tenable, Nessus)
        "0-4": {"0": I, "1": L, "2": M, "3": H, "4": C},
        # 0..3: informational … high (ZAP riskcode, w3af)
        "0-3": {"0": I, "1": L, "2": M, "3": H},
        # 1..3: low … high
        "1-3": {"1": L, "2": M, "3": H},
        # 3..1: 1 is the worst (PingCastle, some linters)
        "3-1": {"1": H, "2": M, "3": L},
        # 1..4: low … critical (Trivy's VendorSeverity, Black Duck)
        "1-4": {"0": U, "1": L, "2": M, "3": H, "4": C},
        # 1..5: informational … critical (Qualys, Rapid7)
        "1-5": {"0": I, "1": I, "2": L, "3": M, "4": H, "5": C},
        # 0..5: informational, very low … very high (Veracode, Fortify impact)
        "0-5": {"0": I, "1": I, "2": L, "3": M, "4": H, "5": C},
        # 5..1: 1 is the worst (PMD, Cobertura-like priorities)
        "5-1": {"1": C, "2": H, "3": M, "4": L, "5": I},
        # 4..1: 1 is the worst (HCL, Coverity-like)
        "4-1": {"1": C, "2": H, "3": M, "4": L},
        # ESLint: 2 error, 1 warning
        "eslint": {"2": H, "1": M, "0": I, **_table(error=H, warning=M, off=I)},
        # SonarQube issues; BLOCKER and CRITICAL keep the words' own order
        "sonarqube": _table(blocker=C, critical=H, major=M, minor=L, info=I),
        # SpotBugs/FindBugs priority
        "spotbugs": {"1": H, "2": M, "3": L, "4": I, "5": I},
        # Burp, ZAP and other web scanners in words
        "web": _table(false_positive=I, best_practice=I, information=I, informational=I),
        # pass/fail tools that grade nothing: a failed check is medium
        "verdict": _table(fail=M, failed=M, failure=M, error=M, alarm=M, warn=L, warning=L, manual=I, info=I),
        # syslog levels
        "syslog": _table(emerg=C, alert=C, crit=C, critical=C, err=H, error=H, warning=M, warn=M, notice=L, info=I),
        # Wazuh's levels of rules, as its dashboard groups them
        "wazuh": {
            **{str(level): I for level in range(4)},
            **{str(level): L for level in range(4, 7)},
            **{str(level): M for level in range(7, 12)},
            **{str(level): H for level in range(12, 15)},
            "15": C,
            "16": C,
        },
        # initials of the words (Trustwave, Qualys's PCI reports)
        "initials": {"c": C, "h": H, "m": M, "l": L, "i": I},
        # Bugcrowd, HackerOne and others: P1 is the worst
        "priority": {"p0": C, "p1": C, "p2": H, "p3": M, "p4": L, "p5": I},
        # MobSF and QARK: findings, permissions, hardening
        "mobsf": {
            **_table(vulnerability=H, insecure=H, error=H, warning=M, dangerous=M, hotspot=M, info=I, good=I, secure=I),
            **_table(normal=I, signature=I, signatureorsystem=I, suppressed=I),
        },
        # Scout Suite's levels of its rules
        "scoutsuite": _table(danger=H, warning=M, success=I),
        # VisualCodeGrepper: 1 critical … 5 low, 6 suspicious comment, 7 potential issue
        "vcg": {
            "1": C,
            "2": H,
            "3": M,
            "4": M,
            "5": L,
            "6": I,
            "7": I,
            **_table(standard=M, suspicious_comment=I, potential_issue=I, possibly_safe=I),
        },
        # DevSkim, in words or as the flags they stand for
        "devskim": {"1": C, "2": H, "4": M, "8": I, "16": L, **_table(manualreview=L)},
        # Flawfinder: 0 is hardly a risk, 5 a great one; its SARIF says error from 4 on
        "flawfinder": {"0": I, "1": L, "2": L, "3": M, "4": H, "5": H},
        # what a policy of Anchore does about a result
        "anchore-action": _table(stop=H, warn=M, go=I),
        # letters
        "grade": {"a+": I, "a": I, "a-": I, "b": L, "c": M, "d": M, "e": H, "f": H, "t": H, "m": H},
    }
)

SCORE_BANDS: Mapping[str, tuple[tuple[float, Severity], ...]] = MappingProxyType(
    {
        # CVSS v3.1 and v4.0 qualitative scale (FIRST); GitHub uses the same for security-severity
        "cvss": ((9.0, C), (7.0, H), (4.0, M), (0.1, L), (0.0, I)),
        # CVSS v2 as NVD reads it
        "cvss2": ((7.0, H), (4.0, M), (0.0, L)),
        # 0-100
        "percent": ((90.0, C), (70.0, H), (40.0, M), (1.0, L), (0.0, I)),
        # 0-1000 (AlgoSec, Rapid7 risk)
        "permille": ((900.0, C), (700.0, H), (400.0, M), (10.0, L), (0.0, I)),
        # 0-10 of Sonatype's policies: 10 is Security-Critical, 9 Security-High, 7 Security-Medium, 1-3 Security-Low
        "threat-level": ((10.0, C), (8.0, H), (4.0, M), (1.0, L), (0.0, I)),
    }
)


_RANKED = re.compile(r"^\d(?:\.\d)?\s*-\s*(?=[a-z])")
"""The number with which some tools sort their words: ``3.0-medium``, ``2-Low``."""


_LONGEST = 32
"""Characters of a word that is remembered with its grade."""


def grade(raw: Any, table: str = "words", source: str | None = None) -> Grade:
    """Place ``raw`` by the named table, or by the named score bands.

    Case, surrounding blanks, underscores and prefixes (``SEVERITY_``, ``3-``) do not matter. What the table does not
    know is looked for among the words; what those do not know is unknown.
    """
    said = text(raw)
    if said is None:
        return Grade(U, None, source)
    return _grade(said, table, source) if len(said) <= _LONGEST else _grade.__wrapped__(said, table, source)


@lru_cache(maxsize=4_096)
def _grade(said: str, table: str, source: str | None) -> Grade:
    bands = SCORE_BANDS.get(table)
    if bands is not None:
        score = number(said)
        if score is None:
            return Grade(_place(said, _WORDS), said, source)
        return Grade(next((severity for floor, severity in bands if score >= floor), U), said, source)
    return Grade(_place(said, TABLES[table]), said, source)


def _place(said: str, table: Mapping[str, Severity]) -> Severity:
    word = said.strip().lower()
    found = table.get(word)
    if found is not None:
        return found
    found = _WORDS.get(word)
    if found is not None:
        return found
    word = _RANKED.sub("", word).replace("_", " ").replace("-", " ")
    word = word.removeprefix("severity ").removeprefix("level ").removesuffix(" severity")
    word = word.removesuffix(" risk").strip()
    found = table.get(word) or _WORDS.get(word)
    if found is not None:
        return found
    score = number(word)
    if score is not None and score.is_integer():
        return table.get(str(int(score)), U)
    return U


_CONFIDENCE = {
    **dict.fromkeys(("confirmed", "certain", "verified", "exact", "exactly", "proof"), Confidence.CONFIRMED),
    **dict.fromkeys(
        ("high", "highest", "very high", "very-high", "firm", "strong", "probable", "good"), Confidence.HIGH
    ),
    **dict.fromkeys(("medium", "moderate", "normal", "likely", "med"), Confidence.MEDIUM),
    **dict.fromkeys(
        ("low", "very low", "very-low", "tentative", "weak", "possible", "potential", "suspicious"), Confidence.LOW
    ),
}
_CONFIDENCE_BANDS = ((0.999, Confidence.CONFIRMED), (0.8, Confidence.HIGH), (0.5, Confidence.MEDIUM))


def confidence(raw: Any) -> Confidence:
    """Place a confidence said in words, as a fraction of 1 or as a per cent; what is neither is unknown."""
    said = text(raw)
    if said is None:
        return Confidence.UNKNOWN
    found = _CONFIDENCE.get(said.strip().lower())
    if found is not None:
        return found
    share = number(said)
    if share is None or share < 0:
        return Confidence.UNKNOWN
    if share > 1:
        share /= 100
    return next((level for floor, level in _CONFIDENCE_BANDS if share >= floor), Confidence.LOW)
