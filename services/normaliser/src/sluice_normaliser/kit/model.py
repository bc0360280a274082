"""What parsing takes and gives: reports, scans, and the one error."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sluice_shared.contracts.events import RejectReason
from sluice_shared.contracts.finding import Observation


class ReportError(Exception):
    """The report cannot be taken; the only exception that parsing raises.

    ``reason`` is from the closed set that is also a metric's label; ``detail`` says what is wrong, where in the file,
    and what to do about it.
    """

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type["ReportError"], tuple[RejectReason, str]]:
        # Parsing happens in a worker process: the error must survive the way back.
        return ReportError, (self.reason, self.detail)


@dataclass(slots=True)
class ParsedScan:
    """One scan in a report: whose it is, what it says about itself, and its observations in report order.

    ``successful`` is False when the scanner itself says that it failed; ``failure`` is then its own words. Such a scan
    still shows what it shows, but what it does not show is not gone. ``passed`` counts checks that the scanner lists
    only to say that they hold.
    """

    scanner: str
    scanner_name: str | None = None
    scanner_version: str | None = None
    category: str = ""
    scanned_at: datetime | None = None
    complete: bool = True
    successful: bool = True
    failure: str | None = None
    commit: str | None = None
    ref: str | None = None
    observations: list[Observation] = field(default_factory=list)
    passed: int = 0


@dataclass(slots=True)
class ParsedReport:
    """A whole report: ``format`` is the name of the format it came in, ``scanner`` the name of its folder.

    ``lacks`` names what it would need to be in that format for certain, when only the scanner's name told that it is.
    """

    format: str
    scanner: str
    scans: list[ParsedScan] = field(default_factory=list)
    lacks: tuple[str, ...] = ()

    @property
    def observations(self) -> list[Observation]:
        """All observations, in report order."""
        return [observation for scan in self.scans for observation in scan.observations]

    def __iter__(self) -> Iterator[ParsedScan]:
        return iter(self.scans)


@dataclass(slots=True)
class ParseContext:
    """What the parser is told from outside.

    ``secret_key`` keys the digests of secrets; ``scanner`` is the scanner asked for, else it is recognised from the
    content; ``filename`` is used in messages and to break ties; ``asset`` is the asset key the report was pushed for.
    """

    secret_key: bytes
    filename: str | None = None
    scanner: str | None = None
    asset: str | None = None
