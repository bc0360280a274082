"""The feeds: EPSS as FIRST publishes it (CSV) and CISA's KEV catalogue (JSON), each taken whole or not at all."""

import csv
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

_CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_HEADER = re.compile(r"#model_version:([^,\s]+),score_date:(\S+)")
_LEAST_SHARE = 0.8


class FeedName(StrEnum):
    """Which feed."""

    EPSS = "epss"
    KEV = "kev"


class RefusedFeedError(Exception):
    """A feed is refused whole; ``reason`` is from a closed set, since it is a metric's label."""

    def __init__(
        self, reason: Literal["too_large", "truncated", "empty", "malformed", "impossible", "older"], detail: str
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Edition:
    """Which edition of a feed it is."""

    version: str
    released_at: datetime


@dataclass(frozen=True, slots=True)
class EpssFeed:
    """Probabilities of exploitation within 30 days, and their percentiles (both 0-1), by CVE."""

    edition: Edition
    scores: dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class KnownExploited:
    """An entry of KEV."""

    added: date
    due: date
    ransomware: bool


@dataclass(frozen=True, slots=True)
class KevFeed:
    """What is known to be exploited, by CVE."""

    edition: Edition
    entries: dict[str, KnownExploited]


def unpack(body: bytes, most: int) -> bytes:
    """Return the body, without gzip if it has it; raises RefusedFeedError above ``most`` bytes, or when cut off."""
    if body.startswith(_GZIP):
        unpacker = zlib.decompressobj(_GZIP_WINDOW)
        try:
            body = unpacker.decompress(body, most + 1)
        except zlib.error as error:
            raise RefusedFeedError("malformed", f"it is no gzip file: {error}") from error
        if len(body) <= most and not unpacker.eof:
            raise RefusedFeedError("truncated", "the gzip file ends too early")
    if len(body) > most:
        raise RefusedFeedError("too_large", f"it has more than {most} bytes")
    return body


def parse_epss(body: bytes) -> EpssFeed:
    """Read FIRST's CSV: `#model_version:…,score_date:…`, then `cve,epss,percentile`. Raises RefusedFeedError."""
    text = _text(body)
    first, _, rest = text.partition("\n")
    header = _HEADER.fullmatch(first.strip())
    if header is None:
        raise RefusedFeedError("malformed", "its first line is not `#model_version:…,score_date:…`")
    if not text.endswith("\n"):
        raise RefusedFeedError("truncated", "its last line has no end")
    rows = csv.reader(rest.splitlines())
    if next(rows, None) != ["cve", "epss", "percentile"]:
        raise RefusedFeedError("malformed", "its second line is not `cve,epss,percentile`")
    scores: dict[str, tuple[float, float]] = {}
    for number, row in enumerate(rows, start=3):
        cve, *score = _epss_row(row, number)
        if cve in scores:
            raise RefusedFeedError("impossible", f"line {number}: {cve} is there twice")
        scores[cve] = (score[0], score[1])
    if not scores:
        raise RefusedFeedError("empty", "it has no scores")
    return EpssFeed(Edition(header[1], _moment(header[2])), scores)


def parse_kev(body: bytes) -> KevFeed:
    """Read CISA's JSON. Raises RefusedFeedError."""
    try:
        catalogue = _KEV.validate_json(_text(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        cut = first["type"] == "json_invalid"
        raise RefusedFeedError("truncated" if cut else "malformed", f"{place}: {first['msg']}".lstrip(": ")) from error
    if not catalogue.vulnerabilities:
        raise RefusedFeedError("empty", "it has no vulnerabilities")
    if catalogue.count != len(catalogue.vulnerabilities):
        raise RefusedFeedError(
            "truncated", f"it says that it has {catalogue.count} entries, and has {len(catalogue.vulnerabilities)}"
        )
    entries: dict[str, KnownExploited] = {}
    for entry in catalogue.vulnerabilities:
        if not _CVE.fullmatch(entry.cve) or entry.cve in entries:
            raise RefusedFeedError("impossible", f"'{entry.cve[:40]}' is no CVE, or is there twice")
        if entry.added > catalogue.released.date() or entry.due < entry.added:
            raise RefusedFeedError("impossible", f"{entry.cve}: added {entry.added}, due {entry.due}")
        entries[entry.cve] = KnownExploited(entry.added, entry.due, entry.ransomware == "Known")
    return KevFeed(Edition(catalogue.version, catalogue.released), entries)


def check_progress(edition: Edition, entries: int, known: Edition | None, known_entries: int, now: datetime) -> bool:
    """Tell whether the edition is another one than what is known; raises RefusedFeedError when it goes backwards."""
    if edition.released_at.date() > now.astimezone(UTC).date():
        raise RefusedFeedError("impossible", f"it is of {edition.released_at.date()}, which is still to come")
    if known is None:
        return True
    if edition.released_at < known.released_at:
        raise RefusedFeedError("older", f"it is of {edition.released_at}, and that of {known.released_at} is known")
    if entries < _LEAST_SHARE * known_entries:
        raise RefusedFeedError("truncated", f"it has {entries} entries, and the one before had {known_entries}")
    return edition != known


class _KevEntry(BaseModel):
    model_config = ConfigDict(extra="ignore")

    cve: str = Field(alias="cveID")
    added: date = Field(alias="dateAdded")
    due: date = Field(alias="dueDate")
    ransomware: str = Field(alias="knownRansomwareCampaignUse", default="Unknown")


class _KevCatalogue(BaseModel):
    model_config = ConfigDict(extra="ignore")

    version: str = Field(alias="catalogVersion", min_length=1, max_length=100)
    released: AwareDatetime = Field(alias="dateReleased")
    count: int
    vulnerabilities: list[_KevEntry]


_KEV: Any = TypeAdapter(_KevCatalogue)


def _text(body: bytes) -> str:
    if not body.strip():
        raise RefusedFeedError("empty", "there is nothing in it")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedFeedError("malformed", "it is not UTF-8 text") from error


def _epss_row(row: list[str], line: int) -> tuple[str, float, float]:
    if len(row) != len(("cve", "epss", "percentile")):
        raise RefusedFeedError("truncated", f"line {line} has {len(row)} columns instead of 3")
    try:
        score, percentile = float(row[1]), float(row[2])
    except ValueError as error:
        raise RefusedFeedError("malformed", f"line {line}: a score is no number") from error
    if not _CVE.fullmatch(row[0]) or not 0 <= score <= 1 or not 0 <= percentile <= 1:
        raise RefusedFeedError("impossible", f"line {line}: '{row[0][:40]}' {score} {percentile}")
    return row[0], score, percentile


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusedFeedError("malformed", f"score_date is no time: '{text[:40]}'") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
