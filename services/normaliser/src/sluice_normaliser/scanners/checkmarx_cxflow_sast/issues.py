"""CxFlow's issues: one for each query and file, with a result for each way from a source to a sink."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    Map,
    Reading,
    call,
    code,
    const,
    construct,
    first,
    fix,
    ident,
    matching,
    package,
    peek,
    rating,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_normaliser.scanners._checkmarx import flow, is_dismissed, path_of, said, sink, source, verdict
from sluice_shared.contracts.finding import (
    CodeFlowStep,
    CodeLocation,
    Compliance,
    Kind,
    Observation,
    ObservationStatus,
    Suppression,
)

_CATEGORY = re.compile(r",(?=[^,;]+;)")
_FILTER = [construct(Suppression, {"kind": "policy", "justification": "CxFlow's filters leave it out"})]


def _nodes(result: Any) -> list[dict[str, Any]]:
    """Return the nodes of a result in the order of their numbers, as Checkmarx's other reports name their parts."""
    told = obj(result)
    numbered = [node for _, node in sorted((int(key), node) for key, node in told.items() if key.isdecimal())]
    way = [obj(node) for node in numbered or (told.get("source"), told.get("sink"))]
    return [
        {
            "fileName": node.get("file"),
            "line": node.get("line"),
            "column": node.get("column"),
            "length": node.get("length"),
            "method": node.get("object"),
            "code": node.get("snippet"),
        }
        for node in way
        if node.get("file")
    ]


def _sink(result: Any) -> CodeLocation | None:
    return sink(_nodes(result))


def _source(result: Any) -> list[CodeLocation]:
    return source(_nodes(result))


def _flows(result: Any) -> list[list[CodeFlowStep]]:
    steps = flow(_nodes(result))
    return [steps] if len(steps) > 1 else []


def _detail(line: Any, details: Any) -> dict[str, Any]:
    """Return what is said about the line that a result begins on."""
    return obj(obj(details).get(text(line) or ""))


def _verdict(state: Any, line: Any, details: Any) -> Any:
    return verdict(state, _detail(line, details).get("falsePositive"))


def _dismissed(state: Any, line: Any, details: Any) -> bool:
    return is_dismissed(state, _detail(line, details).get("falsePositive"))


def _comment(line: Any, details: Any) -> str | None:
    return words(_detail(line, details).get("comment"))


def _standards(categories: Any) -> list[Compliance]:
    """Return the controls in ``OWASP Top 10 2017;A1-Injection,PCI DSS v3.2;…``."""
    found: list[Compliance] = []
    for category in _CATEGORY.split(text(categories) or ""):
        standard, _, control = category.partition(";")
        if standard.strip():
            found.append(construct(Compliance, {"standard": standard.strip(), "control": control.strip() or None}))
    return found


def _similarity(identifier: Any, results: Any, details: Any) -> str | None:
    """Return the id of an issue where it is that of one result only."""
    return words(identifier) if max(len(arr(results)), len(obj(details))) == 1 else None


