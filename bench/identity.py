"""How well findings are recognised from scan to scan: precision, recall and churn, beside two simple baselines.

Usage: python bench/identity.py [FOLDER]
FOLDER holds `<tool>/<version>.<json|sarif>` and `truth/<tool>/<old>__<new>.json`, where a truth file says which results
(by index in the report) are the same, gone or new, and which are ambiguous, so that either answer is right.
"""

import json
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sluice_normaliser.domain.diff import compare
from sluice_normaliser.domain.keys import identify
from sluice_normaliser.domain.prepare import prepared_problem
from sluice_normaliser.domain.scan import Prepared
from sluice_normaliser.kit import ParseContext, parse_report
from sluice_shared.contracts.finding import Observation

OWN = Path(__file__).parent / "identity"
Pairs = set[tuple[int, int]]


@dataclass(slots=True)
class Score:
    """Sums over pairs of reports. Churn: wrongly closed and wrongly opened, per true change."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    false_closed: int = 0
    false_new: int = 0
    changes: int = 0

    def add(self, found: Pairs, truth: dict[str, Any]) -> None:
        """Judge one pair of reports."""
        same = {(s["old"], s["new"]) for s in truth["same"]}
        gone = {g["old"] for g in truth["gone"]}
        free_old = {a["old"] for a in truth["ambiguous"]}
        known_new = {new for _, new in same}
        appeared = {n["new"] for n in truth["new_findings"]}
        # What pairs an ambiguous old result with a result that is new by the truth is right either way.
        judged = {(o, n) for o, n in found if not (o in free_old and n in appeared)}
        self.right += len(judged & same)
        self.wrong += len(judged - same)
        self.missed += len(same - found)
        closed = {o for o, _ in same} - {o for o, _ in found}
        opened = known_new - {n for _, n in found}
        self.false_closed += len(closed)
        self.false_new += len(opened)
        self.changes += len(gone) + len(appeared)

    @property
    def precision(self) -> float:
        """Share of pairs found that are right."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Share of true pairs found."""
        return self.right / max(1, self.right + self.missed)

    @property
    def churn(self) -> float:
        """Wrong closings and openings per true change."""
        return (self.false_closed + self.false_new) / max(1, self.changes)


def by_tuple(old: list[Observation], new: list[Observation], *, line: bool) -> Pairs:
    """A baseline: equal rule, path, and line or message; equal ones in report order."""

    def key(o: Observation) -> tuple[Any, ...]:
        place = getattr(o.location, "start_line", None) if line else o.message or o.title
        return o.rule_id, getattr(o.location, "path", None), place

    free: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for index, observation in enumerate(old):
        free[key(observation)].append(index)
    pairs = set()
    for index, observation in enumerate(new):
        if candidates := free.get(key(observation)):
            pairs.add((candidates.pop(0), index))
    return pairs


def by_sluice(old: list[Observation], new: list[Observation]) -> tuple[Pairs, Counter[str]]:
    """Sluice's own matching, and by which key it joined."""
    difference = compare(problems(old), problems(new))
    return {(i, j) for i, j, _ in difference.pairs}, Counter(key for _, _, key in difference.pairs)


def problems(observations: list[Observation]) -> list[Prepared]:
    """Prepare observations as a scan of them would be."""
    return [prepared_problem(o, i) for o, i in zip(observations, identify(observations), strict=True)]


def load(folder: Path, name: str) -> list[Observation] | None:
    """Parse the report of a version; None when there is none."""
    file = next((f for f in folder.iterdir() if f.stem == name), None)
    if file is None:
        return None
    return parse_report(file.read_bytes(), ParseContext(secret_key=b"bench", filename=file.name)).observations


def evaluate(corpus: Path, console: Console) -> bool:
    """Judge every truth file; prints the table and says whether the goals are met."""
    methods = ("sluice", "rule+path+line", "rule+path+message")
    total = {method: Score() for method in methods}
    table = Table("tool", "pairs", *(f"{m}: precision / recall / churn" for m in methods), box=None)
    joined: Counter[str] = Counter()
    tools = sys.argv[2:] or sorted(path.name for path in (corpus / "truth").iterdir())
    for tool in tools:
        scores = {method: Score() for method in methods}
        files = sorted((corpus / "truth" / tool).glob("*.json"))
        for file in files:
            truth = json.loads(file.read_bytes())
            old, new = load(corpus / tool, truth["old"]), load(corpus / tool, truth["new"])
            if old is None or new is None:
                console.print(f"{tool}/{file.name} is left out: a report of it is missing")
                continue
            if (len(old), len(new)) != (truth["old_count"], truth["new_count"]):
                raise SystemExit(f"{tool}/{file.name}: {len(old)}, {len(new)} results parsed, the truth counts others")
            pairs, keys = by_sluice(old, new)
            joined += keys
            found = {
                "sluice": pairs,
                methods[1]: by_tuple(old, new, line=True),
                methods[2]: by_tuple(old, new, line=False),
            }
            for method in methods:
                scores[method].add(found[method], truth)
                total[method].add(found[method], truth)
        table.add_row(tool, str(len(files)), *map(_figures, scores.values()))
    table.add_row("all", "", *map(_figures, total.values()))
    console.print(table)
    console.print("joined by: " + ", ".join(f"{key} {count}" for key, count in joined.most_common()))
    ours, baseline = total["sluice"], total["rule+path+line"]
    return ours.precision >= 0.99 and ours.recall >= 0.95 and ours.churn <= baseline.churn / 5


def _figures(score: Score) -> str:
    return f"{score.precision:.4f} / {score.recall:.4f} / {score.churn:.3f}"


if __name__ == "__main__":
    sys.exit(0 if evaluate(Path(sys.argv[1]) if len(sys.argv) > 1 else OWN, Console(width=160)) else 1)
