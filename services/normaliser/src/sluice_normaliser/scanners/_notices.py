"""Notices that carry no findings: webhooks which only say that something can be fetched now, or that nothing was found.

They are recognised, so that whoever set up the webhook reads what it is and what to push in its place.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sluice_normaliser.kit import Format, ParsedScan, Reading, ReportError
from sluice_normaliser.kit.rules import Rule
from sluice_shared.contracts.events import RejectReason


def notice(name: str, detect: Rule, told: str | Callable[[Any], str]) -> Format:
    """Return a format that is always refused (SCHEMA); ``told`` says what it is and where the findings are."""

    def refuse(document: Any, _: Reading) -> Iterator[ParsedScan]:
        raise ReportError(RejectReason.SCHEMA, told if isinstance(told, str) else told(document))

    return Format(name=name, container="json", detect=detect, scans=refuse)
