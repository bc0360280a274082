"""SonarQube's generic format for issues of other tools, which many linters write."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Reading, ScannerSpec, construct, grade
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.scanners._lint import about
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation

_SETUP = """
Any tool that writes SonarQube's generic issues, of the older form or with `rules`:
```sh
njsscan --sonarqube -o issues.json .
sluice push issues.json --asset repo:github.com/acme/shop --category njsscan
```
Give each tool a category of its own.
"""
# What an impact on a software quality says, from the most to the least that a security team asks for.
_QUALITIES = ("SECURITY", "RELIABILITY", "MAINTAINABILITY")
_GRADES = "sonarqube"


def _place(said: Any) -> CodeLocation | None:
    place = obj(said)
    path, span = words(place.get("filePath")), obj(place.get("textRange"))
    if path is None:
        return None
    return construct(
        CodeLocation,
        {
            "path": path,
            "start_line": span.get("startLine"),
            "end_line": span.get("endLine"),
            "start_column": span.get("startColumn"),
            "end_column": span.get("endColumn"),
        },
    )


def _impact(issue: dict[str, Any], rule: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return the foremost quality that is hurt, and how badly."""
    listed = {words(each.get("softwareQuality")): words(each.get("severity")) for each in objs(issue.get("impacts"))}
    listed = listed or {words(e.get("softwareQuality")): words(e.get("severity")) for e in objs(rule.get("impacts"))}
    return next(((quality, listed[quality]) for quality in _QUALITIES if quality in listed), (None, None))


def _kind(type_: str | None, quality: str | None, rule_id: str | None, message: str | None) -> Kind:
    if "secret" in (rule_id or "").lower():
        return Kind.SECRET
    if quality == "SECURITY" or type_ in ("VULNERABILITY", "SECURITY_HOTSPOT"):
        return Kind.SAST
    return Kind.QUALITY if type_ or quality else about(rule_id, message)


def _issues(document: Any, reading: Reading) -> Iterator[Observation]:
    rules = {(words(each.get("engineId")), words(each.get("id"))): each for each in objs(obj(document).get("rules"))}
    by_id = {rule_id: each for (_, rule_id), each in rules.items()}
    for issue in objs(obj(document).get("issues")):
        rule_id = words(issue.get("ruleId"))
        rule = rules.get((words(issue.get("engineId")), rule_id)) or by_id.get(rule_id) or {}
        engine = words(issue.get("engineId")) or words(rule.get("engineId"))
        type_ = words(issue.get("type")) or words(rule.get("type"))
        quality, impact = _impact(issue, rule)
        said = words(issue.get("severity")) or words(rule.get("severity"))
        primary = obj(issue.get("primaryLocation"))
        message = words(primary.get("message"))
        about_rule = words(rule.get("description"))
        yield reading.observe(
            kind=_kind(type_, quality, rule_id, message),
            rule_id=rule_id,
            rule_name=words(rule.get("name")),
            title=message or words(rule.get("name")),
            message=message,
            description=about_rule,
            severity=grade(said, _GRADES) if said else grade(impact),
            identifiers=[rule_id, message, about_rule],
            location=_place(primary),
            related_locations=[place for place in map(_place, objs(issue.get("secondaryLocations"))) if place],
            tags=[each for each in (engine, type_, quality, words(rule.get("cleanCodeAttribute"))) if each],
            unmapped={name: issue[name] for name in ("effortMinutes",) if name in issue},
        )


SPEC = ScannerSpec(
    name="sonarqube_issues",
    title="SonarQube generic issues (any linter)",
    kinds=(Kind.SAST, Kind.QUALITY, Kind.SECRET),
    aliases=("sonarqube-generic", "sonar-generic-issues", "external-issues"),
    homepage="https://docs.sonarsource.com/sonarqube-server/latest/analyzing-source-code/importing-external-issues/",
    setup=_SETUP,
    formats=(
        Format(
            name="sonarqube-generic-issues",
            container="json",
            detect=JsonShape(
                root="object",
                has=("issues[].ruleId", "issues[].primaryLocation.filePath"),
                any_of=("issues[].engineId", "rules[].engineId"),
                weight=-1,  # a tool's own rule for its issues is closer
            ),
            parse=_issues,
        ),
        Format(
            name="sonarqube-generic-issues-none",
            container="json",
            detect=JsonShape(
                root="object",
                has=("rules", "issues"),
                lacks=("issues[]", "components", "total"),
                only=("rules", "issues"),
            ),
            parse=_issues,
        ),
    ),
)
