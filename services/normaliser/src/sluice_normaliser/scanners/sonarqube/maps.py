"""What SonarQube's issues and hotspots say."""

import re
from collections.abc import Callable
from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    code,
    const,
    each,
    first,
    fix,
    matching,
    package,
    rating,
    sections,
    step,
    suppression,
    when,
)
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SUPPRESSED, _OPEN = ObservationStatus.SUPPRESSED, ObservationStatus.OPEN
_STATES = {
    "open": _OPEN,
    "confirmed": _OPEN,
    "reopened": _OPEN,
    "to_review": _OPEN,
    "accepted": _SUPPRESSED,
    "wontfix": _SUPPRESSED,
    "false_positive": _SUPPRESSED,
    "false-positive": _SUPPRESSED,
    "acknowledged": _SUPPRESSED,
    "safe": ObservationStatus.NOT_APPLICABLE,
    "fixed": ObservationStatus.FIXED,
    "removed": ObservationStatus.FIXED,
    "resolved": ObservationStatus.FIXED,
    "closed": ObservationStatus.FIXED,
    "reviewed": ObservationStatus.NOT_APPLICABLE,
}
_QUALITY = frozenset({"BUG", "CODE_SMELL"})
_RULE_KEY = re.compile(r"rule_key=(?P<key>[^&\s\"']+)")
_REMEDY = re.compile(
    r"<h[1-4]>\s*(?:Compliant Solution|Recommended Secure Coding Practices|How (?:can I|to) fix it)[^<]*</h[1-4]>(.*?)"
    r"(?=<h[1-4]>|\Z)",
    re.DOTALL | re.IGNORECASE,
)


def errors(told: Any) -> str | None:
    """Return the messages of an answer that refuses."""
    return "; ".join(message for each_ in objs(told) if (message := words(each_.get("msg")))) or None


def webhook(document: Any) -> str:
    """Return what SonarQube's webhook says, and where the issues are that it does not carry."""
    told = obj(document)
    project, gate = words(obj(told.get("project")).get("key")), words(obj(told.get("qualityGate")).get("status"))
    failed = "" if words(told.get("status")) == "SUCCESS" else ", and that the analysis failed"
    return (
        f"this is SonarQube's webhook, which only says that {project} was analysed{failed} (quality gate: "
        f"{gate or 'none'}); "
        "fetch api/issues/search and api/hotspots/search for the project and push those"
    )


def is_whole(paging: Any, total: Any, issues: Any, hotspots: Any) -> bool:
    """Return False when an answer says that there is more than it shows."""
    every = integer(obj(paging).get("total")) or integer(total)
    shown = sum(len(listed) for listed in (issues, hotspots) if isinstance(listed, list))
    return every is None or shown >= every


def _kind(sort: Any, rule: Any, impacts: Any) -> Kind:
    if str(rule).startswith("secrets:"):
        return Kind.SECRET
    qualities = {words(each_.get("softwareQuality")) for each_ in objs(impacts)}
    if sort in _QUALITY or (sort is None and qualities and "SECURITY" not in qualities):
        return Kind.QUALITY
    return Kind.SAST


def _status(state: Any, issue_state: Any, resolution: Any) -> Said:
    """Return the status: what was resolved says why, which tells most."""
    for said in (resolution, issue_state, state):
        told = words(said)
        known = _STATES.get((told or "").lower())
        if known is not None:
            return Said(known, told)
    return Said(_OPEN, words(state))


def _set_aside(state: Any, issue_state: Any, resolution: Any) -> str | None:
    found = _status(state, issue_state, resolution)
    return found.raw if found.status in {_SUPPRESSED, ObservationStatus.NOT_APPLICABLE} else None


def _impact(impacts: Any) -> str | None:
    """Return the severity for security, or the first there is."""
    listed = objs(impacts)
    security = (each_ for each_ in listed if each_.get("softwareQuality") == "SECURITY")
    return words(next(security, listed[0] if listed else {}).get("severity"))


