"""What changed between two reports of one scope, by the same matching as between a report and what is stored."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sluice_normaliser.domain.matching import Known, match_exact, match_within
from sluice_normaliser.domain.scan import Prepared, distinct


@dataclass(slots=True)
class Difference:
    """Indices count the problems of each report: pairs (old, new, key), then what only one of them has."""

    pairs: list[tuple[int, int, str]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    new: list[int] = field(default_factory=list)


def known_by(problem: Prepared, finding_id: UUID) -> Known:
    """Return a problem as the finding that it would be stored as."""
    return Known(finding_id, problem.keys, problem.rule, problem.path, problem.line)


def compare(old: Sequence[Prepared], new: Sequence[Prepared]) -> Difference:
    """Match two lists of problems. Those equal to the letter within a list are one finding; its copies follow it."""
    # What lies on one line with equal keys is told apart by its words, never by the order of the report.
    before, after = sorted(distinct(old), key=_words), sorted(distinct(new), key=_words)
    ids = {UUID(int=i): problem for i, problem in enumerate(before)}
    matches = match_exact(after, {problem.exact: finding_id for finding_id, problem in ids.items()})
    taken = matches.taken()
    left = [known_by(problem, finding_id) for finding_id, problem in ids.items() if finding_id not in taken]
    matches = match_within(after, matches, left)
    old_copies, new_copies = _copies(old), _copies(new)
    difference = Difference()
    for index, (finding_id, key) in matches.joined.items():
        pairs = zip(old_copies[ids[finding_id].exact], new_copies[after[index].exact], strict=False)
        difference.pairs += [(i, j, key) for i, j in pairs]
    difference.pairs.sort()
    paired_old, paired_new = {i for i, _, _ in difference.pairs}, {j for _, j, _ in difference.pairs}
    difference.gone = [i for i in range(len(old)) if i not in paired_old]
    difference.new = [j for j in range(len(new)) if j not in paired_new]
    return difference


def _words(problem: Prepared) -> bytes:
    return problem.exact


def _copies(problems: Sequence[Prepared]) -> dict[bytes, list[int]]:
    copies: dict[bytes, list[int]] = defaultdict(list)
    for index, problem in enumerate(problems):
        copies[problem.exact].append(index)
    return copies
