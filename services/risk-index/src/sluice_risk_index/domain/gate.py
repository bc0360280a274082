"""The gate: may this change go in? It asks what the ref adds to its base, or all that it has, as the policy says."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sluice_risk_index.domain.policy import Counted, Thresholds
from sluice_risk_index.domain.scans import Practice, PracticeState
from sluice_shared.contracts.finding import Kind, Severity


class Verdict(StrEnum):
    """The gate's answer; ``stale`` and ``missing`` are never as good as ``pass``."""

    PASS = "pass"  # noqa: S105 - a verdict
    WARN = "warn"
    STALE = "stale"
    MISSING = "missing"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Judged:
    """How many findings of a severity are judged; ``secret`` tells leaked secrets from the rest."""

    severity: Severity
    secret: bool
    number: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared with what, by whose rules; ``base_scanned`` is whether a scan of the base is known."""

    ref: str
    base: str
    tier: str
    counted: Counted
    base_scanned: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """The verdict with its reasons; ``counts`` are the judged findings by severity, without zeros."""

    verdict: Verdict
    reasons: Sequence[str]
    counts: dict[Severity, int]


def judge(
    found: Iterable[Judged], thresholds: Thresholds, practices: Sequence[Practice], comparison: Comparison
) -> GateAnswer:
    """Judge what was found on a ref of which these practices are known or required.

    What stops a change stops it however old its scan is. Short of that a required scan that is missing comes first,
    then one that is too old: neither warns nor passes. A ref of which no scan is known cannot be judged at all.
    """
    if not any(practice.scan for practice in practices):
        nothing = f"no successful scan of '{comparison.ref}' is known"
        return GateAnswer(
            Verdict.MISSING, (f"{nothing}: push its report, wait until it is indexed, and ask again",), {}
        )
    counted, secrets = Counter[Severity](), 0
    for judged in found:
        counted[judged.severity] += judged.number
        secrets += judged.number if judged.secret else 0
    counts = {severity: counted[severity] for severity in reversed(Severity) if counted[severity]}
    reasons = [*_about(comparison), *_hits(counts, secrets, thresholds, comparison)]
    reasons += [
        practice.advice(comparison.ref, comparison.tier, comparison.at) for practice in practices if practice.bad
    ]
    verdict = _verdict(counts, secrets, thresholds, practices)
    if verdict is Verdict.PASS:
        what = "new " if comparison.counted is Counted.NEW else ""
        reasons.append(f"nothing {what}that stops a change or warns of it")
    return GateAnswer(verdict, tuple(reasons), counts)


def _verdict(
    counts: dict[Severity, int], secrets: int, thresholds: Thresholds, practices: Sequence[Practice]
) -> Verdict:
    states = {practice.state for practice in practices}
    if secrets or any(severity in thresholds.fail for severity in counts):
        return Verdict.FAIL
    if PracticeState.MISSING in states:
        return Verdict.MISSING
    if PracticeState.STALE in states:
        return Verdict.STALE
    if any(severity in thresholds.warn for severity in counts):
        return Verdict.WARN
    return Verdict.PASS


def _about(comparison: Comparison) -> list[str]:
    ref, base = comparison.ref, comparison.base
    if comparison.counted is Counted.TOTAL:
        return [f"everything on '{ref}' counts, whether or not '{base}' has it"]
    if ref == base:
        return [f"'{ref}' is its own base, so nothing can be new; ask for a branch, or name another base"]
    if not comparison.base_scanned:
        return [f"the base '{base}' has never been scanned, so every finding of '{ref}' counts as new"]
    return []


def _hits(counts: dict[Severity, int], secrets: int, thresholds: Thresholds, comparison: Comparison) -> list[str]:
    new = "new " if comparison.counted is Counted.NEW else ""
    reasons = []
    if secrets:
        found = f"{secrets} {new}{Kind.SECRET.value} finding{'' if secrets == 1 else 's'}"
        reasons.append(f"{found}: a leaked secret always stops a change; revoke it, then take it out")
    for severities, verb in ((thresholds.fail, "stops"), (thresholds.warn - thresholds.fail, "warns")):
        for severity, number in counts.items():
            if severity in severities:
                found = f"{number} {new}{severity.value} finding{'' if number == 1 else 's'}"
                reasons.append(f"{found}: a {new}{severity.value} {verb} a change in tier {comparison.tier}")
    return reasons