def _path(component: Any, components: Any) -> str | None:
    """Return the path of a component, whose key is ``project:path``."""
    key = words(component)
    if key is None:
        return None
    for each_ in objs(components):
        if each_.get("key") == key and (words(each_.get("path")) or words(each_.get("longName"))):
            return words(each_.get("path")) or words(each_.get("longName"))
    return key.rpartition(":")[2] or key


def _one_more(offset: Any) -> int | None:
    """Return a column: SonarQube counts from 0."""
    found = integer(offset)
    return None if found is None else found + 1


def _of_rule(field: str) -> Callable[[Any, Any], str | None]:
    def find(key: Any, rules: Any) -> str | None:
        if isinstance(rules, list):
            return next((words(each_.get(field)) for each_ in objs(rules) if each_.get("key") == key), None)
        return words(obj(obj(rules).get(str(key))).get(field))

    return find


def _described(field: str) -> Callable[[Any, Any], str | None]:
    find = _of_rule("htmlDesc")

    def part(key: Any, rules: Any) -> str | None:
        described = find(key, rules)
        if field == "all" or described is None:
            return described
        found = _REMEDY.search(described)
        return found.group(1) if found else None

    return part


_RULE = ("rule | ruleKey", "$.rules")


_PLACE = call(_path, "component", "$.components")


def _map(path: str, sort: Any, **more: Any) -> Map:
    said = ("status", "issueStatus", "resolution")
    return Map(
        each=path,
        kind=sort,
        rule_id="rule | ruleKey",
        rule_name=call(_of_rule("name"), *_RULE),
        title=first(call(_of_rule("name"), *_RULE), "description", "message"),
        description=sections(first(call(_described("all"), *_RULE), "description")),
        message="message",
        severity=[by("severity | vulnerabilityProbability", "sonarqube"), by(call(_impact, "impacts"))],
        status=call(_status, *said),
        identifiers="message",
        cwes=(call(_described("all"), *_RULE), "tags[]", "securityStandards[]"),
        location=code(
            path=_PLACE,
            start_line="textRange.startLine | line",
            start_column=call(_one_more, "textRange.startOffset"),
            end_line="textRange.endLine",
            end_column=call(_one_more, "textRange.endOffset"),
        ),
        related_locations=package(
            name=matching("message", r"^Filename: ([^|]+?)(?::\d[^|:]*?)? *\|"),
            version=matching("message", r"^Filename: [^|]+?:(\d[^|:]*?) *\|"),
            path=_PLACE,
        ),
        ratings=rating(const("dependency_check"), score=matching("message", r"\| CVSS Score: ([\d.]+)")),
        code_flows=each(
            "flows[]",
            each(
                "locations[]",
                step(
                    path=call(_path, "component", "$.components"),
                    start_line="textRange.startLine",
                    start_column=call(_one_more, "textRange.startOffset"),
                    end_line="textRange.endLine",
                    end_column=call(_one_more, "textRange.endOffset"),
                    message="msg",
                ),
            ),
        ),
        fix=fix(recommendation=sections(call(_described("remedy"), *_RULE)), effort="effort | debt"),
        suppressions=when(
            call(_set_aside, *said),
            suppression(kind=const("external"), status=const("accepted"), justification=call(_set_aside, *said)),
        ),
        fingerprints={"sonarqube_key": "key", "sonarqube_line_hash": "hash"},
        first_detected_at="creationDate",
        last_detected_at="updateDate",
        ignore=("messageFormattings", "project", "organization"),
        **more,
    )


_ISSUES = {"sort": call(_kind, "type", "rule", "impacts"), "tags": ("tags[]", "type", "cleanCodeAttribute")}
_HOTSPOTS = {"sort": Kind.SAST, "tags": (const("security-hotspot"), "securityCategory")}

IN_API = (_map("issues[]", **_ISSUES), _map("hotspots[]", **_HOTSPOTS))
IN_REPORT = (_map("issues[]", **_ISSUES),)


def rule_of(address: str, shown: str) -> str:
    """Return the key of the rule that a link in a report leads to."""
    found = _RULE_KEY.search(address)
    return found["key"] if found else shown
