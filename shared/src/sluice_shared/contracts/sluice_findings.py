"""Sluice findings JSON, version 1: the format in which anything can report findings of its own.

``{"sluice": 1, "scanner": {"id": "house-audit"}, "scan": {}, "findings": [{"title": "…", "severity": "high"}]}``. A
finding has the fields of an :class:`Observation`, by the same names and of the same types; only ``title`` must be
there. What has no such field is kept as it is. A reader of version 1 takes every report that says ``"sluice": 1``:
fields are only ever added; a change that is more than that is another version.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from sluice_shared.contracts.base import UtcTime
from sluice_shared.contracts.finding import Confidence, Kind, Observation, Severity

FINDINGS_FILE = "sluice-findings.v1.schema.json"
"""The name under which the format's JSON Schema is published."""

_OF_THE_REPORT = frozenset({"scanner", "scanner_name", "scanner_version", "format"})
_NAME = r"^[a-z0-9][a-z0-9_.-]{0,63}$"


def _lower(word: Any) -> Any:
    return word.strip().lower() if isinstance(word, str) else word


class _Written(BaseModel):
    """A part of the format; further keys are allowed."""

    model_config = ConfigDict(extra="allow")


class ReportingScanner(_Written):
    """Who reports: its id keeps its findings apart from those of other scanners of an asset."""

    id: str = Field(pattern=_NAME, description="Lower case, stable over versions: house-audit")
    name: str | None = Field(default=None, description="As people call it")
    version: str | None = None


class ReportedScan(_Written):
    """What the report says about its run."""

    category: str = Field(default="", description="Keeps several scans of one scanner over one asset apart")
    scanned_at: UtcTime | None = None
    complete: bool = Field(default=True, description="False for a part only: what is not shown is then not closed")
    successful: bool = Field(default=True, description="False when the scanner failed: nothing is then closed")
    failure: str | None = Field(default=None, description="Why it failed")
    commit: str | None = None
    ref: str | None = None


def _fields() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, info in Observation.model_fields.items():
        if name not in _OF_THE_REPORT:
            found[name] = (info.annotation, FieldInfo.merge_field_infos(info))
    found["title"] = (str, Field(min_length=1))
    found["rule_id"] = (
        str | None,
        Field(default=None, description="Stable name of the check; made of the title if absent"),
    )
    found["kind"] = (Annotated[Kind, BeforeValidator(_lower)], Field(default=Kind.OTHER))
    found["severity"] = (
        Annotated[Severity, BeforeValidator(_lower)],
        Field(default=Severity.UNKNOWN),
    )
    found["confidence"] = (Annotated[Confidence, BeforeValidator(_lower)], Field(default=Confidence.UNKNOWN))
    for name in ("first_detected_at", "last_detected_at", "published_at"):
        found[name] = (UtcTime | None, Field(default=None))
    found["secret_value"] = (
        str | None,
        Field(
            default=None, description="A leaked secret itself: becomes secret.digest and secret.preview, never stored"
        ),
    )
    return found


ReportedFinding: type[BaseModel] = create_model(
    "ReportedFinding",
    __base__=_Written,
    __doc__="One finding: the fields of an observation, of which only the title must be there.",
    **_fields(),
)


class SluiceFindings(_Written):
    """A report in Sluice findings JSON, version 1."""

    sluice: Literal[1] = Field(description="Version of the format")
    scanner: ReportingScanner
    scan: ReportedScan = Field(default_factory=ReportedScan)
    findings: list[ReportedFinding]
