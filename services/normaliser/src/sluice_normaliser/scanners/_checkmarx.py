"""What Checkmarx's products have in common: states, and paths that begin with a slash but are the repository's."""

from typing import Any

from sluice_normaliser.kit import Said, construct
from sluice_normaliser.kit.coerce import integer, text
from sluice_normaliser.kit.shapes import objs, words
from sluice_shared.contracts.finding import CodeFlowStep, CodeLocation, ObservationStatus

_SUPPRESSED = frozenset({"not_exploitable", "ignored", "false_positive", "snoozed", "muted"})

_STATES = {
    "0": "To Verify",
    "1": "Not Exploitable",
    "2": "Confirmed",
    "3": "Urgent",
    "4": "Proposed Not Exploitable",
}
"""CxSAST's numbers."""

_MANAGERS = {"npm": "npm", "maven": "maven", "gradle": "maven", "python": "pypi", "pip": "pypi", "nuget": "nuget"}


def said(state: Any, status: Any = None) -> Said:
    """Return the status of a result: its state is what people made of it, its status whether it is still there."""
    word = (text(state) or "").strip()
    if word.lower().replace(" ", "_") in _SUPPRESSED:
        return Said(ObservationStatus.SUPPRESSED, word)
    there = (text(status) or "").strip()
    if there.lower() in {"fixed", "resolved", "solved"}:
        return Said(ObservationStatus.FIXED, there)
    return Said(ObservationStatus.OPEN, word or there or None)


def is_suppressed(state: Any) -> bool:
    """Return True for a state that takes the result away."""
    return said(state).status is ObservationStatus.SUPPRESSED


def verdict(state: Any, false_positive: Any, status: Any = None) -> Said:
    """Return the status of a result of CxSAST, whose states are numbers and which marks false positives, too."""
    number = (text(state) or "").strip()
    if (text(false_positive) or "").lower() == "true":
        return said("Not Exploitable")
    return said(_STATES.get(number, number), status)


def is_dismissed(state: Any, false_positive: Any) -> bool:
    """Return True for a result of CxSAST that somebody took away."""
    return verdict(state, false_positive).status is ObservationStatus.SUPPRESSED


def path_of(name: Any) -> str | None:
    """Return a file's path in the repository; Checkmarx One writes it with a slash in front."""
    found = text(name)
    return found.replace("\\", "/").lstrip("/") if found else None


def flow(nodes: Any) -> list[CodeFlowStep]:
    """Return the steps from the source to the sink."""
    steps: list[CodeFlowStep] = []
    for node in objs(nodes):
        values = {
            "path": path_of(node.get("fileName")),
            "start_line": _positive(node.get("line")),
            "start_column": _positive(node.get("column")),
            "message": words(node.get("name")) or words(node.get("method")),
            "snippet": words(node.get("code")),
        }
        steps.append(construct(CodeFlowStep, values))
    return steps


def sink(nodes: Any, path: Any = None, line: Any = None) -> CodeLocation | None:
    """Return where the flow ends, which is where the result is; ``path`` and ``line`` where the report names them."""
    last = next(iter(objs(nodes)[-1:]), {})
    file = path_of(path) or path_of(last.get("fileName"))
    if file is None:
        return None
    number = _positive(line) or _positive(last.get("line"))
    same = _positive(last.get("line")) == number
    column, length = _positive(last.get("column")), _positive(last.get("length"))
    return construct(
        CodeLocation,
        {
            "path": file,
            "start_line": number,
            "start_column": column if same else None,
            "end_column": column + length if same and column and length else None,
            "snippet": words(last.get("code")) if same else None,
            "symbol": words(last.get("fullName")) or words(last.get("method")),
        },
    )


def source(nodes: Any) -> list[CodeLocation]:
    """Return where the flow begins, when that is somewhere else than where it ends."""
    listed = objs(nodes)
    if len(listed) < 2:  # noqa: PLR2004 - a source and a sink
        return []
    first = sink(listed[:1])
    if first is None:
        return []
    first.message = "source"
    return [first]


def _positive(value: Any) -> int | None:
    found = integer(value)
    return found if found and found > 0 else None


def part_of(index: int) -> Any:
    """Return what finds a part of ``Npm-@scope/left-pad-1.0.0``: manager, name or version."""

    def find(identifier: Any) -> str | None:
        manager, _, rest = (text(identifier) or "").partition("-")
        pieces = rest.split("-")
        cut = next((at for at in range(len(pieces) - 1, 0, -1) if pieces[at][:1].isdigit()), len(pieces) - 1)
        if cut < 1:
            return None
        found = (_MANAGERS.get(manager.lower(), manager.lower()), "-".join(pieces[:cut]), "-".join(pieces[cut:]))
        return found[index]

    return find
