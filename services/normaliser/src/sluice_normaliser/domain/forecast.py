"""What other algorithms would make of what is stored: before they are switched on.

Two questions are asked of the last known results of every scope of an asset:

- *next scan*: each scope is scanned again and shows the same, every line moved. Which findings would open or close?
- *anew*: the same results come for the first time, scope after scope, as on another branch or from another scanner.
  Which findings would be one, which would be several?

Both are answered twice, by what decides now and by what would decide then; only the differences count.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sluice_normaliser.domain.algorithms import InForce
from sluice_normaliser.domain.matching import Holder, Keys, Known, Matches, match_beyond, match_within
from sluice_normaliser.domain.scan import Prepared


@dataclass(frozen=True, slots=True)
class Shown:
    """What a scope shows: its problems, and for each the finding that it is, as stored."""

    scanner: str
    ref: str
    category: str
    problems: Sequence[Prepared]
    known: Sequence[Known]


@dataclass(frozen=True, slots=True)
class Join:
    """Findings that would be one; ``by`` are the algorithms that would join them."""

    finding_ids: tuple[UUID, ...]
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A finding that would be several: the places (scanner, ref, category) of each."""

    finding_id: UUID
    into: tuple[tuple[tuple[str, str, str], ...], ...]


@dataclass(slots=True)
class Forecast:
    """What would differ: what comes anew would be joined or parted.

    ``next_opens`` and ``next_closes`` are findings from which the next scan of the same would open another, or which
    it would close.
    """

    joins: list[Join] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    next_opens: list[UUID] = field(default_factory=list)
    next_closes: list[UUID] = field(default_factory=list)

    @property
    def opens(self) -> int:
        """Findings that parting would add."""
        return sum(len(part.into) - 1 for part in self.parts)

    @property
    def closes(self) -> int:
        """Findings that joining would take away."""
        return sum(len(join.finding_ids) - 1 for join in self.joins)


def forecast(scopes: Sequence[Shown], now: InForce, then: InForce) -> Forecast:
    """Compare what decides now with what would decide then, over the scopes of one asset in the order they began."""
    result = Forecast()
    for scope in scopes:
        opens, closes = _next_scan(scope, now)
        would_open, would_close = _next_scan(scope, then)
        result.next_opens += sorted(would_open - opens)
        result.next_closes += sorted(would_close - closes)
    before, after = _Anew(now), _Anew(then)
    for scope in scopes:
        before.take(scope)
        after.take(scope)
    items = [(n, i) for n, scope in enumerate(scopes) for i in range(len(scope.problems))]
    found = {item: scopes[item[0]].known[item[1]].finding_id for item in items}
    result.joins = list(_joins(found, before, after))
    result.parts = list(_parts(scopes, found, before, after))
    return result


Item = tuple[int, int]
"""A problem: the scope's place in the list, and its own place in the scope."""


def _next_scan(scope: Shown, force: InForce) -> tuple[set[UUID], set[UUID]]:
    """Return the findings whose problem would open another, and those that nothing would show any more."""
    matches = match_within(scope.problems, Matches(left=list(range(len(scope.problems)))), scope.known, force)
    opens = {scope.known[index].finding_id for index in matches.left}
    return opens, {known.finding_id for known in scope.known} - matches.taken()


class _Anew:
    """Findings as they would come about if all were new."""

    def __init__(self, force: InForce) -> None:
        self._force = force
        self._holders: dict[bytes, dict[UUID, tuple[int, bool]]] = defaultdict(dict)
        self._scanners: dict[UUID, set[str]] = defaultdict(set)
        self.of: dict[Item, UUID] = {}
        self.by: dict[UUID, set[str]] = defaultdict(set)
        self._scopes = 0

    def take(self, scope: Shown) -> None:
        matches = match_beyond(
            scope.problems,
            Matches(left=list(range(len(scope.problems)))),
            list(self._named(scope)),
            frozenset(),
            self._force,
        )
        for index, problem in enumerate(scope.problems):
            joined = matches.joined.get(index)
            finding_id = joined[0] if joined else UUID(int=len(self.of) + 1)
            if joined:
                self.by[finding_id].add(joined[1])
            self.of[self._scopes, index] = finding_id
            self._scanners[finding_id].add(scope.scanner)
            for number, key in problem.keys:
                if number in self._force.algorithms:
                    self._holders[key][finding_id] = problem.line, self._has_newer(number, problem.keys)
        self._scopes += 1

    def _named(self, scope: Shown) -> Iterator[Holder]:
        for key in {key for problem in scope.problems for _, key in problem.keys}:
            for finding_id, (line, has_newer) in self._holders.get(key, {}).items():
                by_scanner = scope.scanner in self._scanners[finding_id]
                yield Holder(key, finding_id, by_scanner, line=line, has_newer=has_newer)

    def _has_newer(self, number: int, keys: Keys) -> bool:
        newer = self._force.newer.get(number, frozenset())
        return any(other in newer for other, _ in keys)


def _joins(found: dict[Item, UUID], before: _Anew, after: _Anew) -> Iterator[Join]:
    """Findings that come to one only by what would decide then."""
    together = _Groups()
    for item, finding_id in found.items():
        together.join(finding_id, before.of[item])
    classes: dict[UUID, dict[UUID, UUID]] = defaultdict(dict)
    for item, finding_id in found.items():
        classes[after.of[item]].setdefault(together.root(finding_id), finding_id)
    for virtual, findings in classes.items():
        if len(findings) > 1:
            yield Join(tuple(sorted(findings.values())), tuple(sorted(after.by[virtual])))


def _parts(scopes: Sequence[Shown], found: dict[Item, UUID], before: _Anew, after: _Anew) -> Iterator[Part]:
    """Findings that come to several only by what would decide then."""
    pieces: dict[tuple[UUID, UUID], dict[UUID, list[Item]]] = defaultdict(lambda: defaultdict(list))
    for item, finding_id in found.items():
        pieces[finding_id, before.of[item]][after.of[item]].append(item)
    for (finding_id, _), parts in pieces.items():
        if len(parts) > 1:
            yield Part(
                finding_id,
                tuple(
                    tuple((scopes[n].scanner, scopes[n].ref, scopes[n].category) for n, _ in items)
                    for items in parts.values()
                ),
            )


class _Groups:
    """Ids that belong together, however indirectly."""

    def __init__(self) -> None:
        self._parent: dict[UUID, UUID] = {}

    def root(self, one: UUID) -> UUID:
        while (parent := self._parent.get(one, one)) != one:
            self._parent[one] = self._parent.get(parent, parent)
            one = parent
        return one

    def join(self, one: UUID, other: UUID) -> None:
        self._parent[self.root(one)] = self.root(other)
