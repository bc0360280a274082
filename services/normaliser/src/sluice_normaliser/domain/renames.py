"""Which file took another's place: told by the findings that both have, path aside."""

from collections import Counter, defaultdict
from collections.abc import Sequence

MAX_PATHS_PER_SIGNATURE = 50
ENOUGH = 2
"""Findings in common, or files that moved alike, from which on a rename is no accident."""


def renamed_paths(gone: Sequence[tuple[str, bytes]], came: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """Return old path → new path, from (path, signature of a finding without its path) of files gone and files come.

    Two files belong together when they share their name, each is the other's best match without a tie, and more than
    one thing says so: several findings in common, or another file that moved from the same folder to the same folder.
    Signatures found in very many files tell nothing.
    """
    votes = _votes(gone, came)
    best = _best(votes)
    back = _best({(new, old): vote for (old, new), vote in votes.items()})
    mutual = {old: new for old, new in best.items() if back.get(new) == old and _name(old) == _name(new)}
    moves = Counter(_move(old, new) for old, new in mutual.items())
    return {old: new for old, new in mutual.items() if votes[old, new][0] >= ENOUGH or moves[_move(old, new)] >= ENOUGH}


Vote = tuple[int, int]
"""Findings in common, then trailing parts of the path in common."""


def _votes(gone: Sequence[tuple[str, bytes]], came: Sequence[tuple[str, bytes]]) -> dict[tuple[str, str], Vote]:
    old_by_signature: dict[bytes, Counter[str]] = defaultdict(Counter)
    new_by_signature: dict[bytes, Counter[str]] = defaultdict(Counter)
    for path, signature in gone:
        old_by_signature[signature][path] += 1
    for path, signature in came:
        new_by_signature[signature][path] += 1
    common: Counter[tuple[str, str]] = Counter()
    for signature, old_paths in old_by_signature.items():
        new_paths = new_by_signature.get(signature, Counter())
        by_name: dict[str, list[str]] = defaultdict(list)
        for new in new_paths:
            by_name[_name(new)].append(new)
        crowded = max(len(old_paths), len(new_paths)) > MAX_PATHS_PER_SIGNATURE
        for old, count in old_paths.items():
            for new in by_name[_name(old)] if crowded else new_paths:
                common[old, new] += min(count, new_paths[new])
    return {(old, new): (count, _common_tail(old, new)) for (old, new), count in common.items()}


def _best(votes: dict[tuple[str, str], Vote]) -> dict[str, str]:
    by_path: dict[str, dict[str, Vote]] = defaultdict(dict)
    for (path, other), vote in votes.items():
        by_path[path][other] = vote
    best = {}
    for path, others in by_path.items():
        top = max(map(_weight, others.values()))
        leaders = [other for other, vote in others.items() if _weight(vote) == top]
        if len(leaders) == 1:
            best[path] = leaders[0]
    return best


def _weight(vote: Vote) -> tuple[int, int]:
    """A common tail of the path says more than common findings: a moved folder keeps what is below it."""
    findings, tail = vote
    return tail, findings


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _move(old: str, new: str) -> tuple[str, str]:
    """Return what a path began with and begins with now: the folders that its move exchanged."""
    tail = _common_tail(old, new)
    return "/".join(old.split("/")[:-tail]), "/".join(new.split("/")[:-tail])


def _common_tail(one: str, other: str) -> int:
    count = 0
    for a, b in zip(reversed(one.split("/")), reversed(other.split("/")), strict=False):
        if a != b:
            break
        count += 1
    return count
