"""What a client says about a report it hands in, checked before anything is read or stored."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_shared.contracts.assets import AssetKeyError, asset_id, parse_asset_key
from sluice_shared.contracts.base import as_utc
from sluice_shared.contracts.events import EvidenceType

DEFAULT_REF = "default"
MAX_CLOCK_SKEW = timedelta(minutes=5)
MAX_TEXT = 255
MAX_COMMIT = 128

PARAMETERS = ("asset", "ref", "commit", "scanner", "category", "complete", "scanned_at", "filename")
"""The query parameters of a push; any other is a mistake, for example ``complet=false``, that must not pass unseen."""

EVIDENCE_PARAMETERS = ("type", "asset", "ref", "commit", "made_at", "filename")
"""The same of a push of evidence."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SCANNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,63}")
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_MOMENT = TypeAdapter(datetime)


@dataclass(frozen=True, slots=True)
class Submission:
    """The scope and the circumstances of one report."""

    asset: str
    ref: str = DEFAULT_REF
    commit: str | None = None
    scanner: str | None = None
    category: str = ""
    complete: bool = True
    scanned_at: datetime | None = None
    filename: str | None = None
    evidence: EvidenceType | None = None

    @property
    def asset_id(self) -> UUID:
        """The id that every service computes for the asset."""
        return asset_id(self.asset)

    def fingerprint(self, body_sha256: str) -> str:
        """Return the SHA-256, hex, of what makes two submissions the same: all but the file's name, and the body.

        The parts are length-prefixed, so that no two different tuples give the same bytes.
        """
        digest = hashlib.sha256()
        scanned_at = None if self.scanned_at is None else self.scanned_at.isoformat()
        texts = (self.asset, self.ref, self.commit, self.scanner, self.category, str(self.complete), scanned_at)
        kind = () if self.evidence is None else (self.evidence.value,)
        for text in (*texts, body_sha256, *kind):
            data = b"" if text is None else text.encode()
            digest.update((-1 if text is None else len(data)).to_bytes(4, "big", signed=True) + data)
        return digest.hexdigest()


def read_submission(given: Mapping[str, str], *, now: datetime) -> Submission:
    """Check the parameters of a push, given as text by name, and return what they say.

    An empty value counts as not given. Raises Refused (bad_asset, bad_parameter) with what to write instead.
    """
    values = _known(given, PARAMETERS)
    return Submission(
        asset=check_asset(values.get("asset")),
        ref=values.get("ref", DEFAULT_REF),
        commit=_commit(values.get("commit")),
        scanner=_scanner(values.get("scanner")),
        category=values.get("category", ""),
        complete=_flag("complete", values.get("complete")),
        scanned_at=_moment("scanned_at", values.get("scanned_at"), now),
        filename=values.get("filename"),
    )


def read_evidence(given: Mapping[str, str], *, now: datetime) -> Submission:
    """Check the parameters of a push of evidence, and return what they say.

    An empty value counts as not given. Raises Refused (bad_asset, bad_parameter) with what to write instead.
    """
    values = _known(given, EVIDENCE_PARAMETERS)
    types = [kind.value for kind in EvidenceType]
    if values.get("type") not in types:
        problem = f"is '{values['type'][:40]}'" if "type" in values else "is missing"
        raise bad_parameter("type", f"{problem}; write one of {', '.join(types)}")
    return Submission(
        asset=check_asset(values.get("asset")),
        ref=values.get("ref", DEFAULT_REF),
        commit=_commit(values.get("commit")),
        scanned_at=_moment("made_at", values.get("made_at"), now),
        filename=values.get("filename"),
        evidence=EvidenceType(values["type"]),
    )


def check_asset(text: str | None) -> str:
    """Return the asset key, or raise Refused (bad_asset) that says what one looks like."""
    if not text:
        raise Refused(
            Refusal.BAD_ASSET,
            "The parameter 'asset' is missing; say which asset the report is about, for example "
            "?asset=repo:github.com/acme/shop",
            parameter="asset",
        )
    try:
        parse_asset_key(text)
    except AssetKeyError as error:
        raise Refused(Refusal.BAD_ASSET, str(error), parameter="asset") from error
    return text


def bad_parameter(name: str, problem: str) -> Refused:
    """Return the refusal of a parameter; `problem` continues the sentence after its name."""
    return Refused(Refusal.BAD_PARAMETER, f"The parameter '{name[:80]}' {problem}", parameter=name[:80])


def _known(given: Mapping[str, str], parameters: tuple[str, ...]) -> dict[str, str]:
    """Return the values that are given; raises Refused (bad_parameter) for a name or a text that cannot be meant."""
    unknown = sorted(set(given) - set(parameters))
    if unknown:
        raise bad_parameter(unknown[0], f"is not known; the parameters are {', '.join(parameters)}")
    values = {name: text.strip() for name, text in given.items() if text.strip()}
    for name, text in values.items():
        _check_text(name, text)
    return values


def _check_text(name: str, text: str) -> None:
    if _UNPRINTABLE.search(text):
        raise bad_parameter(name, "holds control characters; write plain text")
    if name != "asset" and len(text) > MAX_TEXT:
        raise bad_parameter(name, f"is {len(text)} characters long; at most {MAX_TEXT} are allowed")


def _commit(text: str | None) -> str | None:
    if text is not None and (len(text) > MAX_COMMIT or any(c.isspace() for c in text)):
        raise bad_parameter("commit", f"is no commit id: write at most {MAX_COMMIT} characters without white space")
    return text


def _scanner(text: str | None) -> str | None:
    if text is not None and not _SCANNER.fullmatch(text):
        raise bad_parameter(
            "scanner",
            "is no scanner's name: letters, digits, '.', '_', '+', '-' and blanks, at most 64; "
            "write for example scanner=trivy, or leave it out and it is recognised from the report",
        )
    return text


def _flag(name: str, text: str | None) -> bool:
    if text is None or text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise bad_parameter(name, f"is '{text[:40]}'; write true or false")


def _moment(name: str, text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        # In a query string an unescaped '+' of a time zone arrives as a blank.
        moment = as_utc(_MOMENT.validate_python(re.sub(r" (?=\d\d:?\d\d$)", "+", text)))
    except (ValidationError, OverflowError) as error:
        raise bad_parameter(
            name, f"is '{text[:40]}', which is no time; write ISO 8601, for example 2026-03-01T12:00:00Z"
        ) from error
    if moment > now + MAX_CLOCK_SKEW:
        raise bad_parameter(
            name,
            f"is {moment.isoformat()}, which is in the future (it is {now.isoformat(timespec='seconds')} here); "
            "check the clock and the time zone of the scanning machine",
        )
    if moment.year < 1990:  # noqa: PLR2004 - before the first scanner
        raise bad_parameter(name, f"is {moment.isoformat()}; a number of seconds must count from 1970")
    return moment
