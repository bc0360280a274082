"""Which practices have been scanned on a ref, and whether lately enough.

A scanner that looks for several kinds of problem reports only those that it finds, so its latest scan counts for every
kind that it has ever reported there: a practice does not grow stale because its last finding was fixed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sluice_risk_index.domain.durations import write_duration
from sluice_risk_index.domain.policy import ScanRules
from sluice_shared.contracts.finding import Kind

_ANY = "any"
_MINUTE = timedelta(minutes=1)


class PracticeState(StrEnum):
    """How a practice stands."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Scan:
    """The last successful scan of a ref by a scanner for a kind of problem; None where it did not say for which."""

    scanner: str
    kind: Kind | None
    at: datetime
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice on a ref: its last scan, if any, and how old that may be; of any practice where ``kind`` is None."""

    kind: Kind | None
    state: PracticeState
    oldest: timedelta
    scan: Scan | None

    @property
    def bad(self) -> bool:
        """Whether it keeps a change from passing."""
        return self.state is not PracticeState.FRESH

    @property
    def name(self) -> str:
        """Return the kind of problem that is looked for, or `any`."""
        return self.kind.value if self.kind else _ANY

    def advice(self, ref: str, tier: str, now: datetime) -> str:
        """Say which scan is missing or too old, how old it is, and what to do."""
        what = f"{self.kind.value} scan" if self.kind else "scan"
        if self.scan is None:
            return (
                f"no successful {what} of '{ref}' is known, and tier {tier} requires one: run it, push its report, "
                "and ask again"
            )
        commit = f", commit {self.scan.commit}" if self.scan.commit else ""
        return (
            f"the last {what} of '{ref}' ({self.scan.scanner}, {self.scan.at:%Y-%m-%d %H:%M} UTC{commit}) is "
            f"{write_age(now - self.scan.at)} old, and tier {tier} allows {write_duration(self.oldest)}: scan again, "
            "push the report, and ask again"
        )


def practices_of(
    scans: Sequence[Scan], rules: ScanRules, now: datetime, known: Iterable[tuple[str, Kind]] = ()
) -> list[Practice]:
    """Return the practices of a ref, by name: those that were scanned, and those that are required.

    ``known`` are pairs of scanner and kind that other refs or assets tell of, for scanners that found nothing here.
    """
    latest: dict[str, Scan] = {}
    for scan in scans:
        if scan.scanner not in latest or latest[scan.scanner].at < scan.at:
            latest[scan.scanner] = scan
    looked = {(scan.scanner, scan.kind) for scan in scans if scan.kind is not None}
    silent = latest.keys() - {scanner for scanner, _ in looked}
    looked |= {(scanner, kind) for scanner, kind in known if scanner in silent}
    newest: dict[Kind, Scan] = {}
    for scanner, kind in looked:
        if kind not in newest or newest[kind].at < latest[scanner].at:
            newest[kind] = latest[scanner]
    found = [_practice(kind, newest.get(kind), rules, now) for kind in sorted(newest.keys() | rules.required)]
    if latest and not newest:
        found.append(_practice(None, max(latest.values(), key=lambda scan: scan.at), rules, now))
    return found


def write_age(age: timedelta) -> str:
    """Write an age in one unit: minutes below two hours, hours below two days, else days; rounded down."""
    if age < 120 * _MINUTE:
        return f"{max(int(age / _MINUTE), 0)}m"
    hours = int(age / (60 * _MINUTE))
    return f"{hours}h" if hours < 48 else f"{hours // 24}d"  # noqa: PLR2004 - two days


def _practice(kind: Kind | None, scan: Scan | None, rules: ScanRules, now: datetime) -> Practice:
    oldest = rules.oldest(kind)
    if scan is None:
        return Practice(kind, PracticeState.MISSING, oldest, None)
    state = PracticeState.STALE if now - scan.at > oldest else PracticeState.FRESH
    return Practice(kind, state, oldest, scan)
