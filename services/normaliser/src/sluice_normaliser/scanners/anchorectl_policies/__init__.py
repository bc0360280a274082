"""anchorectl image check: how an image stands against the policies of Anchore Enterprise."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    Said,
    ScanMap,
    ScannerSpec,
    call,
    const,
    fix,
    join,
    peek,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.coerce import boolean, integer
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_normaliser.scanners import _anchore
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
anchorectl image check registry.acme.example/shop:1.2 --detail -o json-raw > anchorectl.json
sluice push anchorectl.json --asset image:registry.acme.example/shop --scanner anchorectl_policies
```
The severity is that of the vulnerability; of other checks it is what the policy does: `stop` is high, `warn` medium,
`go` information. `-o json` of newer versions (`policy evaluate`) does, too.
"""
_MARKS = (
    *("evaluatedTag", "evaluated_tag", "imageDigest", "image_digest"),
    *("evaluations[].details", "evaluations[].numberOfFindings", "evaluations[].number_of_findings"),
)
_LISTS = ("detail", "details")
_LEGACY_IMAGE = ("^.tag", "^.digest | ^.imageDigest")
_IMAGE = ("^^.evaluatedTag | ^^.evaluated_tag | ^^.tag", "^^.imageDigest | ^^.image_digest | ^^.digest")


def _undetailed(evaluations: Any) -> str | None:
    """Return why a report shows nothing: it counts checks that it does not tell."""
    for each in objs(evaluations):
        counted = integer(each.get("numberOfFindings") or each.get("number_of_findings"))
        told = each.get("details") or each.get("detail")
        if counted and not arr(told) and not arr(obj(told).get("findings")):
            return f"the evaluation counts {counted} checks but has no detail; ask for it with --detail"
    return None


def _is_check(gate: Any, trigger: Any) -> bool:
    """Return False for what only holds the checks: `details` may be their list, or an object with `findings`."""
    return words(gate) is not None or words(trigger) is not None


def _status(action: Any, allowed: Any) -> Said:
    """Return where a check stands; one that an allowlist names counts no more."""
    word = words(action)
    return Said(ObservationStatus.SUPPRESSED if boolean(allowed) else ObservationStatus.OPEN, word)


def _checks(path: str, image: tuple[str, str], evaluation: str) -> Map:
    """Return the map of the checks at a path; ``image`` are the paths of its tag and its digest."""
    told, action, trigger = "description | message", "status | action", "triggerId | trigger_id"
    return Map(
        each=path,
        where=call(_is_check, "gate", trigger),
        kind=call(_anchore.kind, "gate"),
        rule_id=join("gate", "triggerName | trigger_name | trigger", sep="/"),
        title=told,
        message=told,
        severity=call(_anchore.severity, told, action),
        status=call(_status, action, "allowlisted | whitelisted"),
        identifiers=(told, trigger),
        location=call(_anchore.location, told, trigger, f"tag | {image[0]}", image[1]),
        fix=fix(recommendation="recommendation"),
        suppressions=when(
            call(boolean, "allowlisted | whitelisted"), suppression(kind=const("policy"), status=const("accepted"))
        ),
        fingerprints={"trigger": trigger},
        tags=("policyId | policy_id",),
        evidence={
            "policy": template(
                f"{{{evaluation}.policyId|{evaluation}.policy_id|$.policyId}}: "
                f"{{{evaluation}.finalAction|{evaluation}.final_action|{evaluation}.details.finalAction"
                f"|{evaluation}.details.final_action|{evaluation}.status}}"
            )
        },
    )


SPEC = ScannerSpec(
    name="anchorectl_policies",
    title="Anchore Enterprise (anchorectl, policies)",
    kinds=(Kind.CONTAINER, Kind.SECRET, Kind.LICENCE, Kind.MALWARE),
    homepage="https://docs.anchore.com",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="anchorectl-check",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].policyId",),
                any_of=("[].finalAction", "[].detail", "[].details[].gate"),
            ),
            maps=tuple(_checks(f"[].{name}[]", _LEGACY_IMAGE, "^") for name in _LISTS),
        ),
        Format(
            name="anchorectl-check-cut",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].detail[].gate",), any_of=("[].detail[].triggerId", "[].tag")),
            maps=tuple(_checks(f"[].{name}[]", _LEGACY_IMAGE, "^") for name in _LISTS),
        ),
        Format(
            name="anchorectl-evaluations",
            container="json",
            detect=JsonShape(root="object", has=("evaluations",), any_of=_MARKS),
            scan=ScanMap(refuse=call(_undetailed, peek("evaluations"))),
            maps=(
                _checks("evaluations[].details.findings[]", _IMAGE, "^"),
                *(_checks(f"evaluations[].{name}[]", _IMAGE, "^") for name in _LISTS),
            ),
        ),
        Format(
            name="anchorectl-evaluations-list",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].evaluations",), any_of=tuple(f"[].{mark}" for mark in _MARKS)),
            scan=ScanMap(refuse=call(_undetailed, peek("[].evaluations[]"))),
            maps=(
                _checks("[].evaluations[].details.findings[]", _IMAGE, "^"),
                *(_checks(f"[].evaluations[].{name}[]", _IMAGE, "^") for name in _LISTS),
            ),
        ),
    ),
)