_STAND = ("state", "source.line", peek("^.details"))
_COMMON: dict[str, Any] = {
    "rule_id": "^.vulnerability",
    "rule_name": "^.vulnerability",
    "title": "^.vulnerability",
    "description": "^.description",
    "severity": "^.severity",
    "cwes": "^.cwe",
    "references": ("^.link", "^.additionalDetails.recommendedFix"),
    "compliance": call(_standards, "^.additionalDetails.categories"),
    "fingerprints": {
        "checkmarx_similarity": call(
            _similarity, "^.similarityId", peek("^.additionalDetails.results"), peek("^.details")
        )
    },
    "tags": ("^.language",),
}
_RESULT = Map(
    each="additionalDetails.results[]",
    kind=Kind.SAST,
    status=call(_verdict, *_STAND),
    location=call(_sink, "."),
    related_locations=call(_source, "."),
    code_flows=call(_flows, "."),
    suppressions=when(
        call(_dismissed, *_STAND),
        suppression(kind=const("external"), justification=call(_comment, "source.line", peek("^.details"))),
    ),
    ignore=("*", "source", "sink"),
    **_COMMON,
).compile()
_LINE = Map(
    each="details.*",
    kind=Kind.SAST,
    status=call(verdict, "^.vulnerabilityStatus", "falsePositive"),
    location=code(path=call(path_of, "^.filename | ^.file"), start_line="#key", snippet="codeSnippet"),
    suppressions=when("falsePositive", suppression(kind=const("external"), justification="comment")),
    **_COMMON,
).compile()
_VULNERABLE = "cve | finding.cveName | finding.id | ^.cve | ^.vulnerability"
_LIBRARY = Map(
    each="osaDetails[] | scaDetails[]",
    kind=Kind.SCA,
    rule_id=_VULNERABLE,
    title=template(f"{{{_VULNERABLE}}} in {{vulnerabilityPackage.name | libraryName | ^.filename}}"),
    description="description | finding.description | ^.description",
    severity="severity | finding.severity | ^.severity",
    status=call(said, "^.vulnerabilityStatus"),
    identifiers=(ident("cve | finding.cveName | finding.id | ^.cve", "vendor", source=const("checkmarx")),),
    cwes=("cwe", "finding.cwe", "^.cwe"),
    location=package(
        name="vulnerabilityPackage.name | libraryName | ^.filename",
        version="vulnerabilityPackage.version | version",
        ecosystem="vulnerabilityPackage.packageRepository",
        fixed_versions=first(
            "finding.recommendedVersion", matching("recommendation", r"(?i)upgrade to (?:version )?v?(\d\S*)")
        ),
    ),
    fix=fix(recommendation="recommendation | finding.fixResolutionText"),
    ratings=rating(const("checkmarx"), score="finding.score | score"),
    references=("url", "vulnerabilityLink", "finding.references[]", "^.link"),
    fingerprints={"checkmarx_similarity": "^.similarityId"},
).compile()
_WHOLE = Map(
    kind=Kind.SAST,
    rule_id="vulnerability",
    title="vulnerability",
    description="description",
    severity="severity",
    status=call(said, "vulnerabilityStatus"),
    cwes="cwe",
    identifiers="cve",
    location=code(path=call(path_of, "filename | file")),
    references=("link",),
    fingerprints={"checkmarx_similarity": "similarityId"},
).compile()


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each result of each issue; the issues that were filtered out are suppressed."""
    listed = objs(document.get("xissues") or document.get("xIssues"))
    kept = {_key(issue) for issue in listed}
    for number, issue in enumerate(listed):
        yield from _observations(issue, number, reading)
    for number, issue in enumerate(objs(document.get("unFilteredIssues"))):
        if _key(issue) in kept:
            continue
        for observation in _observations(issue, number, reading):
            observation.status = ObservationStatus.SUPPRESSED
            observation.suppressions = [*observation.suppressions, *_FILTER]
            yield observation


def _key(issue: dict[str, Any]) -> tuple[str | None, ...]:
    """Return what CxFlow makes one issue of: a query in a file, or a vulnerability of a package."""
    library = next(iter(objs(issue.get("scaDetails"))), {})
    parts = [issue.get(name) for name in ("vulnerability", "filename", "severity", "cwe", "cve")]
    parts += [obj(library.get("finding")).get("id"), obj(library.get("vulnerabilityPackage")).get("id")]
    return tuple(map(words, parts))


def _observations(issue: dict[str, Any], number: int, reading: Reading) -> Iterator[Observation]:
    frame = (None, None, number, issue)
    if arr(issue.get("osaDetails")) or arr(issue.get("scaDetails")):
        return iter(_LIBRARY.run(frame, reading))
    if arr(obj(issue.get("additionalDetails")).get("results")):
        return iter(_RESULT.run(frame, reading))
    return iter((_LINE if obj(issue.get("details")) else _WHOLE).run(frame, reading))
