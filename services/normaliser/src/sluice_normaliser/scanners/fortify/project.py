"""A Fortify project (FPR): ``audit.fvdl`` holds what was found, ``audit.xml`` what people made of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sluice_normaliser.kit import Archive, Grade, Reading, Said, clean_path, construct
from sluice_normaliser.kit.coerce import integer, number
from sluice_normaliser.kit.identifiers import cwes
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.scanners.fortify.texts import definitions, filled, joined, links, many, remedy
from sluice_shared.contracts.finding import (
    CodeFlowStep,
    CodeLocation,
    Compliance,
    Kind,
    Observation,
    ObservationStatus,
    Severity,
    Suppression,
)

ANALYSIS = {
    "Not an Issue": ObservationStatus.SUPPRESSED,
    "Reliability Issue": ObservationStatus.OPEN,
    "Bad Practice": ObservationStatus.OPEN,
    "Suspicious": ObservationStatus.OPEN,
    "Exploitable": ObservationStatus.OPEN,
}
_ANALYSIS_TAG = "87f2364f-dcd4-49e6-861d-f8d3f351686b"
_BOUND = 2.5
"""Impact and likelihood, both 0-5, count as high from here: Fortify Priority Order."""

_LIKELIHOOD_SCALE = 25.0
_STANDARD = "altcategory"


@dataclass
class _Project:
    """What vulnerabilities refer to: descriptions by class, rules, shared nodes, snippets, and the audit."""

    descriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, dict[str, str]] = field(default_factory=dict)
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    snippets: dict[str, dict[str, Any]] = field(default_factory=dict)
    audits: dict[str, dict[str, Any]] = field(default_factory=dict)


def read(archive: Archive, reading: Reading) -> Iterator[Observation]:
    """Yield an observation for each vulnerability of the project."""
    name = next(each for each in archive.matching("*audit.fvdl"))
    found = archive.xml(name).whole()
    reading.scanner_version = words(obj(found.get("EngineData")).get("EngineVersion"))
    project = _project(found)
    audit = f"{name.removesuffix('audit.fvdl')}audit.xml"
    if audit in archive.names:
        for issue in archive.xml(audit).stream(("IssueList", "Issue")):
            project.audits[str(obj(issue).get("@instanceId"))] = obj(issue)
    for vulnerability in many(obj(found.get("Vulnerabilities")).get("Vulnerability")):
        yield _observation(obj(vulnerability), project, reading)


def _project(found: dict[str, Any]) -> _Project:
    project = _Project()
    for each in many(found.get("Description")):
        project.descriptions[str(each.get("@classID"))] = each
    for rule in many(obj(obj(found.get("EngineData")).get("RuleInfo")).get("Rule")):
        groups = many(obj(obj(rule).get("MetaInfo")).get("Group"))
        project.rules[str(obj(rule).get("@id"))] = {
            str(group.get("@name")): words(group.get("#text")) or "" for group in groups if isinstance(group, dict)
        }
    for node in many(obj(found.get("UnifiedNodePool")).get("Node")):
        project.nodes[str(obj(node).get("@id"))] = obj(node)
    for snippet in many(obj(found.get("Snippets")).get("Snippet")):
        project.snippets[str(obj(snippet).get("@id"))] = obj(snippet)
    return project


def _observation(vulnerability: dict[str, Any], project: _Project, reading: Reading) -> Observation:
    class_, instance = obj(vulnerability.get("ClassInfo")), obj(vulnerability.get("InstanceInfo"))
    unified = obj(obj(vulnerability.get("AnalysisInfo")).get("Unified"))
    id_, class_id = words(instance.get("InstanceID")), str(class_.get("ClassID"))
    about = project.descriptions.get(class_id, {})
    named = definitions(unified)
    traces = [_entries(trace, project) for trace in many(unified.get("Trace"))]
    rule = project.rules.get(class_id) or _rule_of(traces, project)
    audit = project.audits.get(id_ or "", {})
    abstract = filled(about.get("Abstract"), named)
    name = ": ".join(part for part in (words(class_.get("Type")), words(class_.get("Subtype"))) if part)
    primary = _primary(traces)
    return reading.observe(
        kind=Kind.SAST,
        rule_id=class_id if class_.get("ClassID") else name,
        rule_name=name,
        title=name,
        description=joined(abstract, filled(about.get("Explanation"), named)),
        message=abstract,
        severity=_severity(rule, instance, class_),
        confidence=_confidence(instance.get("Confidence")),
        status=_status(audit),
        cwes=cwes(rule.get("altcategoryCWE")),
        compliance=_standards(rule),
        location=_location(primary, unified, project),
        code_flows=[flow for trace in traces if len(flow := _flow(trace, project)) > 1],
        fix=remedy(about, named),
        references=links(about),
        suppressions=_suppressions(audit),
        fingerprints={"fortify_instance": id_} if id_ else {},
        tags=[tag for tag in (words(class_.get("Kingdom")), words(class_.get("AnalyzerName"))) if tag],
        unmapped=_rest(rule, instance, class_),
    )


def _rest(rule: dict[str, str], instance: dict[str, Any], class_: dict[str, Any]) -> dict[str, Any]:
    kept = {key: instance.get(key) for key in ("InstanceSeverity", "Confidence", "MetaInfo")}
    kept["DefaultSeverity"] = class_.get("DefaultSeverity")
    kept["rule"] = {key: value for key, value in rule.items() if not key.startswith(_STANDARD)}
    return {key: value for key, value in kept.items() if value}


def _standards(rule: dict[str, str]) -> list[Compliance]:
    """Return the entries of other catalogues that the rule belongs to."""
    return [
        construct(Compliance, {"standard": name.removeprefix(_STANDARD), "control": value})
        for name, value in rule.items()
        if name.startswith(_STANDARD) and name != f"{_STANDARD}CWE" and value and value != "None"
    ]


def _entries(trace: Any, project: _Project) -> list[tuple[dict[str, Any], bool]]:
    """Return the nodes of a trace, each with whether it is the one that is shown."""
    found: list[tuple[dict[str, Any], bool]] = []
    for entry in many(obj(obj(trace).get("Primary")).get("Entry")):
        node = obj(obj(entry).get("Node"))
        reference = obj(obj(entry).get("NodeRef"))
        if reference:
            node = project.nodes.get(str(reference.get("@id")), {})
        if node.get("SourceLocation"):
            found.append((node, obj(obj(entry).get("Node")).get("@isDefault") == "true"))
    return found


def _rule_of(traces: list[list[tuple[dict[str, Any], bool]]], project: _Project) -> dict[str, str]:
    for node, _ in (each for trace in traces for each in reversed(trace)):
        rule = project.rules.get(str(obj(obj(node.get("Reason")).get("Rule")).get("@ruleID")))
        if rule:
            return rule
    return {}


def _primary(traces: list[list[tuple[dict[str, Any], bool]]]) -> dict[str, Any] | None:
    nodes = [each for trace in traces for each in trace]
    return next((node for node, shown in nodes if shown), nodes[-1][0] if nodes else None)


def _location(node: dict[str, Any] | None, unified: dict[str, Any], project: _Project) -> CodeLocation | None:
    place = obj((node or {}).get("SourceLocation"))
    if not place.get("@path"):
        defined = [obj(each) for each in many(obj(unified.get("ReplacementDefinitions")).get("LocationDef"))]
        place = next((each for each in defined if each.get("@key") == "PrimaryLocation"), {})
    path = words(place.get("@path"))
    if path is None:
        return None
    function = obj(obj(unified.get("Context")).get("Function"))
    scope = [words(function.get(key)) for key in ("@namespace", "@enclosingClass", "@name")]
    return construct(
        CodeLocation,
        {
            "path": clean_path(path),
            "start_line": _positive(place.get("@line")),
            "start_column": _positive(place.get("@colStart")),
            "end_line": _positive(place.get("@lineEnd")),
            "end_column": _positive(place.get("@colEnd")),
            "snippet": _snippet(place, project),
            "symbol": ".".join(part for part in scope if part) or None,
        },
    )


def _snippet(place: dict[str, Any], project: _Project) -> str | None:
    """Return the flagged lines; a snippet shows some around them."""
    snippet = project.snippets.get(str(place.get("@snippet")))
    whole = None if snippet is None else words(snippet.get("Text"))
    if snippet is None or whole is None:
        return None
    begin, line = integer(snippet.get("StartLine")), integer(place.get("@line"))
    end = integer(place.get("@lineEnd")) or line
    if begin is None or line is None or end is None:
        return whole
    lines = str(snippet.get("Text")).splitlines()[line - begin : end - begin + 1] if line >= begin else []
    return "\n".join(lines) or whole


def _flow(trace: list[tuple[dict[str, Any], bool]], project: _Project) -> list[CodeFlowStep]:
    steps: list[CodeFlowStep] = []
    for node, _ in trace:
        place, action = obj(node.get("SourceLocation")), node.get("Action")
        steps.append(
            construct(
                CodeFlowStep,
                {
                    "path": clean_path(str(place.get("@path"))),
                    "start_line": _positive(place.get("@line")),
                    "start_column": _positive(place.get("@colStart")),
                    "end_line": _positive(place.get("@lineEnd")),
                    "message": words(action) or words(node.get("@label")),
                    "snippet": _snippet(place, project),
                },
            )
        )
    return steps


def _positive(value: Any) -> int | None:
    found = integer(value)
    return found if found and found > 0 else None


def _severity(rule: dict[str, str], instance: dict[str, Any], class_: dict[str, Any]) -> Grade:
    """Return Fortify's priority order where the rule's metadata are there, else the instance's severity (0-5)."""
    raw = words(instance.get("InstanceSeverity")) or words(class_.get("DefaultSeverity"))
    metadata = {**rule, **_own_groups(instance)}
    impact, accuracy = number(metadata.get("Impact")), number(metadata.get("Accuracy"))
    probability, sure = number(metadata.get("Probability")), number(instance.get("Confidence"))
    if impact is not None and accuracy is not None and probability is not None and sure is not None:
        likely = accuracy * sure * probability / _LIKELIHOOD_SCALE >= _BOUND
        if impact >= _BOUND:
            return Grade(Severity.CRITICAL if likely else Severity.HIGH, raw, "fortify priority order")
        return Grade(Severity.MEDIUM if likely else Severity.LOW, raw, "fortify priority order")
    score = number(raw)
    bands = ((4.5, Severity.CRITICAL), (3.5, Severity.HIGH), (2.5, Severity.MEDIUM), (1.5, Severity.LOW))
    if score is None:
        return Grade(Severity.UNKNOWN, raw)
    return Grade(next((meant for floor, meant in bands if score >= floor), Severity.INFO), raw)


