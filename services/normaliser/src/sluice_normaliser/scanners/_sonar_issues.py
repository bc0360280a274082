"""SonarQube's generic issue data, in which several tools write for an import there: old and new."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, by, call, code, each, peek
from sluice_normaliser.kit.shapes import objs, words
from sluice_shared.contracts.finding import Kind


def _of_rule(field: str) -> call:
    """Return a field of the rule of an issue; rules stand apart since SonarQube 10.3."""

    def find(rule: Any, rules: Any) -> str | None:
        name = words(rule)
        return next((words(each_.get(field)) for each_ in objs(rules) if words(each_.get("id")) == name), None)

    return call(find, "ruleId", peek("$.rules"))


def _span(at: str, **more: Any) -> Any:
    return code(
        path=f"{at}filePath",
        start_line=f"{at}textRange.startLine",
        start_column=f"{at}textRange.startColumn",
        end_line=f"{at}textRange.endLine",
        end_column=f"{at}textRange.endColumn",
        **more,
    )


GRADES = (by("severity", "sonarqube"), by(_of_rule("severity"), "sonarqube"))
"""The severity of an issue, as SonarQube means it; since 10.3 its rule has it."""


def sonar_formats(
    scanner: str, engine: str, kind: Any = Kind.SAST, *, rule: Any = "ruleId", severity: Any = GRADES, **more: Any
) -> tuple[Format, Format]:
    """Return the two formats of a scanner whose ``engineId`` is like the pattern ``engine``.

    ``kind`` is a ``Kind`` or an expression, ``rule`` the rule's id where the tool's own format gives it another one,
    ``severity`` that of a tool that means something else by SonarQube's; ``more`` are further fields of the map.
    """
    issues = Map(
        each="issues[]",
        kind=kind,
        rule_id=rule,
        rule_name=_of_rule("name"),
        title="primaryLocation.message",
        message="primaryLocation.message",
        description=_of_rule("description"),
        severity=severity,
        location=_span("primaryLocation."),
        related_locations=each("secondaryLocations[]", _span("", message="message")),
        tags=("type",),
        ignore=("engineId", "effortMinutes"),
        **more,
    )
    old = Format(
        name=f"{scanner}-sonarqube",
        container="json",
        detect=JsonShape(root="object", has=("issues",), match={"issues[].engineId": engine}),
        maps=(issues,),
    )
    new = Format(
        name=f"{scanner}-sonarqube-10",
        container="json",
        detect=JsonShape(root="object", has=("issues", "rules"), match={"rules[].engineId": engine}),
        maps=(issues,),
    )
    return old, new
