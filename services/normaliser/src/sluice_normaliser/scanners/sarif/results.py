"""One SARIF result (§3.27) as one observation."""

from typing import Any

from sluice_normaliser.kit import Grade, RawSecret, Reading, grade
from sluice_normaliser.kit.coerce import integer, number, strings
from sluice_normaliser.kit.construct import construct
from sluice_normaliser.kit.identifiers import merge
from sluice_normaliser.kit.reading import limit_snippet
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.kit.times import parse_time
from sluice_normaliser.scanners.sarif.locations import Places
from sluice_normaliser.scanners.sarif.messages import resolve
from sluice_normaliser.scanners.sarif.proof import evidence_in, fix_of
from sluice_normaliser.scanners.sarif.rules import PACKAGE_KINDS, Rule, RuleBook, weaknesses_in
from sluice_normaliser.scanners.sarif.said import Said, said_by
from sluice_normaliser.scanners.sarif.software import package_of
from sluice_shared.contracts.finding import (
    CodeLocation,
    Kind,
    Location,
    Observation,
    ObservationStatus,
    Reference,
    SecretDetail,
    Severity,
    Suppression,
    UrlLocation,
)

_KINDS = {
    "pass": ObservationStatus.PASSED,
    "open": ObservationStatus.MANUAL,
    "review": ObservationStatus.MANUAL,
    "informational": ObservationStatus.INFORMATIONAL,
    "notapplicable": ObservationStatus.NOT_APPLICABLE,
}
_NOT_SUPPRESSED = frozenset({"underreview", "rejected"})
_SUPPRESSION_KINDS = {"insource": "in_source", "external": "external"}
_SUPPRESSION_STATES = {"underreview": "under_review"}
_USED = frozenset(
    {"ruleId", "ruleIndex", "rule", "kind", "level", "message", "locations", "relatedLocations", "codeFlows", "stacks"}
    | {"fixes", "suppressions", "fingerprints", "partialFingerprints", "baselineState", "rank", "occurrenceCount"}
    | {"hostedViewerUri", "workItemUris", "webRequest", "webResponse", "properties", "taxa", "provenance"}
    | {"correlationGuid", "analysisTarget"}
)
_NO_SAID = Said()
_PARTIAL = "partial/"


class Results:
    """Reads the results of one run."""

    def __init__(self, rules: RuleBook, places: Places, reading: Reading) -> None:
        self._rules, self._places, self._reading = rules, places, reading

    def observe(self, result: dict[str, Any]) -> Observation:
        """Return the observation of one result."""
        rule = self._rules.rule_of(result)
        said = said_by(result["properties"]) if result.get("properties") else _NO_SAID
        catalogues = (rule.strings, rule.component_strings)
        message = resolve(result.get("message"), *catalogues)
        level = self._level(result, rule)
        values: dict[str, Any] = {
            "kind": rule.kind,
            "rule_id": rule.id,
            "rule_name": rule.name,
            "title": rule.title or message,
            "description": rule.description,
            "message": message,
            "severity": _severity(said, rule.said, level),
            "precision": said.precision or rule.said.precision,
            "fix": fix_of(result, rule.help, self._places),
            "baseline_state": words(result.get("baselineState")),
            "rank": self._rank(result, rule),
            "occurrence_count": integer(result.get("occurrenceCount")),
            "tags": list(dict.fromkeys([*rule.said.tags, *said.tags])),
            "fingerprints": _fingerprints(result),
        }
        confidence = said.confidence or rule.said.confidence or said.precision or rule.said.precision
        if confidence:
            values["confidence"] = confidence
        self._place(result, rule, message, values, *catalogues)
        if rule.kind is Kind.SECRET:
            values["secret"] = _secret(result, rule, values.get("location"))
        self._identify(result, rule, said, values)
        self._status(result, values)
        proof = evidence_in(result, self._places)
        if proof:
            values["evidence"] = proof
        self._references(result, rule, values)
        self._times(result, values)
        rest = {key: value for key, value in result.items() if key not in _USED and value not in (None, "", [], {})}
        bags = [bag for each in objs(result.get("locations")) if (bag := obj(each.get("properties")))]
        if bags:
            rest["locations"] = bags
        if said.rest:
            rest["properties"] = said.rest
        if rule.said.rest:
            rest["rule"] = rule.said.rest
        if rest:
            values["unmapped"] = rest
        if result.get("codeFlows"):
            values["code_flows"] = self._places.flows(result, *catalogues)
        return self._reading.finish({name: value for name, value in values.items() if value is not None})

    def _level(self, result: dict[str, Any], rule: Rule) -> str:
        own = result.get("level")
        if own.__class__ is str and own:
            return str(own)
        kind = result.get("kind")
        if kind is not None and kind != "fail":
            return "none"
        return self._rules.level_of(result, rule)

    def _place(
        self, result: dict[str, Any], rule: Rule, message: str | None, values: dict[str, Any], *catalogues: Any
    ) -> None:
        places = self._places_of(result, *catalogues)
        if rule.kind in PACKAGE_KINDS:
            package = package_of(result, rule.said.tags, message, places[0] if places else None)
            if package is not None:
                places.insert(0, package)
        related = result.get("relatedLocations")
        if related.__class__ is list:
            others = [self._places.location(each, *catalogues) for each in related]
            places[1:] += [each for each in others if each is not None]
        if not places:
            return
        first = places[0]
        if isinstance(first, UrlLocation):
            first.method = words(obj(result.get("webRequest")).get("method")) or first.method
            first.status_code = integer(obj(result.get("webResponse")).get("statusCode"))
        values["location"] = first
        if len(places) > 1:
            for place in places[1:]:
                if isinstance(place, CodeLocation):
                    limit_snippet(place)
            values["related_locations"] = places[1:]

    def _places_of(self, result: dict[str, Any], *catalogues: Any) -> list[Location]:
        given = result.get("locations")
        found = [self._places.location(each, *catalogues) for each in given] if given.__class__ is list else []
        places: list[Location] = [each for each in found if each is not None]
        if not places and result.get("analysisTarget"):
            path, base = self._places.file(result["analysisTarget"])
            if path:
                places = [construct(CodeLocation, {"path": path, "uri_base": base})]
        return places

    def _identify(self, result: dict[str, Any], rule: Rule, said: Said, values: dict[str, Any]) -> None:
        named, weaknesses = rule.identifiers, rule.cwes
        taxa = self._rules.taxa(result["taxa"]) if result.get("taxa") else []
        if taxa or said.identifiers:
            named = merge([*named, *said.identifiers, *taxa])
        if said.cwes:
            weaknesses = list(dict.fromkeys([*weaknesses, *said.cwes]))
        if not weaknesses and not any(each.type == "cwe" for each in named):
            named = [*named, *weaknesses_in(values.get("message"))]
        if named:
            values["identifiers"] = list(named)
        if weaknesses:
            values["cwes"] = list(weaknesses)

    @staticmethod
    def _status(result: dict[str, Any], values: dict[str, Any]) -> None:
        kind = result.get("kind")
        if kind.__class__ is str and kind != "fail":
            values["status"] = _KINDS.get(kind.lower(), ObservationStatus.OPEN)
            values["scanner_status"] = kind
        suppressions = objs(result.get("suppressions"))
        if suppressions:
            values["suppressions"] = [_suppression(each) for each in suppressions]
            states = {(words(each.get("status") or each.get("state")) or "accepted").lower() for each in suppressions}
            if not states & _NOT_SUPPRESSED:
                values["status"] = ObservationStatus.SUPPRESSED
        if result.get("baselineState") == "absent":
            values["status"] = ObservationStatus.FIXED

    @staticmethod
    def _rank(result: dict[str, Any], rule: Rule) -> float | None:
        own = number(result.get("rank"))
        return own if own is not None and own >= 0 else rule.rank

    @staticmethod
    def _references(result: dict[str, Any], rule: Rule, values: dict[str, Any]) -> None:
        found = list(rule.references)
        viewer = words(result.get("hostedViewerUri"))
        if viewer:
            found.append(construct(Reference, {"url": viewer, "type": "report"}))
        if result.get("workItemUris"):
            found += [construct(Reference, {"url": uri, "type": "issue"}) for uri in strings(result["workItemUris"])]
        if found:
            values["references"] = found

    @staticmethod
    def _times(result: dict[str, Any], values: dict[str, Any]) -> None:
        provenance = obj(result.get("provenance"))
        if provenance:
            values["first_detected_at"] = parse_time(provenance.get("firstDetectionTimeUtc"))
            values["last_detected_at"] = parse_time(provenance.get("lastDetectionTimeUtc"))


