"""What of a record no field of the map has used: worked out from the paths of the map, kept for the reader."""

from collections.abc import Callable
from typing import Any

from sluice_normaliser.kit.coerce import is_empty
from sluice_normaliser.kit.path import ALL, VALUES, Frame, Getter, Step

MAX_TEXT = 16_384
"""Characters of one text that is kept."""

MAX_NODES = 2_000
"""Values that are kept of one record."""

_WHOLE: tuple[()] = ()
"""What is always used; there is only one empty tuple."""

Used = dict[str, Any]
"""A tree of what is used: a name → a deeper tree, or the getters of better alternatives (none: always used)."""


def note(used: Used, steps: tuple[Step, ...], better: tuple[Getter, ...] = ()) -> None:
    """Add one path to the tree. With ``better``, it is used only where those are all empty."""
    node = used
    for number, step in enumerate(steps):
        name = _name(step)
        if number == len(steps) - 1:
            present = node.get(name)
            if not better:
                node[name] = ()
            elif name not in node:
                node[name] = better
            elif isinstance(present, tuple) and present:
                node[name] = better if len(better) < len(present) else present
            return
        deeper = node.get(name)
        if deeper == ():
            return
        if not isinstance(deeper, dict):
            deeper = node[name] = {}
        node = deeper


def _name(step: Step) -> str:
    if step.kind == "key":
        return str(step.value)
    if step.kind == "index":
        return f"[{step.value}]"
    return VALUES if step.kind == "values" else ALL


def leftover(used: Used) -> Callable[[Frame], dict[str, Any]]:
    """Return a closure that gives what is left of a frame's record."""
    used = _spread(used)
    always = frozenset(name for name, node in used.items() if node == ())

    def rest(frame: Frame) -> dict[str, Any]:
        record = frame[-1]
        if record.__class__ is not dict:
            return {}
        if always.issuperset(record):
            return {}
        budget = [MAX_NODES]
        left = _rest(record, used, frame, budget)
        return left if left.__class__ is dict else {}

    return rest


def _spread(used: Used) -> Used:
    """Return the tree in which what is used of every item is used of the items with an index of their own, too."""
    every = used.get(ALL)
    spread: Used = {}
    for name, node in used.items():
        whole = _both(every, node) if every is not None and name.startswith("[") and name != ALL else node
        spread[name] = _spread(whole) if whole.__class__ is dict else whole
    return spread


def _both(one: Any, other: Any) -> Any:
    if one == () or other == ():
        return ()
    if one.__class__ is not dict:
        return other
    if other.__class__ is not dict:
        return one
    return {
        name: _both(one[name], other[name]) if name in one and name in other else one.get(name, other.get(name))
        for name in {**one, **other}
    }


def _rest(value: Any, used: Used, frame: Frame, budget: list[int]) -> Any:
    if value.__class__ is dict:
        alone = _of_one(used)
        return None if alone == () else _rest_of_object(value, alone, frame, budget)
    if value.__class__ is list:
        return _rest_of_list(value, used, frame, budget)
    if ALL in used:
        node = used[ALL]
        return _rest(value, node, frame, budget) if node.__class__ is dict else None
    return bounded(value, budget)


def _of_one(used: Used) -> Any:
    """Return what is used of an object where a list of several could stand: what is used of each, and of the first."""
    if ALL not in used and "[0]" not in used and "[-1]" not in used:
        return used
    merged: Any = used
    for name in (ALL, "[0]", "[-1]"):
        if name in used:
            merged = _both(merged, used[name])
    return merged


def _rest_of_object(value: dict[str, Any], used: Used, frame: Frame, budget: list[int]) -> dict[str, Any]:
    every = used.get(VALUES)
    left: dict[str, Any] = {}
    for key, item in value.items():
        node = used.get(key, every)
        if node is _WHOLE or item is None or is_empty(item):
            continue
        if node.__class__ is dict:
            item = _rest(item, node, frame, budget)  # noqa: PLW2901 - what is left of it
            if not is_empty(item):
                left[key] = item
        elif node is None or any(not is_empty(found := getter(frame)) and found != item for getter in node):
            left[key] = bounded(item, budget)
    return left


def _rest_of_list(value: list[Any], used: Used, frame: Frame, budget: list[int]) -> Any:
    every = used.get(ALL)
    if every == ():
        return None
    left: list[Any] = []
    indexed = any(name[:1] == "[" for name in used if name != ALL)
    for number, item in enumerate(value):
        node = every
        if indexed:
            node = used.get(f"[{number}]", used.get(f"[{number - len(value)}]", every))
        elif every is None and number == 0:
            node = used  # a path without "[]" looks into the first item
        if node == ():
            continue
        kept = _rest(item, node, frame, budget) if node.__class__ is dict else bounded(item, budget)
        if not is_empty(kept):
            left.append(kept)
    return left


def bounded(value: Any, budget: list[int]) -> Any:
    """Return the value with over-long texts cut, and nothing more once the budget of values is spent."""
    budget[0] -= 1
    if budget[0] < 0:
        return None
    if value.__class__ is str:
        return value if len(value) <= MAX_TEXT else f"{value[:MAX_TEXT]}… [cut, {len(value)} characters]"
    if value.__class__ is dict:
        return {str(key): bounded(item, budget) for key, item in value.items() if budget[0] > 0}
    if value.__class__ is list:
        return [bounded(item, budget) for item in value if budget[0] > 0]
    return value
