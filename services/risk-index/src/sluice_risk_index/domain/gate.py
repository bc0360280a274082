"""The gate: may this change go in? It asks what the ref adds to its base, never what was there before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sluice_risk_index.domain.policy import Thresholds
from sluice_shared.contracts.finding import Severity


class Verdict(StrEnum):
    """The gate's answer; ``unknown`` is never as good as ``pass``."""

    PASS = "pass"  # noqa: S105 - a verdict
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """The verdict with its reasons; ``counts`` are the new findings by severity, without zeros."""

    verdict: Verdict
    reasons: Sequence[str]
    counts: dict[Severity, int]


def judge(
    severities: Sequence[Severity],
    thresholds: Thresholds,
    *,
    ref: str,
    base: str,
    tier: str,
    ref_scanned: bool,
    base_scanned: bool,
) -> GateAnswer:
    """Judge the severities of the findings that are present on ``ref`` and not on ``base``."""
    if not ref_scanned:
        return GateAnswer(
            Verdict.UNKNOWN,
            (f"no successful scan of '{ref}' is known: push its report, wait until it is indexed, and ask again",),
            {},
        )
    counted = Counter(severities)
    counts = {severity: counted[severity] for severity in reversed(Severity) if counted[severity]}
    reasons = []
    if ref == base:
        reasons.append(f"'{ref}' is its own base, so nothing can be new; ask for a branch, or name another base")
    elif not base_scanned:
        reasons.append(f"the base '{base}' has never been scanned, so every finding of '{ref}' counts as new")
    for severities_of, verb in ((thresholds.fail, "stops"), (thresholds.warn - thresholds.fail, "warns")):
        hit = [severity for severity in counts if severity in severities_of]
        reasons += [f"{_count(counts[s], s)}: a new {s.value} {verb} a change in tier {tier}" for s in hit]
    verdict = Verdict.PASS
    if any(severity in thresholds.warn for severity in counts):
        verdict = Verdict.WARN
    if any(severity in thresholds.fail for severity in counts):
        verdict = Verdict.FAIL
    if verdict is Verdict.PASS:
        reasons.append("nothing new that stops a change or warns of it")
    return GateAnswer(verdict, tuple(reasons), counts)


def _count(number: int, severity: Severity) -> str:
    return f"{number} new {severity.value} finding{'' if number == 1 else 's'}"
