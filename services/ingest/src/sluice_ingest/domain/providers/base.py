"""What a webhook provider does: check a delivery while its body passes by, and say what the body is about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sluice_ingest.domain.source import Source


class Delivery(Protocol):
    """One delivery whose body is arriving."""

    @property
    def delivery_id(self) -> str | None:
        """What names this delivery; one that comes again under the same name is taken once."""
        ...

    def update(self, chunk: bytes, /) -> None:
        """Take the next bytes of the body, exactly as they are on the wire."""
        ...

    def verify(self) -> None:
        """Raise Refused unless the whole body was sent by whoever knows the secret."""
        ...


class Provider(Protocol):
    """A kind of sender. One file in this package each."""

    @property
    def name(self) -> str:
        """The provider's part of the address."""
        ...

    def open(self, source: Source, secret: bytes, headers: Mapping[str, str], now: datetime) -> Delivery:
        """Begin to check a delivery; `headers` has lower-case names.

        Raises Refused when the headers alone show that it cannot be genuine.
        """
        ...

    def describe(self, source: Source, document: object) -> dict[str, str]:
        """Return the parameters of the push (as in :data:`submission.PARAMETERS`).

        `document` is the body as JSON when ``source.reads_body``, else None. Raises Refused (payload_unusable).
        """
        ...
