"""Results as the API gives them: one list, whose ``data`` is different for each engine."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    RawSecret,
    call,
    code,
    const,
    construct,
    first,
    fix,
    ident,
    image,
    lookup,
    package,
    peek,
    plain,
    rating,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_normaliser.scanners._checkmarx import flow, is_suppressed, part_of, path_of, said, sink, source
from sluice_shared.contracts.finding import Kind, RatingMethod, SecretDetail

_METRICS = {
    "attackVector": "AV",
    "attackComplexity": "AC",
    "privilegesRequired": "PR",
    "userInteraction": "UI",
    "scope": "S",
    "confidentiality": "C",
    "integrity": "I",
    "integrityImpact": "I",
    "availability": "A",
}
_ORDER = ("AV", "AC", "PR", "UI", "S", "C", "I", "A")
_SCA = frozenset({"sca", "sca-container", "containers"})


def _is(*types: str) -> Any:
    return call(lambda type_: str(type_).lower() in types, "type")


def _other(type_: Any) -> bool:
    return str(type_).lower() not in {"sast", "kics", "iac", *_SCA}


def _vector(cvss: Any) -> str | None:
    """Return the vector of metrics that are spelled out (``attackVector: NETWORK``)."""
    found = {_METRICS[key]: str(value)[:1].upper() for key, value in obj(cvss).items() if key in _METRICS and value}
    if not set(_ORDER) <= set(found):
        return None
    version = words(obj(cvss).get("version"))
    return f"CVSS:{version if version in ('3.0', '3.1') else '3.1'}/" + "/".join(
        f"{key}:{found[key]}" for key in _ORDER
    )


def _paths(collection: Any) -> list[str]:
    """Return the first way from the root to the package."""
    for path in arr(obj(collection).get("dependencyPathArray")):
        return [f"{words(each.get('name'))}@{words(each.get('version'))}" for each in objs(path)]
    return []


def _file(collection: Any) -> str | None:
    place = next((words(each) for each in arr(obj(collection).get("locations"))), None)
    for path in arr(obj(collection).get("dependencyPathArray")):
        for each in objs(path):
            place = place or next((words(item) for item in arr(each.get("locations"))), None)
    return path_of(place)


def _is_secret(type_: Any) -> bool:
    return "secret" in str(type_).lower()


def _secret(type_: Any, rule: Any, snippet: Any) -> RawSecret | None:
    if not _is_secret(type_):
        return None
    found = text(snippet)
    return RawSecret(construct(SecretDetail, {"type": text(rule)}), (found,) if found else ())


_NODES = peek("data.nodes")
_COMMON: dict[str, Any] = {
    "each": "results[]",
    "severity": "severity",
    "status": call(said, "state", "status"),
    "description": plain(first("description", "data.description", "descriptionHTML")),
    "suppressions": when(
        call(is_suppressed, "state"),
        suppression(kind=const("external"), status="state", justification="comments.comments"),
    ),
    "fingerprints": {
        "checkmarx_result": "id",
        "checkmarx_similarity": "similarityId",
        "checkmarx_alternate": "alternateId",
    },
    "baseline_state": lookup("status", {"new": "new", "recurrent": "unchanged", "fixed": "absent"}),
    "first_detected_at": "firstFoundAt",
    "last_detected_at": "foundAt",
    "cwes": ("vulnerabilityDetails.cweId", "cweId"),
}
_SAST = Map(
    where=_is("sast"),
    kind=Kind.SAST,
    rule_id="data.queryName | data.queryId",
    rule_name="data.queryName",
    title="data.queryName",
    location=call(sink, _NODES),
    related_locations=call(source, _NODES),
    code_flows=call(flow, _NODES),
    tags=("data.group", "data.languageName", "vulnerabilityDetails.compliances"),
    ignore=("data.nodes", "data.resultHash", "type", "label", "descriptionHTML"),
    **_COMMON,
)
_PACKAGES = Map(
    where=call(lambda type_: str(type_).lower() in _SCA, "type"),
    kind=lookup("type", {"sca": Kind.SCA}, default=Kind.CONTAINER),
    rule_id="vulnerabilityDetails.cveName | cveId | id | similarityId",
    title=template(
        "{vulnerabilityDetails.cveName | cveId | id} in "
        "{data.packageIdentifier | data.packageName} {data.packageVersion}"
    ),
    identifiers=(ident("vulnerabilityDetails.cveName | cveId | id", "vendor", source=const("checkmarx")),),
    location=package(
        name=first("data.packageName", call(part_of(1), "data.packageIdentifier"), "data.packageIdentifier"),
        version=first("data.packageVersion", call(part_of(2), "data.packageIdentifier")),
        ecosystem=call(part_of(0), "data.packageIdentifier"),
        fixed_versions="data.recommendedVersion",
        path=first(call(_file, peek("data.scaPackageCollection")), "data.imageFilePath"),
        dependency_path=call(_paths, peek("data.scaPackageCollection")),
        direct=lookup("data.scaPackageCollection.typeOfDependency", {"direct": True, "transitive": False, "": None}),
        image=when("data.imageName", image(name="data.imageName", tag="data.imageTag")),
    ),
    ratings=rating(
        const("checkmarx"),
        vector=call(_vector, "vulnerabilityDetails.cvss"),
        score="vulnerabilityDetails.cvssScore",
        method=RatingMethod.OTHER,
    ),
    fix=fix(recommendation="data.recommendations | data.recommendation"),
    references=("data.packageData[].url", "data.scaPackageCollection.fixLink"),
    published_at="data.publishedAt",
    ignore=("type", "label", "descriptionHTML"),
    **_COMMON,
)
_IAC = Map(
    where=_is("kics", "iac"),
    kind=Kind.IAC,
    rule_id="data.queryId | data.queryName",
    rule_name="data.queryName",
    title="data.queryName",
    message="data.value | data.actualValue",
    location=code(path=call(path_of, "data.fileName | data.filename"), start_line="data.line"),
    fix=fix(recommendation="data.expectedValue"),
    references=("data.queryUrl",),
    tags=("data.group", "data.platform", "data.issueType", "vulnerabilityDetails.compliances"),
    ignore=("type", "label", "descriptionHTML"),
    **_COMMON,
)
_REST = Map(
    where=call(_other, "type"),
    kind=when(call(_is_secret, "type"), Kind.SECRET, Kind.OTHER),
    rule_id="data.ruleName | data.queryName | data.name | type",
    rule_name="data.ruleName | data.queryName | data.name",
    title="data.ruleName | data.queryName | data.name | description",
    message="data.ruleDescription",
    location=code(
        path=call(path_of, "data.fileName | data.filename"),
        start_line="data.line",
        snippet=when(call(lambda type_: not _is_secret(type_), "type"), "data.snippet"),
    ),
    secret=call(_secret, "type", "data.ruleName", "data.snippet"),
    fix=fix(recommendation="data.remediation"),
    references=("data.remediationLink",),
    tags=("type", "data.slsaStep"),
    ignore=("label", "descriptionHTML"),
    **_COMMON,
)

RESULT_MAPS = (_SAST, _PACKAGES, _IAC, _REST)
