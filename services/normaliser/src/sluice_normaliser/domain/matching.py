"""Which problem of a scan is which known finding.

Strongest first. Within the scope: equal to the letter; then by keys, from the strongest algorithm to the weakest; then
drift inside the same rule and path; then unambiguous renames. Beyond the scope (other refs, other scanners, findings
that are resolved): by keys alone. A finding takes at most one problem of a scan. What is ambiguous stays apart: a wrong
merge hides a risk.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from sluice_normaliser.domain.algorithms import RELEASED, Algorithm, InForce
from sluice_normaliser.domain.keys import pack
from sluice_normaliser.domain.places import CLOSE, Anchors, align
from sluice_normaliser.domain.renames import renamed_paths
from sluice_normaliser.domain.scan import Prepared

EXACT = "exact/1"
DRIFT = "drift/1"
RENAME = "rename/1"
DRIFT_LINES = 5
WEAK_LINES = 40
"""How far from where it is expected a finding may be that only its message or its symbol recognises."""

WEAK = frozenset({"symbol", "message"})
"""Families of algorithms whose keys hold too little to tell of two places that they are one."""

_SNIPPETS = frozenset(int(a) for a in Algorithm if a.family == "snippet")

Keys = tuple[tuple[int, bytes], ...]


class Known(NamedTuple):
    """A finding that is present in the scope, as the scope last showed it."""

    finding_id: UUID
    keys: Keys
    rule: str
    path: str
    line: int


class Holder(NamedTuple):
    """A finding of the asset that a key names. ``by_scanner``: the scan's own scanner has reported it before.

    ``has_newer``: whoever gave it this key gave it one of a newer version of the same algorithm, too. ``keys`` are all
    that the scan's own scanner gave it last, as they are stored.
    """

    key: bytes
    finding_id: UUID
    by_scanner: bool
    is_open: bool = True
    line: int = 0
    has_newer: bool = False
    keys: bytes = b""


@dataclass(slots=True)
class Matches:
    """The outcome: for each problem (by index) its finding and the key that joined them; what is left is new."""

    joined: dict[int, tuple[UUID, str]] = field(default_factory=dict)
    left: list[int] = field(default_factory=list)

    def taken(self) -> set[UUID]:
        """Findings that have their problem."""
        return {finding_id for finding_id, _ in self.joined.values()}


def match_exact(problems: Sequence[Prepared], in_scope: Mapping[bytes, UUID]) -> Matches:
    """Join what did not move: problems whose exact key the scope's present findings have."""
    matches = Matches()
    for index, problem in enumerate(problems):
        finding_id = in_scope.get(problem.exact)
        if finding_id is None:
            matches.left.append(index)
        else:
            matches.joined[index] = (finding_id, EXACT)
    return matches


def match_within(
    problems: Sequence[Prepared], matches: Matches, unmatched: Sequence[Known], force: InForce = RELEASED
) -> Matches:
    """Join what is left to the scope's present findings that found no problem yet: by keys, drift and renames."""
    if not unmatched or not matches.left:
        return matches
    work = _Within(problems, matches, unmatched)
    for algorithm in force.scoped:
        # An older version goes on speaking here: what a scope shows is never lost to a newer one.
        work.by_key(algorithm)
    work.by_drift()
    work.by_rename()
    return work.result()


def match_beyond(
    problems: Sequence[Prepared],
    matches: Matches,
    holders: Iterable[Holder],
    present: frozenset[UUID],
    force: InForce = RELEASED,
) -> Matches:
    """Join what is left to other findings of the asset that have any of its keys.

    Repeats are told apart by their lines, and open findings come before resolved ones; where there are no lines, or
    only a message speaks, there must be as many holders as problems. A shared key joins only a single problem to a
    single finding that the scanner has not reported itself.
    ``present`` are the findings present in the scope: what :func:`match_within` did not join to them is not theirs.
    """
    by_key: dict[bytes, list[Holder]] = defaultdict(list)
    for holder in holders:
        by_key[holder.key].append(holder)
    if not by_key:
        return matches
    taken = matches.taken() | present
    joined = dict(matches.joined)
    for algorithm in (*force.scoped, *force.shared):
        newer = force.newer.get(algorithm)
        for key, everyone in _by_key(problems, (i for i in matches.left if i not in joined), algorithm):
            if algorithm.is_shared and len(everyone) > 1:
                continue
            for claimants, only_old in _claimants(problems, everyone, newer):
                free = [h for h in by_key.get(key, ()) if h.finding_id not in taken and not (only_old and h.has_newer)]
                choose = _meet if algorithm.is_shared else _choose
                for index, holder in choose(problems, claimants, free, algorithm):
                    joined[index] = (holder.finding_id, algorithm.label)
                    taken.add(holder.finding_id)
    return Matches(joined, [i for i in matches.left if i not in joined])


