"""Any sender that can sign with a shared secret: a plain HMAC in one header, or Standard Webhooks."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from sluice_ingest.domain.pointer import PointerError, Template, find
from sluice_ingest.domain.providers.base import Delivery
from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.source import Signature, Source

_SECRET_PREFIX = "whsec_"  # noqa: S105 - how Standard Webhooks marks a secret
_VERSION = "v1,"


class SignedDelivery:
    """A delivery whose body is checked against HMAC-SHA-256 signatures; any one of them may match."""

    def __init__(self, key: bytes, prefix: bytes, signatures: list[bytes], delivery_id: str | None) -> None:
        self._mac = hmac.new(key, prefix, hashlib.sha256)
        self._signatures = signatures
        self.delivery_id = delivery_id

    def update(self, chunk: bytes, /) -> None:
        """Take the next bytes of the body."""
        self._mac.update(chunk)

    def verify(self) -> None:
        """Compare in constant time; raises Refused (signature_wrong)."""
        digest = self._mac.digest()
        # Every signature is compared, whichever matches.
        if not sum(hmac.compare_digest(digest, signature) for signature in self._signatures):
            raise Refused(
                Refusal.SIGNATURE_WRONG,
                "The signature does not match the body: sender and Sluice must hold the same secret, and the "
                "signature must cover the body exactly as it is sent",
            )


class GenericProvider:
    """`POST /v1/webhooks/generic/{source}`."""

    name = "generic"

    def open(self, source: Source, secret: bytes, headers: Mapping[str, str], now: datetime) -> Delivery:
        """Read signature, time and delivery id from the headers."""
        if source.signature is Signature.STANDARD_WEBHOOKS:
            return _open_standard(source, secret, headers, now)
        return _open_plain(source, secret, headers, now)

    def describe(self, source: Source, document: object) -> dict[str, str]:
        """Fill the source's templates from the body."""
        try:
            texts = {
                "asset": _asset(source, document),
                "ref": source.ref and Template(source.ref).fill(document),
                "commit": source.commit and Template(source.commit).fill(document),
                "category": source.category and Template(source.category).fill(document),
                "scanner": source.scanner,
                "complete": str(source.complete).lower(),
            }
        except PointerError as error:
            raise Refused(
                Refusal.PAYLOAD_UNUSABLE, f"The source '{source.name}' expects another body: {error}"
            ) from error
        return {name: text for name, text in texts.items() if text}


def _asset(source: Source, document: object) -> str:
    if source.asset_pointer is None:
        return Template(source.asset or "").fill(document)
    asset = find(document, source.asset_pointer)
    if not asset:
        raise PointerError(f"the body has nothing at {source.asset_pointer}")
    return asset


def _open_plain(source: Source, secret: bytes, headers: Mapping[str, str], now: datetime) -> Delivery:
    text = _header(headers, source.header)
    try:
        signature = binascii.unhexlify(text.removeprefix("sha256="))
    except ValueError as error:
        raise Refused(
            Refusal.SIGNATURE_WRONG, f"The header {source.header} is not hexadecimal; send sha256=<64 hex digits>"
        ) from error
    delivery_id = _header(headers, source.delivery_id_header) if source.delivery_id_header else None
    if source.timestamp_header is None:
        return SignedDelivery(secret, b"", [signature], delivery_id)
    stamp = _header(headers, source.timestamp_header)
    _check_time(stamp, source.tolerance, now)
    # Time and body are signed together, so the signature names the delivery where nothing else does.
    return SignedDelivery(secret, stamp.encode() + b".", [signature], delivery_id or signature.hex())


def _open_standard(source: Source, secret: bytes, headers: Mapping[str, str], now: datetime) -> Delivery:
    message_id, stamp = _header(headers, "webhook-id"), _header(headers, "webhook-timestamp")
    given = _header(headers, "webhook-signature").split()
    _check_time(stamp, source.tolerance, now)
    signatures = [_from_base64(text.removeprefix(_VERSION)) for text in given if text.startswith(_VERSION)]
    prefix = f"{message_id}.{stamp}.".encode()
    return SignedDelivery(_standard_key(source, secret), prefix, signatures, message_id)


def _standard_key(source: Source, secret: bytes) -> bytes:
    try:
        return base64.b64decode(secret.decode().removeprefix(_SECRET_PREFIX), validate=True)
    except ValueError as error:
        raise Refused(
            Refusal.SOURCE_NOT_READY,
            f"The secret of the source '{source.name}' is not of the form whsec_<base64>; the operator has to set it",
        ) from error


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name.lower(), "").strip()
    if not value:
        raise Refused(Refusal.SIGNATURE_MISSING, f"The header {name} is missing; this source is set up to send it")
    return value


def _check_time(stamp: str, tolerance: float, now: datetime) -> None:
    try:
        sent = datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Refused(
            Refusal.TIMESTAMP_REFUSED, "The signed time is no number of seconds since 1970; send for example 1767225600"
        ) from error
    off = (now - sent).total_seconds()
    if abs(off) > tolerance:
        raise Refused(
            Refusal.TIMESTAMP_REFUSED,
            f"The delivery was signed {abs(off):.0f} s {'ago' if off > 0 else 'in the future'}, and {tolerance:.0f} s "
            "are allowed; it may be a replay, or a clock is wrong: send it again with a new signature",
        )