def _severity(own: Said, rule: Said, level: str) -> Grade:
    """Return the severity: the tool's own word, else ``security-severity`` as a CVSS score, else the level.

    GitHub reads ``security-severity`` on the CVSS scale; a level alone says how sure a linter is rather than how bad it
    is, so it comes last.
    """
    if level == "none" and own.word is None and own.score is None:
        return Grade(Severity.INFO, level)
    for said in (own, rule):
        if said.word is not None:
            return said.word
        if said.score is not None:
            return grade(said.score, "cvss", "security-severity")
    return grade(level, "levels")


def _fingerprints(result: dict[str, Any]) -> dict[str, str]:
    """Return the fingerprints by name; the partial ones, which need not be unique, under ``partial/``."""
    found: dict[str, str] = {}
    for key, value in obj(result.get("partialFingerprints")).items():
        if (words_ := words(value)) is not None:
            found[_PARTIAL + key] = words_
    for key, value in obj(result.get("fingerprints")).items():
        if (words_ := words(value)) is not None:
            found[key] = words_
    correlation = words(result.get("correlationGuid"))
    if correlation:
        found["correlationGuid"] = correlation
    return found


def _secret(result: dict[str, Any], rule: Rule, location: Location | None) -> RawSecret:
    """Return the leaked secret: tools for secrets put it, or the line that holds it, into the snippet."""
    told = obj(result.get("partialFingerprints"))  # where Gitleaks tells about the commit
    detail = construct(
        SecretDetail,
        {
            "type": rule.id,
            "commit": words(told.get("commitSha")),
            "author": words(told.get("author")),
            "email": words(told.get("email")),
            "committed_at": words(told.get("date")),
        },
    )
    snippet = location.snippet if isinstance(location, CodeLocation) else None
    return RawSecret(detail, (snippet,) if snippet else ())


def _suppression(given: dict[str, Any]) -> Suppression:
    kind = (words(given.get("kind")) or "external").lower()
    status = (words(given.get("status") or given.get("state")) or "accepted").lower()
    place = obj(obj(obj(given.get("location")).get("physicalLocation")).get("artifactLocation"))
    return construct(
        Suppression,
        {
            "kind": _SUPPRESSION_KINDS.get(kind, kind),
            "status": _SUPPRESSION_STATES.get(status, status),
            "justification": words(given.get("justification")),
            "location": words(place.get("uri")),
            "author": words(obj(given.get("properties")).get("author")),
        },
    )
