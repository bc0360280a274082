"""Semgrep's dataflow trace, from the source of the taint to its sink."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import clean_path, construct
from sluice_normaliser.kit.coerce import integer, text
from sluice_normaliser.kit.shapes import obj
from sluice_shared.contracts.finding import CodeFlowStep

_PAIR = 2


def code_flow(trace: Any) -> list[list[CodeFlowStep]] | None:
    """Return the one flow of a trace, or None when there is none."""
    if not isinstance(trace, dict):
        return None
    steps = [*_end(trace.get("taint_source"), "source")]
    for variable in trace.get("intermediate_vars") or []:
        if isinstance(variable, dict):
            steps += _step(variable.get("location"), variable.get("content"), None)
    steps += _end(trace.get("taint_sink"), "sink")
    return [steps] if steps else None


def _end(value: Any, message: str | None) -> Iterator[CodeFlowStep]:
    """Yield the steps of one end: ``["CliLoc", [place, text]]``, a call with its own steps, or a list of places."""
    if not isinstance(value, list) or not value:
        return
    if value[0] == "CliLoc" and len(value) == _PAIR:
        yield from _pair(value[1], message)
    elif value[0] == "CliCall" and len(value) == _PAIR and isinstance(value[1], list):
        call, *rest = value[1]
        yield from _pair(call, message)
        for variable in rest[0] if rest and isinstance(rest[0], list) else []:
            if isinstance(variable, dict):
                yield from _step(variable.get("location"), variable.get("content"), None)
        for inner in rest[1:]:
            yield from _end(inner, None)
    else:
        for each in value:
            if isinstance(each, dict):
                yield from _step(each.get("location", each), each.get("content"), message)


def _pair(value: Any, message: str | None) -> Iterator[CodeFlowStep]:
    if isinstance(value, list) and value:
        yield from _step(value[0], value[1] if len(value) > 1 else None, message)


def _step(place: Any, content: Any, message: str | None) -> Iterator[CodeFlowStep]:
    if not isinstance(place, dict):
        return
    start, end = obj(place.get("start")), obj(place.get("end"))
    path = text(place.get("path"))
    yield construct(
        CodeFlowStep,
        {
            "path": clean_path(path) if path else None,
            "start_line": integer(start.get("line")),
            "start_column": integer(start.get("col")),
            "end_line": integer(end.get("line")),
            "end_column": integer(end.get("col")),
            "message": message,
            "snippet": text(content),
        },
    )