def _claimants(
    problems: Sequence[Prepared], indices: list[int], newer: frozenset[int] | None
) -> Iterator[tuple[list[int], bool]]:
    """Yield the problems that may speak by a key, and whether holders with a newer key must be silent to them.

    Between two that both have a key of a newer version, the older one says nothing.
    """
    if not newer:
        yield indices, False
        return
    sides: dict[bool, list[int]] = {True: [], False: []}
    for index in indices:
        sides[any(number in newer for number, _ in problems[index].keys)].append(index)
    yield sides[True], True
    yield sides[False], False


def _meet(
    _problems: Sequence[Prepared], claimants: list[int], free: list[Holder], _algorithm: Algorithm
) -> Iterator[tuple[int, Holder]]:
    others = [h for h in free if not h.by_scanner]
    if len(claimants) == len(others) == 1:
        yield claimants[0], others[0]


def _choose(
    problems: Sequence[Prepared], claimants: list[int], free: list[Holder], algorithm: Algorithm
) -> Iterator[tuple[int, Holder]]:
    if len(claimants) > 1:
        claimants = sorted(claimants, key=lambda i: (problems[i].line, pack(problems[i].keys), problems[i].exact))
    for is_open in (True, False):
        holders = sorted((h for h in free if h.is_open is is_open), key=lambda h: (h.line, h.keys, h.finding_id))
        as_many = len(holders) == len(claimants)
        pairs = align([problems[i].line for i in claimants], [h.line for h in holders])
        done = set()
        for i, j in pairs:
            line, before = problems[claimants[i]].line, holders[j].line
            placed = line > 0 and before > 0 and (algorithm.family not in WEAK or abs(line - before) <= WEAK_LINES)
            if as_many or placed:
                done.add(i)
                yield claimants[i], holders[j]
        claimants = [index for i, index in enumerate(claimants) if i not in done]


def _by_key(
    problems: Sequence[Prepared], indices: Iterable[int], algorithm: Algorithm
) -> Iterator[tuple[bytes, list[int]]]:
    """Group problems by each of their keys of an algorithm, in an order that no report decides."""
    groups: dict[bytes, list[int]] = defaultdict(list)
    for index in indices:
        for number, key in problems[index].keys:
            if number == algorithm:
                groups[key].append(index)
    yield from sorted(groups.items())