def _own_groups(instance: dict[str, Any]) -> dict[str, str]:
    groups = many(obj(instance.get("MetaInfo")).get("Group"))
    return {str(group.get("@name")): str(group.get("#text", "")) for group in groups if isinstance(group, dict)}


def _confidence(value: Any) -> str | None:
    """Return the confidence (0-5) as a share of 100."""
    sure = number(value)
    return None if sure is None else f"{sure * 20:.0f}%"


def _status(audit: dict[str, Any]) -> Said | None:
    said = next(
        (words(tag.get("Value")) for tag in map(obj, many(audit.get("Tag"))) if tag.get("@id") == _ANALYSIS_TAG), None
    )
    if audit.get("@suppressed") == "true":
        return Said(ObservationStatus.SUPPRESSED, said or "suppressed")
    return None if said is None else Said(ANALYSIS.get(said, ObservationStatus.OPEN), said)


def _suppressions(audit: dict[str, Any]) -> list[Suppression]:
    said = _status(audit)
    if said is None or said.status is not ObservationStatus.SUPPRESSED:
        return []
    comments = [obj(each) for each in many(obj(audit.get("ThreadedComments")).get("Comment"))]
    last = comments[-1] if comments else {}
    values = {
        "kind": "external",
        "status": "accepted",
        "justification": words(last.get("Content")) or said.raw,
        "author": words(last.get("Username")),
    }
    return [construct(Suppression, values)]
