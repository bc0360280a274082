"""QARK's report, which MobSF's folder reads too when it is pushed under that name."""

from typing import Any

from sluice_normaliser.kit import Map, by, call, code, matching, resource
from sluice_shared.contracts.finding import Kind

HAS = ("[].apk_exploit_dict",)
"""What only QARK writes, and for each finding."""


def _line(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _column(value: Any) -> int | None:
    return value[1] + 1 if isinstance(value, list) and len(value) > 1 and isinstance(value[1], int) else None


FINDING = Map(
    each="[]",
    kind=Kind.MOBILE,
    rule_id="name",
    title="name",
    description="description",
    severity=by("severity", "mobsf"),
    location=code(path="file_object", start_line=call(_line, "line_number"), start_column=call(_column, "line_number")),
    related_locations=resource(resource="apk_exploit_dict.tag_name", name="apk_exploit_dict.package_name"),
    references=matching("description", r"(https?://\S+)"),
    tags="category",
)
