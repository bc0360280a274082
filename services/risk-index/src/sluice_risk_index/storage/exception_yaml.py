"""Exceptions in the form of their files."""

from collections.abc import Iterable
from typing import Any

from sluice_risk_index.domain.exceptions import Exemption
from sluice_shared.config import write_yaml


def as_file(entries: Iterable[Exemption]) -> str:
    """Return the text of a file that holds these exceptions; empty for none."""
    return write_yaml([_document(entry) for entry in entries])


def _document(entry: Exemption) -> dict[str, Any]:
    values = entry.model_dump(by_alias=True, exclude_none=True)
    selector = entry.selector.model_dump(mode="json", by_alias=True, exclude_none=True)
    values |= {"selector": selector, "controls": list(entry.controls)}
    return {name: value for name, value in values.items() if value != []}
