"""Where things went: from findings already matched in a file to where its other findings should be now."""

from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Sequence

MAX_CELLS = 400_000
CLOSE = 2
"""Lines from where it is expected within which a finding is where it should be."""


class Anchors:
    """Pairs of an old and a new line, by path, of findings that are matched already.

    A file mostly moves as one piece: where more than half of its pairs moved by the same number of lines, that is
    believed before any single pair nearby, which may be one of two alike.
    """

    def __init__(self) -> None:
        self._by_path: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._shifts: dict[str, Counter[int]] = defaultdict(Counter)

    def add(self, path: str, old: int, new: int) -> None:
        """Take a matched pair; lines of 0 say nothing."""
        if old and new:
            insort(self._by_path[path], (old, new))
            self._shifts[path][new - old] += 1

    def expected(self, path: str, old: int, new: int) -> int:
        """Return the distance in lines between ``new`` and where the line ``old`` is expected now."""
        shifts = [after - before for before, after in self._around(path, old)]
        common = self._common_shift(path)
        if common is not None:
            shifts.append(common)
        return min((abs(old + shift - new) for shift in shifts), default=abs(old - new))

    def shifted(self, path: str, old: int) -> int:
        """Return the line where ``old`` is expected now: by the file's own shift, else by the nearest anchor."""
        common = self._common_shift(path)
        if common is not None:
            return old + common
        around = self._around(path, old)
        if not around:
            return old
        before, after = min(around, key=lambda anchor: abs(anchor[0] - old))
        return old + after - before

    def in_order(self, path: str, old: int, new: int) -> bool:
        """Tell whether ``new`` lies between the anchors that enclose ``old``."""
        return all((before <= old) == (after <= new) or before == old for before, after in self._around(path, old))

    def _common_shift(self, path: str) -> int | None:
        shifts = self._shifts.get(path)
        if not shifts:
            return None
        shift, count = shifts.most_common(1)[0]
        return shift if 2 * count > len(self._by_path[path]) else None

    def _around(self, path: str, line: int) -> list[tuple[int, int]]:
        anchors = self._by_path.get(path)
        if not anchors:
            return []
        at = bisect_right(anchors, (line, 1 << 60))
        return anchors[max(0, at - 1) : at + 1]


def align(old: Sequence[int], new: Sequence[int]) -> list[tuple[int, int]]:
    """Pair positions of two ascending sequences of lines, in order, with the least sum of distances.

    As many pairs as the shorter sequence has members; returns pairs of indices. Beyond ``MAX_CELLS`` combinations the
    nearest following one is taken instead of the best.
    """
    if len(old) > len(new):
        return [(i, j) for j, i in align(new, old)]
    if len(old) == len(new):
        return [(i, i) for i in range(len(old))]
    if len(old) * len(new) > MAX_CELLS:
        return _align_greedily(old, new)
    infinite = float("inf")
    best: list[list[float]] = [[0.0] * (len(new) + 1)]
    for i, line in enumerate(old):
        row = [infinite] * (len(new) + 1)
        above = best[-1]
        for j in range(i, len(new)):
            row[j + 1] = min(row[j], above[j] + abs(line - new[j]))
        best.append(row)
    pairs = []
    j = len(new)
    for i in range(len(old), 0, -1):
        while best[i][j - 1] == best[i][j]:
            j -= 1
        pairs.append((i - 1, j - 1))
        j -= 1
    return pairs[::-1]


def _align_greedily(old: Sequence[int], new: Sequence[int]) -> list[tuple[int, int]]:
    pairs = []
    j = 0
    for i, line in enumerate(old):
        last = len(new) - (len(old) - i)
        while j < last and abs(new[j + 1] - line) <= abs(new[j] - line):
            j += 1
        pairs.append((i, j))
        j += 1
    return pairs
