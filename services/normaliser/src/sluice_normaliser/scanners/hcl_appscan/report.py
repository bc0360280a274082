"""From an AppScan report to observations: its issues, with the groups that they refer to."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct, references
from sluice_normaliser.kit.cvss import rating
from sluice_normaliser.kit.identifiers import identifiers
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import CodeLocation, Fix, Kind, Observation, UrlLocation

_MAPPED = frozenset(
    {"@id", "@id-v2", "severity", "severity-id", "cvss-score", "cvss-vector", "cwe", "cve", "issue-type", "remediation"}
    | {"advisory", "threat-class", "entity", "url", "security-risks", "cause-id", "user-image-group", "variant-group"}
    | {"location", "source-file", "line"}
)
_PLACES = {"parameter": "query", "cookie": "cookie", "header": "header", "page": None}


class Report:
    """The groups of a report by id."""

    def __init__(self, document: Any) -> None:
        self._document = obj(document)
        self._groups: dict[str, dict[str, Any]] = {}
        self.code = words(self._document.get("@technology")) == "SAST"
        information = obj(self._document.get("scan-information"))
        self.cvss = words(information.get("cvss-version"))

    def items(self, group: str) -> list[Any]:
        """Return the items of a group."""
        return listed(obj(self._document.get(f"{group}-group")).get("item"))

    def find(self, group: str, reference: Any) -> Any:
        """Return the item that an issue refers to, or None."""
        if group not in self._groups:
            self._groups[group] = {words(obj(each).get("@id")) or "": each for each in self.items(group)}
        return self._groups[group].get(refs(reference)[0] if refs(reference) else "")

    def texts(self, group: str, reference: Any) -> list[str]:
        """Return the texts of all items that an issue refers to."""
        self.find(group, None)
        found = (words(self._groups[group].get(name)) for name in refs(reference))
        return [text for text in found if text]


def listed(value: Any) -> list[Any]:
    """Return what may be one element, several or none as a list."""
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def refs(reference: Any) -> list[str]:
    """Return the names of the items that a reference names."""
    return [name for each in listed(obj(reference).get("ref")) if (name := words(each))]


def texts(node: Any) -> list[str]:
    """Return the texts of an advice, whatever it is nested in; links follow their text."""
    if not isinstance(node, dict):
        return [text for each in listed(node) if (text := words(each))]
    found: list[str] = []
    for key, value in node.items():
        if not key.startswith("@"):
            found += [text for each in listed(value) for text in texts(each)]
    return found


def _links(node: Any) -> list[str]:
    return [text for text in texts(node) if text.startswith(("http://", "https://"))]


def observations(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the issues of a report, in its order."""
    report = Report(document)
    for item in report.items("issue"):
        yield _observe(obj(item), report, reading)


def _observe(issue: dict[str, Any], report: Report, reading: Reading) -> Observation:
    kind = obj(report.find("issue-type", issue.get("issue-type")))
    advisory = obj(obj(report.find("advisory", issue.get("advisory"))).get("advisory"))
    threat = report.find("threat-class", issue.get("threat-class"))
    remedy = obj(report.find("remediation", issue.get("remediation")))
    advice = texts(obj(report.find("fix-recommendation", kind.get("fix-recommendation") or issue.get("issue-type"))))
    variants = [obj(each) for each in listed(obj(issue.get("variant-group")).get("item"))]
    risks = report.texts("security-risk", issue.get("security-risks"))
    causes = report.texts("cause", issue.get("cause-id"))
    rule = (refs(issue.get("issue-type")) or [""])[0]
    reasons = [text for each in variants if (text := words(each.get("reasoning")))]
    score = rating(
        "appscan",
        vector=_vector(obj(issue.get("cvss-vector"))),
        score=issue.get("cvss-score"),
        severity=issue.get("severity"),
        version=report.cvss,
    )
    told = [words(advisory.get("testTechnicalDescription")), *risks, *causes]
    return reading.observe(
        kind=Kind.SAST if report.code else Kind.DAST,
        rule_id=rule,
        rule_name=words(kind.get("name")),
        title=words(kind.get("name")) or words(advisory.get("name")) or rule,
        description="\n\n".join(dict.fromkeys(text for text in told if text)) or None,
        message="\n".join(dict.fromkeys(reasons)) or None,
        severity=words(issue.get("severity")),
        identifiers=identifiers([issue.get("cve"), kind.get("cve"), words(kind.get("xfid"))]),
        cwes=[issue.get("cwe") or kind.get("cwe")],
        location=_location(issue, report),
        ratings=[score] if score else [],
        fix=_fix(remedy, advice),
        references=references([words(obj(threat).get("@href")), *_links(advisory.get("references")), *_links(advice)]),
        evidence={
            "request": next((words(each.get("test-http-traffic")) for each in variants), None),
            "difference": "\n".join(text for each in variants if (text := _difference(each))) or None,
        },
        fingerprints={
            name: value
            for name, value in (("appscan_id", words(issue.get("@id"))), ("appscan_id_v2", words(issue.get("@id-v2"))))
            if value
        },
        occurrence_count=len(variants) or None,
        tags=[text for text in (words(threat),) if text],
        unmapped={key: value for key, value in issue.items() if key not in _MAPPED and value},
    )


def _vector(said: dict[str, Any]) -> str | None:
    """Return the vector; before version 10 its base, temporal and environmental metrics stand apart."""
    whole = next(iter(listed(said.get("vector"))), None)
    parts = [words(said.get(f"{part}-vector")) for part in ("base", "temporal", "environmental")]
    return words(whole) or "/".join(part for part in parts if part) or None


def _fix(remedy: dict[str, Any], advice: list[str]) -> Fix | None:
    action = words(remedy.get("name"))
    if action is None and not advice:
        return None
    told = "\n".join([action, *advice] if action else advice)
    return construct(Fix, {"recommendation": told, "action": action, "effort": words(remedy.get("priority"))})


def _difference(variant: dict[str, Any]) -> str | None:
    found = [
        f"{words(each.get('@difference-element'))} {words(each.get('@name'))}: "
        f"{words(each.get('@original')) or ''} -> {words(each.get('@altered')) or ''}"
        for each in map(obj, listed(obj(variant.get("differences")).get("item")))
    ]
    return "\n".join(found) or None


def _location(issue: dict[str, Any], report: Report) -> UrlLocation | CodeLocation | None:
    if report.code and (path := words(issue.get("source-file") or issue.get("location"))):
        return construct(CodeLocation, {"path": path, "start_line": words(issue.get("line"))})
    entity = obj(report.find("entity", issue.get("entity")))
    url = words(obj(report.find("url", issue.get("url"))).get("name")) or words(entity.get("url-name"))
    if url is None:
        return None
    kind = (words(entity.get("entity-type")) or "").lower()
    is_part = kind not in {"", "page"}
    return construct(
        UrlLocation,
        {
            "url": url,
            "method": words(obj(issue.get("url")).get("@original_request_method")),
            "parameter": words(entity.get("name")) if is_part else None,
            "parameter_in": next((place for name, place in _PLACES.items() if name in kind), None),
        },
    )
