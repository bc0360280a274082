"""Which scanner wrote a report: every format's rule is asked, the most specific one that holds wins."""

from typing import NamedTuple

from sluice_normaliser.kit.body import Body
from sluice_normaliser.kit.model import ReportError
from sluice_normaliser.kit.registry import CompiledFormat, anchored, compiled_formats
from sluice_normaliser.kit.rules import Verdict, outer_names
from sluice_shared.contracts.events import RejectReason

NEAR = 0.5
"""Share of a format's rule that holds of what is taken to be meant for it."""

_SHOWN = 3


class Candidate(NamedTuple):
    """A format and how its rule judged the body in one container."""

    format: CompiledFormat
    container: str
    verdict: Verdict

    @property
    def scanner(self) -> str:
        """The name of the scanner's folder."""
        return self.format.spec.name


def candidates(body: Body, scanner: str | None = None) -> list[Candidate]:
    """Return every format that could be meant, judged; of one scanner only when it is named. Best first."""
    found: list[Candidate] = []
    unreadable: set[str] = set()
    for name, formats in compiled_formats().items():
        if scanner is not None and name != scanner:
            continue
        for each in formats:
            best = _judge(each, body, body.containers, unreadable)
            if best is not None:
                found.append(best)
    return sorted(found, key=lambda each: (-each.verdict.holds, -each.verdict.score, each.scanner))


def _holding(body: Body) -> list[Candidate]:
    """Return the formats whose rules hold, best first. Most are ruled out by a look at the outside.

    Plain text is searched only when the body is nothing better: patterns take longer than all other rules together.
    """
    structured = tuple(each for each in body.containers if each != "text")
    for containers in (structured, ("text",)):
        found: list[Candidate] = []
        unreadable: set[str] = set()
        for each in _worth_asking(body, containers, unreadable):
            best = _judge(each, body, containers, unreadable, quick=True)
            if best is not None and best.verdict.holds:
                found.append(best)
        if found:
            return sorted(found, key=lambda each: (-each.verdict.score, each.scanner))
    return []


def _worth_asking(body: Body, containers: tuple[str, ...], unreadable: set[str]) -> list[CompiledFormat]:
    """Return the formats whose anchor stands on the outside, in their order; note which containers cannot be read."""
    worth: dict[int, CompiledFormat] = {}
    for container in containers:
        index = anchored().get(container)
        if index is None:
            continue
        if index.by_name:
            try:
                names = outer_names(body, container)
            except ReportError:
                unreadable.add(container)
                continue
            for name in names & index.by_name.keys():
                worth |= index.by_name[name]
        worth |= index.others
    return [each for _, each in sorted(worth.items())]


def _judge(
    each: CompiledFormat, body: Body, containers: tuple[str, ...], unreadable: set[str], *, quick: bool = False
) -> Candidate | None:
    best: Candidate | None = None
    for container in each.format.containers:
        if container not in containers or container in unreadable:
            continue
        try:
            if quick and not each.format.detect.may_hold(body, container):
                continue
            verdict = each.format.detect.judge(body, container)
        except ReportError:
            unreadable.add(container)
            continue
        if best is None or (verdict.holds, verdict.score) > (best.verdict.holds, best.verdict.score):
            best = Candidate(each, container, verdict)
    return best


def recognise(body: Body, filename: str | None = None) -> Candidate:
    """Return the one format the body is in; raise ReportError when there is none, or more than one."""
    if body.trivial is not None:
        raise _too_little(body.trivial)
    holding = _holding(body)
    if not holding:
        raise body.problem() or _unknown(candidates(body), filename)
    if body.is_hollow:
        raise _too_common(body, holding)
    best = holding[0]
    rivals = {each.scanner for each in holding if each.verdict.score == best.verdict.score}
    if len(rivals) > 1:
        listed = " or ".join(sorted(rivals))
        raise ReportError(
            RejectReason.UNKNOWN_FORMAT,
            f"the report could be of {listed}; name the scanner when you push it",
        )
    return best


def looks_like(body: Body) -> str | None:
    """Return the name of the scanner the body looks like, when that is certain."""
    try:
        return recognise(body).scanner
    except ReportError:
        return None


def _too_little(trivial: str) -> ReportError:
    if trivial == "":
        return ReportError(
            RejectReason.EMPTY,
            "the report is empty: name the scanner if that is how it says that it found nothing; "
            "else check that it ran, an empty file is mostly a failed scan",
        )
    return ReportError(
        RejectReason.UNKNOWN_FORMAT,
        f"the report is only {trivial!r}, which many scanners write and which means a clean run for some and a failure "
        "for others; name the scanner when you push it",
    )


def _too_common(body: Body, holding: list[Candidate]) -> ReportError:
    named = " or ".join(sorted({each.scanner for each in holding}))
    return ReportError(
        RejectReason.UNKNOWN_FORMAT,
        f"the report is only {' '.join(body.text.split())}, which many scanners write when they found nothing: "
        f"it could be of {named}, or of another; name the scanner when you push it",
    )


def _unknown(judged: list[Candidate], filename: str | None) -> ReportError:
    near = sorted((each for each in judged if each.verdict.share >= NEAR), key=lambda each: -each.verdict.share)
    closest: dict[str, str] = {}
    for each in near:
        lacking = ", ".join(each.verdict.missing[:_SHOWN])
        closest.setdefault(each.scanner, f"{each.scanner} (but without {lacking})")
    told = f"; closest: {'; '.join(list(closest.values())[:_SHOWN])}" if closest else ""
    named = f" of {filename}" if filename else ""
    return ReportError(
        RejectReason.UNKNOWN_FORMAT,
        f"no known scanner writes a report like the content{named}{told}. Name the scanner, or add a mapping for it",
    )


def missing_of(judged: list[Candidate]) -> str:
    """Return what the nearest format of a named scanner would need, as words."""
    if not judged:
        return "a report in another container (JSON, XML, CSV …)"
    nearest = max(judged, key=lambda each: (each.verdict.share, each.verdict.score))
    return ", ".join(nearest.verdict.missing[:_SHOWN])
