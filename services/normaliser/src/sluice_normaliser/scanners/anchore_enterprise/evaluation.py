"""Evaluations: by image digest and tag, each with the table of its checks."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sluice_normaliser.kit import Reading, Said, construct
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_normaliser.scanners import _anchore
from sluice_shared.contracts.finding import Observation, ObservationStatus, Suppression

_SAID = (
    "Image_Id",
    "Repo_Tag",
    "Trigger_Id",
    "Gate",
    "Trigger",
    "Check_Output",
    "Gate_Action",
    "Whitelisted",
    "Policy_Id",
)
_HEADER = tuple(name.lower() for name in _SAID)


class _Evaluation(NamedTuple):
    """One evaluation of one image, and the digest and the tag under which it stands."""

    digest: str
    tag: str
    told: dict[str, Any]


def _evaluations(document: Any) -> Iterator[_Evaluation]:
    for part in objs(document) if isinstance(document, list) else [obj(document)]:
        for digest, tags in sorted(part.items()):
            for tag, listed in sorted(obj(tags).items()):
                for told in objs(listed):
                    yield _Evaluation(digest, tag, told)


def unevaluated(document: Any) -> str | None:
    """Return why a report shows nothing: it has verdicts without the checks that led to them."""
    found = list(_evaluations(document))
    bare = [each for each in found if not obj(obj(each.told.get("detail")).get("result"))]
    if not bare or len(bare) < len(found):
        return None
    return f"the evaluation of {bare[0].tag} has no detail; ask for it with --detail (detail=true)"


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each check; where several images were evaluated, each is an asset of its own."""
    found = list(_evaluations(document))
    several = len({each.tag.rpartition(":")[0] or each.tag for each in found}) > 1
    for evaluation in found:
        for row, names in _rows(evaluation):
            observation = _observe(row, evaluation, names, reading)
            if several:
                observation.asset = f"image:{evaluation.tag.rpartition(':')[0] or evaluation.tag}"
            yield observation


def _rows(evaluation: _Evaluation) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Yield each check by the columns of the table's header, and the names of the allowlists."""
    result = obj(obj(evaluation.told.get("detail")).get("result")).get("result")
    for of_image in obj(result).values():
        table = obj(obj(of_image).get("result"))
        header = [str(name).lower() for name in arr(table.get("header"))] or list(_HEADER)
        lists = {
            words(each.get("id")) or "": words(each.get("name")) or ""
            for each in (*objs(obj(result).get("whitelist_data")), *objs(obj(of_image).get("whitelist_data")))
        }
        for row in arr(table.get("rows")):
            if isinstance(row, list):
                yield dict(zip(header, row, strict=False)), lists
            elif isinstance(row, dict):
                yield {str(name).lower(): value for name, value in row.items()}, lists


def _observe(row: dict[str, Any], evaluation: _Evaluation, lists: dict[str, str], reading: Reading) -> Observation:
    output, gate, action = row.get("check_output"), row.get("gate"), row.get("gate_action")
    trigger = row.get("trigger_id")
    named = _anchore.vulnerable(output)
    allowed = row.get("whitelisted") or row.get("allowlisted")
    return reading.observe(
        kind=_anchore.kind(gate),
        rule_id=named.identifier if named else f"{words(gate)}/{words(row.get('trigger'))}",
        rule_name=f"{words(gate)}/{words(row.get('trigger'))}",
        title=f"{named.identifier} in {named.package}" if named else words(output),
        message=words(output),
        severity=_anchore.severity(output, action),
        status=_status(action, allowed),
        identifiers=[named.identifier] if named else [],
        location=_anchore.location(output, trigger, row.get("repo_tag") or evaluation.tag, evaluation.digest),
        references=[named.url] if named and named.url else [],
        suppressions=[_allowed(allowed, lists)] if allowed else [],
        fingerprints={"anchore_trigger": str(trigger)} if trigger else {},
        tags=[tag for tag in (words(gate), words(action)) if tag],
        unmapped={"policy": row["policy_id"]} if row.get("policy_id") else {},
    )


def _status(action: Any, allowed: Any) -> Said:
    said = words(action)
    if allowed:
        return Said(ObservationStatus.SUPPRESSED, said)
    return Said(ObservationStatus.INFORMATIONAL if said == "go" else ObservationStatus.OPEN, said)


def _allowed(allowed: Any, lists: dict[str, str]) -> Suppression:
    """Return the allowlist that takes a check away: an object that names it, or only that there is one."""
    which = words(obj(allowed).get("whitelist_id") or obj(allowed).get("allowlist_id")) or ""
    values = {"kind": "policy", "status": "accepted", "justification": lists.get(which) or which or "on the allowlist"}
    return construct(Suppression, values)
