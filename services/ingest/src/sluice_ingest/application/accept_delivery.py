"""Accept a report that a webhook delivers."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping

import orjson

from sluice_ingest.application.accept_report import Accepted, AcceptReport, Sender
from sluice_ingest.application.clock import Clock
from sluice_ingest.application.receive_body import Body, BodyReceiver
from sluice_ingest.domain.decoding import coding_of
from sluice_ingest.domain.providers import PROVIDERS, Provider
from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.source import Source
from sluice_ingest.domain.sources import Sources
from sluice_ingest.domain.submission import read_submission
from sluice_ingest.storage.config import read_secret
from sluice_shared.config import Watched

_INLINE_BYTES = 256 * 1024
_MAX_KEY = 255


class AcceptDelivery:
    """The use case; `max_json_bytes` bounds a body that has to be read as JSON to learn its asset."""

    def __init__(
        self,
        sources: Watched[Sources],
        receiver: BodyReceiver,
        accept: AcceptReport,
        clock: Clock,
        *,
        max_json_bytes: int,
    ) -> None:
        self._sources = sources
        self._receiver = receiver
        self._accept = accept
        self._clock = clock
        self._max_json_bytes = max_json_bytes

    async def __call__(
        self, provider_name: str, source_name: str, headers: Mapping[str, str], stream: AsyncIterator[bytes]
    ) -> Accepted:
        """Check the delivery while its body arrives, and accept it; `headers` has lower-case names.

        Raises Refused, Unavailable.
        """
        provider, source = self._find(provider_name, source_name)
        now = self._clock()
        delivery = provider.open(source, read_secret(source), headers, now)
        coding = coding_of(headers.get("content-encoding"))
        with self._receiver.receiving() as reception:
            body = await reception.receive(stream, coding, wire_digests=[delivery], on_wire_end=delivery.verify)
            document = await self._read(source, body) if source.reads_body else None
            submission = read_submission(provider.describe(source, document), now=now)
            if not source.covers(submission.asset):
                raise Refused(
                    Refusal.FOREIGN_ASSET,
                    f"The source '{source.name}' may speak for {', '.join(source.assets)}, and not for "
                    f"{submission.asset}; widen its assets in sources.yaml if it should",
                    assets=source.assets,
                )
            name = f"{provider.name}/{source.name}"
            key = delivery.delivery_id
            if key is not None and len(key) > _MAX_KEY:
                key = hashlib.sha256(key.encode()).hexdigest()
            return await self._accept(submission, body, Sender(f"webhook:{name}", f"webhook:{name}"), key)

    def _find(self, provider_name: str, source_name: str) -> tuple[Provider, Source]:
        provider = PROVIDERS.get(provider_name)
        if provider is None:
            known = sorted(PROVIDERS)
            raise Refused(
                Refusal.UNKNOWN_PROVIDER,
                f"There is no provider '{provider_name[:80]}'; the known ones are {', '.join(known)}",
                providers=known,
            )
        source = self._sources.value.find(provider_name, source_name)
        if source is None:
            raise Refused(
                Refusal.UNKNOWN_SOURCE,
                f"There is no source '{source_name[:80]}' of {provider_name}; it has to be named in sources.yaml",
            )
        return provider, source

    async def _read(self, source: Source, body: Body) -> object:
        if body.size > self._max_json_bytes:
            raise Refused(
                Refusal.BODY_TOO_LARGE,
                f"The source '{source.name}' finds its asset in the body, which may then have at most "
                f"{self._max_json_bytes} bytes; name the asset in sources.yaml, or raise SLUICE_MAX_WEBHOOK_JSON_BYTES",
                limit_bytes=self._max_json_bytes,
            )
        try:
            if body.size > _INLINE_BYTES:
                return await asyncio.to_thread(_parse, body)
            return _parse(body)
        except orjson.JSONDecodeError as error:
            raise Refused(
                Refusal.PAYLOAD_UNUSABLE,
                f"The source '{source.name}' finds its asset in the body, which is no JSON: {error}",
            ) from error


def _parse(body: Body) -> object:
    return orjson.loads(bytes(body.contents[:]))
