"""WhiteHat Sentinel (now Continuous Dynamic of Black Duck): vulnerabilities of web applications."""

import re
from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    Said,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    each,
    evidence,
    first,
    fix,
    join,
    sections,
    suppression,
    template,
    url,
    when,
)
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
curl -H "key: $KEY" "https://sentinel.whitehatsec.com/api/vuln?format=json&display_attack_vectors=1" > whitehat.json
sluice push whitehat.json --asset service:shop
```
Ask for `display_attack_vectors=1&display_description=1&display_solution=1` to have the places and the texts.
"""


_LINK = re.compile(r"https?://[^\s\"'<>]+")


def _status(said: Any, accepted: Any, mitigated: Any, scope: Any) -> Said:
    """Return the status: closed, accepted as a risk, mitigated otherwise, out of scope, or open."""
    told = words(said)
    if (told or "").lower() in {"closed", "mitigated", "fixed"}:
        return Said(ObservationStatus.FIXED, told)
    if (told or "").lower() in {"invalid", "accepted", "false positive"} or words(accepted) in {"1", "true"}:
        return Said(ObservationStatus.SUPPRESSED, told)
    if words(mitigated) in {"1", "true"}:
        return Said(ObservationStatus.SUPPRESSED, told)
    if words(scope) or (told or "").lower() == "out of scope":
        return Said(ObservationStatus.NOT_APPLICABLE, told)
    return Said(ObservationStatus.OPEN, told)


def _accepted(accepted: Any, mitigated: Any) -> str | None:
    if words(accepted) in {"1", "true"}:
        return "the risk is accepted"
    return "mitigated by other means" if words(mitigated) in {"1", "true"} else None


def _exchange(part: Any) -> str | None:
    """Return a request or a response as it goes over the wire."""
    half = obj(part)
    if not half:
        return None
    start = f"{words(half.get('method')) or 'HTTP'} {words(half.get('url')) or words(half.get('status')) or ''}".strip()
    lines = [f"{words(one.get('name'))}: {words(one.get('value')) or ''}" for one in objs(half.get("headers"))]
    match = words(obj(half.get("body_match")).get("content")) or words(half.get("body"))
    return "\n".join([start, *lines, *(["", match] if match else [])])


def _links(*texts: Any) -> list[str]:
    return [link for text in texts for link in _LINK.findall(words(text) or "")]


def _empty(collection: Any) -> str | None:
    if collection:
        return None
    return (
        "the collection is empty, and Sentinel lists closed vulnerabilities too: look at the filters and at the key's "
        "rights before you take this for a clean site"
    )


def _further(position: Any) -> bool:
    return bool(position != 0)


_VECTOR = "attack_vectors[0].request"

SPEC = ScannerSpec(
    name="whitehat_sentinel",
    title="WhiteHat Sentinel",
    kinds=(Kind.DAST,),
    aliases=("whitehat", "continuous-dynamic"),
    homepage="https://www.blackduck.com/dast.html",
    setup=_SETUP,
    formats=(
        Format(
            name="whitehat-sentinel-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("collection[].class",),
                any_of=(
                    "collection[].attack_vectors",
                    "collection[].retest_state",
                    "collection[].risk",
                    "collection[].custom_risk",
                    "collection[].site",
                ),
                weight=1,
            ),
            maps=(
                Map(
                    each="collection[]",
                    kind=Kind.DAST,
                    rule_id="class",
                    rule_name="class",
                    title=template("{class} at {url | site_name}"),
                    description=sections("description.description_prepend", "description.description"),
                    severity=by("custom_risk | risk", "1-5"),
                    confidence=const("confirmed"),
                    status=call(_status, "status", "accepted", "mitigated", "out_of_scope_reasons"),
                    identifiers=("attack_vectors[].scanner_tags[]", "description.description"),
                    location=first(
                        url(
                            url=f"{_VECTOR}.url",
                            method=f"{_VECTOR}.method",
                            parameter=f"{_VECTOR}.param_name",
                            status_code="attack_vectors[0].response.status",
                        ),
                        url(url="url | site_name"),
                    ),
                    related_locations=each(
                        "attack_vectors[]",
                        url(url="request.url", method="request.method", parameter="request.param_name"),
                        where=call(_further, "#key"),
                    ),
                    fix=fix(recommendation=sections("solution.solution_prepend", "solution.solution")),
                    references=call(
                        _links, "description.description", "solution.solution", "solution.solution_prepend"
                    ),
                    evidence=(
                        each("attack_vectors[]", evidence(type=const("request"), text=call(_exchange, "request"))),
                        each("attack_vectors[]", evidence(type=const("response"), text=call(_exchange, "response"))),
                        each("attack_vectors[]", evidence(type=const("notes"), text=join("notes[].note", "notes[]"))),
                    ),
                    suppressions=when(
                        call(_accepted, "accepted", "mitigated"),
                        suppression(
                            kind=const("external"),
                            justification=first("reason", call(_accepted, "accepted", "mitigated")),
                            author="mitigated_by",
                        ),
                    ),
                    fingerprints={"whitehat_vuln": "id"},
                    tags=("site_name", "attack_vectors[].scanner_tags[]", "service_level_abbr"),
                    first_detected_at="found | opened",
                    last_detected_at="attack_vectors[0].tested | modified",
                ),
            ),
        ),
        Format(
            name="whitehat-sentinel-empty",
            container="json",
            detect=JsonShape(root="object", has=("collection",), only=("collection", "page", "total"), weight=-1),
            scan=ScanMap(refuse=call(_empty, "collection")),
            maps=(Map(each="collection[]", kind=Kind.DAST, rule_id="class"),),
        ),
    ),
)
