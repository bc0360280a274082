"""What the clients push: a random but reproducible life of some assets, as reports of two scanners.

A problem is a number within its asset; it is to be found by its rule id, `chaos/p<number>`. Every third one is
critical. Both scanners see the same code, so that their observations of one problem meet in one finding.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PROBLEMS = 14
"""Problems of an asset. Fewer than what a scan must lose for the loss to be held."""
SCANNERS = ("chaos-alpha", "chaos-beta")
REFS = ("main", "release/1")
BEGINNING = timedelta(days=34)
"""How long ago the first scan took place: past the deadline of 30 days, and well before the first escalation."""
STEP = timedelta(minutes=1)
SCANS_EACH = 40
"""Scans of an asset before another takes its place."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One report as a client sends it; without ``at`` the time of its arrival counts. ``key`` names the request."""

    key: str
    asset: str
    ref: str
    scanner: str
    complete: bool
    at: datetime | None
    problems: frozenset[int]
    line: int

    @property
    def parameters(self) -> dict[str, str]:
        """The query of the request."""
        given = {"asset": self.asset, "ref": self.ref}
        if not self.complete:
            given["complete"] = "false"
        if self.at is not None:
            given["scanned_at"] = self.at.isoformat()
        return given

    def body(self) -> bytes:
        """The report: SARIF of a tool that is named like the scanner."""
        return sarif(self.scanner, sorted(self.problems), line=self.line)


def sees(scanner: str, problem: int) -> bool:
    """Tell whether a scanner finds this problem at all: the first finds all, the second every other one."""
    return scanner == SCANNERS[0] or problem % 2 == 0


def is_critical(problem: int) -> bool:
    """Tell whether the problem is severe enough to be alerted."""
    return problem % 3 == 0


def rule_of(problem: int) -> str:
    """The rule id by which a problem is found again in the index."""
    return f"chaos/p{problem}"


def sarif(tool: str, problems: list[int], *, line: int = 1, rules_at_most: int = PROBLEMS) -> bytes:
    """A SARIF log with one result a problem, each in a file of its own; ``line`` moves all of them.

    Beyond so many rules, problems share them.
    """
    named = problems[:rules_at_most]
    rules = [
        {
            "id": rule_of(problem),
            "shortDescription": {"text": f"Problem {problem}"},
            "properties": {
                "tags": ["security", "external/cwe/cwe-89"],
                "security-severity": "9.8" if is_critical(problem) else "5.0",
            },
        }
        for problem in named
    ]
    results = [
        {
            "ruleId": rule_of(named[index % len(named)]),
            "ruleIndex": index % len(named),
            "level": "error",
            "message": {"text": f"The parameter p{problem} reaches the query unchecked."},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": f"src/part_{problem}.py"},
                        "region": {
                            "startLine": line + problem,
                            "snippet": {"text": f"value_{problem} = execute(args['p{problem}'])"},
                        },
                    }
                }
            ],
        }
        for index, problem in enumerate(problems)
    ]
    run = {"tool": {"driver": {"name": tool, "version": "1.0", "rules": rules}}, "results": results}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


@dataclass
class Life:
    """The life of an asset, and of those that come after it: what is wrong with it now, and how far its time is."""

    name: str
    random: random.Random
    began: datetime
    present: set[int] = field(default_factory=set)
    steps: int = 0

    @property
    def asset(self) -> str:
        """The asset that is scanned now; there is another one every so often, which nobody knows yet."""
        return f"{self.name}-{self.steps // SCANS_EACH}"

    def scans(self) -> Iterator[Scan]:
        """Yield one scan after the other, without end: new, repeated, shrinking, re-appearing, late, partial."""
        while True:
            if self.steps % SCANS_EACH == 0:
                self.present = set(self.random.sample(range(PROBLEMS), 6))
            else:
                self._go_on()
            yield self._scan()
            self.steps += 1

    def _go_on(self) -> None:
        gone = sorted(self.present)
        missing = sorted(set(range(PROBLEMS)) - self.present)
        what = self.random.random()
        if what < 0.25:
            return  # the same again
        if what < 0.6 and gone:
            self.present -= set(self.random.sample(gone, min(len(gone), self.random.randint(1, 4))))
        elif missing:
            self.present |= set(self.random.sample(missing, min(len(missing), self.random.randint(1, 4))))

    def _scan(self) -> Scan:
        scanner = self.random.choice(SCANNERS)
        shown = {problem for problem in self.present if sees(scanner, problem)}
        at: datetime | None = self.began + self.steps * STEP
        kind = self.random.random()
        if kind < 0.15:  # a report that was held up on its way, and shows what was there then
            at = self.began + (self.steps - self.random.randint(2, 12)) * STEP + STEP / self.random.randint(2, 9)
            shown = {problem for problem in self.random.sample(range(PROBLEMS), 5) if sees(scanner, problem)}
        elif kind < 0.2:
            at = None
        complete = self.random.random() > 0.15
        if not complete:
            shown = set(sorted(shown)[: self.random.randint(0, len(shown))])
        return Scan(
            key=f"{self.asset}#{self.steps}",
            asset=self.asset,
            ref=self.random.choices(REFS, (4, 1))[0],
            scanner=scanner,
            complete=complete,
            at=at,
            problems=frozenset(shown),
            line=self.random.choice((1, 1, 1, 40)),
        )