class _Within:
    """The state while a scope's findings find their problems."""

    def __init__(self, problems: Sequence[Prepared], matches: Matches, unmatched: Sequence[Known]) -> None:
        self._problems = problems
        self._before = matches
        self._joined = dict(matches.joined)
        self._new = dict.fromkeys(matches.left)
        self._old = {
            known.finding_id: known for known in sorted(unmatched, key=lambda k: (k.path, k.line, k.keys, k.finding_id))
        }
        self._old_paths = {k.path for k in unmatched} | {problems[i].path for i in matches.joined}
        self._anchors = Anchors()
        for index in matches.joined:
            self._anchors.add(problems[index].path, problems[index].line, problems[index].line)

    def result(self) -> Matches:
        return Matches(self._joined, [i for i in self._before.left if i in self._new])

    def by_key(self, algorithm: Algorithm) -> None:
        """Single pairs first, since they tell where the rest of their file went; then the repeats, by their place."""
        groups: dict[bytes, list[Known]] = defaultdict(list)
        for known in self._old.values():
            for number, key in known.keys:
                if number == algorithm:
                    groups[key].append(known)
        claims = [
            (key, groups[key], new) for key, new in _by_key(self._problems, self._new, algorithm) if key in groups
        ]
        claims.sort(key=lambda claim: (len(claim[1]) * len(claim[2]), claim[0]))
        for _, old, new in claims:
            free_old = [k for k in old if k.finding_id in self._old]
            free_new = [i for i in new if i in self._new]
            as_many = len(free_old) == len(free_new)
            for known, index in self._aligned(free_old, free_new):
                if algorithm.family in WEAK and self._has_snippet(index):
                    fits = self._is_near(known, index, WEAK_LINES)
                else:
                    fits = as_many or self._is_in_place(known, index)
                if fits:
                    self._join(known, index, algorithm.label)

    def by_drift(self) -> None:
        """Same rule and path, and each the other's only neighbour within a few lines of where it is expected."""
        places: dict[tuple[str, str], list[int]] = defaultdict(list)
        for index in self._new:
            if self._problems[index].line:
                places[self._problems[index].rule, self._problems[index].path].append(index)
        near: dict[UUID, list[int]] = {}
        claims: Counter[int] = Counter()
        for known in self._old.values():
            candidates = [i for i in places.get((known.rule, known.path), ()) if self._is_near(known, i, DRIFT_LINES)]
            near[known.finding_id] = candidates
            claims.update(candidates)
        for finding_id, candidates in near.items():
            if len(candidates) == 1 and claims[candidates[0]] == 1:
                self._join(self._old[finding_id], candidates[0], DRIFT)

    def by_rename(self) -> None:
        """Findings of a file that is gone continue in the file that took its place."""
        old = [k for k in self._old.values() if k.path]
        new_paths = {p.path for p in self._problems}
        gone = [k for k in old if k.path not in new_paths]
        came = [i for i in self._new if self._problems[i].path and self._problems[i].path not in self._old_paths]
        paths = renamed_paths(
            [(k.path, _pathless(k.keys)) for k in gone],
            [(self._problems[i].path, _pathless(self._problems[i].keys)) for i in came],
        )
        groups: dict[tuple[str, bytes], tuple[list[Known], list[int]]] = defaultdict(lambda: ([], []))
        for known in gone:
            if known.path in paths:
                groups[paths[known.path], _pathless(known.keys)][0].append(known)
        for index in came:
            groups[self._problems[index].path, _pathless(self._problems[index].keys)][1].append(index)
        for _, (known_ones, indices) in sorted(groups.items()):
            for known, index in self._aligned(known_ones, indices):
                self._join(known, index, RENAME)

    def _aligned(self, old: list[Known], new: list[int]) -> Iterator[tuple[Known, int]]:
        if not old or not new:
            return
        # What lies on one line is told apart by its other keys: its words, never its place in the report or its id.
        expected = sorted(
            ((self._anchors.shifted(k.path, k.line), k) for k in old),
            key=lambda e: (e[0], e[1].line, e[1].keys, e[1].finding_id),
        )
        new = sorted(new, key=lambda i: (self._problems[i].line, self._problems[i].keys, self._problems[i].exact))
        for i, j in align([line for line, _ in expected], [self._problems[n].line for n in new]):
            yield expected[i][1], new[j]

    def _is_in_place(self, known: Known, index: int) -> bool:
        new = self._problems[index].line
        return (
            self._anchors.in_order(known.path, known.line, new)
            or self._anchors.expected(known.path, known.line, new) <= CLOSE
        )

    def _has_snippet(self, index: int) -> bool:
        """Where the code itself is known and differs, the same message speaks of another place."""
        return any(number in _SNIPPETS for number, _ in self._problems[index].keys)

    def _is_near(self, known: Known, index: int, lines: int) -> bool:
        new = self._problems[index].line
        if not known.line or not new:
            return known.line == new
        return self._anchors.expected(known.path, known.line, new) <= lines and self._anchors.in_order(
            known.path, known.line, new
        )

    def _join(self, known: Known, index: int, label: str) -> None:
        self._joined[index] = (known.finding_id, label)
        del self._old[known.finding_id]
        del self._new[index]
        if known.path == self._problems[index].path:
            self._anchors.add(known.path, known.line, self._problems[index].line)


def _pathless(keys: Keys) -> bytes:
    return next((key for number, key in keys if number == Algorithm.PATHLESS_1), b"")
