"""The shape of a mapping file around its maps, whose fields are read by ``maps`` and ``expressions``."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from sluice_normaliser.kit.path import parse_path
from sluice_shared.contracts.finding import Kind


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _path(words: str) -> str:
    parse_path(words)
    return words


def _pattern(words: str) -> str:
    try:
        re.compile(words)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return words


PathText = Annotated[str, AfterValidator(_path)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Names = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Container = Literal["json", "jsonl", "xml", "csv"]


class Detect(_Strict):
    """How a report is recognised; which of the fields a container knows is checked with the format."""

    root: str | None = None
    namespace: Pattern | None = None
    has: list[PathText] = Field(default_factory=list)
    any_of: list[str] = Field(default_factory=list)
    lacks: list[str] = Field(default_factory=list)
    only: list[str] = Field(default_factory=list)
    match: dict[PathText, Pattern] = Field(default_factory=dict)
    columns: list[str] = Field(default_factory=list)
    weight: float = Field(default=0.0, ge=0, le=100)


class FormatFile(_Strict):
    """One format of the scanner: see ``Format``."""

    name: str | None = Field(default=None, min_length=1, max_length=64)
    container: Container | list[Container] = "json"
    detect: Detect
    scan: dict[str, Any] = Field(default_factory=dict)
    records: PathText | None = None
    maps: list[dict[str, Any]] = Field(min_length=1)

    @property
    def containers(self) -> tuple[Container, ...]:
        """All containers the format may come in."""
        return tuple(self.container) if isinstance(self.container, list) else (self.container,)


class MappingFile(_Strict):
    """One scanner of one's own: see ``ScannerSpec``."""

    name: Names
    title: str = Field(min_length=1, max_length=200)
    kinds: list[Kind] = Field(default_factory=list)
    scanner: Names | None = None
    aliases: list[str] = Field(default_factory=list)
    homepage: str | None = None
    setup: str = ""
    trivial: dict[Literal["", "[]", "{}", "null", "[[]]", "[{}]", '""'], str] = Field(default_factory=dict)
    counts_passed: bool = False
    formats: list[FormatFile] = Field(min_length=1)

    @field_validator("trivial")
    @classmethod
    def _meant(cls, given: dict[str, str]) -> dict[str, str]:
        for body, meaning in given.items():
            if not meaning:
                raise ValueError(f"say what {body!r} means: clean, failed, or why it is refused")
        return given
