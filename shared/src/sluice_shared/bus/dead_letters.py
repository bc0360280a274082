"""Events that were set apart, each topic's in a stream of its own: kept, listed, replayed, dropped."""

import asyncio
import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from faststream.redis import RedisBroker
from pydantic import ValidationError

from sluice_shared.bus.client import COMMAND_TIMEOUT, Entry, StreamClient, answered
from sluice_shared.bus.delivery import Delivery
from sluice_shared.bus.publisher import Publisher
from sluice_shared.bus.wire import key_of, unpack
from sluice_shared.contracts.events import DeadLetter
from sluice_shared.contracts.topics import Topic
from sluice_shared.logging import get_logger
from sluice_shared.metrics import DEAD_LETTERS

KEPT = 1000
"""About how many dead letters of a topic are kept; the oldest go first, and what they were about is still due."""
_ENCODING = "encoding"
_STREAM = "stream"
_ADDED = (_ENCODING, _STREAM)
_ENTRY_ID = re.compile(r"\d{1,20}-\d{1,20}")

log = get_logger(__name__)


class DeadLetterMissingError(LookupError):
    """No dead letter of the topic has this id."""

    def __init__(self, topic: Topic, letter_id: str) -> None:
        super().__init__(f"{topic.name} has no dead letter {letter_id}; it may have been replayed or dropped already")


@dataclass(frozen=True, slots=True)
class StoredDeadLetter:
    """A dead letter and the id by which it is replayed or dropped."""

    id: str
    topic: Topic
    letter: DeadLetter


class DeadLetters:
    """The dead letters of all topics, through a connected broker."""

    def __init__(self, broker: RedisBroker, client: StreamClient, publisher: Publisher, partitions: int) -> None:
        self._broker = broker
        self._client = client
        self._publisher = publisher
        self._partitions = partitions

    async def put(self, delivery: Delivery, stream: str, body: bytes, *, reason: str, detail: str) -> None:
        """Set apart the event that came from ``stream`` with this body. Raises Redis' own errors, and TimeoutError."""
        payload, encoding = _as_text(body)
        letter = DeadLetter(
            topic=delivery.topic.name,
            group=delivery.group,
            reason=reason,
            detail=detail,
            attempts=delivery.attempt,
            message_id=delivery.message_id,
            at=datetime.now(UTC),
            headers={**_own(delivery.headers), _STREAM: stream, **encoding},
            payload=payload,
        )
        async with asyncio.timeout(COMMAND_TIMEOUT):
            await self._broker.publish(
                letter.model_dump_json().encode(), stream=delivery.topic.dead_letter_stream, maxlen=KEPT
            )
        DEAD_LETTERS.labels(delivery.topic.name, reason).inc()
        log.error(
            "event set apart",
            topic=delivery.topic.name,
            group=delivery.group,
            message_id=delivery.message_id,
            reason=reason,
            detail=detail,
        )

    async def newest(self, topics: Iterable[Topic], limit: int) -> list[StoredDeadLetter]:
        """Return at most ``limit`` dead letters, newest first. Raises Unavailable."""
        found: list[StoredDeadLetter] = []
        async with answered("reading dead letters"):
            for topic in topics:
                entries = await self._client.xrevrange(topic.dead_letter_stream, max="+", min="-", count=limit)
                found += [stored for entry in entries if (stored := _stored(topic, entry))]
        found.sort(key=lambda stored: stored.letter.at, reverse=True)
        return found[:limit]

    async def one(self, topic: Topic, letter_id: str) -> StoredDeadLetter:
        """Return the dead letter of this id. Raises DeadLetterMissingError or Unavailable."""
        if not _ENTRY_ID.fullmatch(letter_id):
            raise DeadLetterMissingError(topic, letter_id)
        async with answered("reading a dead letter"):
            entries = await self._client.xrange(topic.dead_letter_stream, min=letter_id, max=letter_id, count=1)
        stored = _stored(topic, entries[0]) if entries else None
        if stored is None:
            raise DeadLetterMissingError(topic, letter_id)
        return stored

    async def replay(self, topic: Topic, letter_id: str) -> None:
        """Publish the event again where it came from, and forget the dead letter.

        Raises DeadLetterMissingError, or Unavailable, after which the event may have been published all the same.
        """
        stored = await self.one(topic, letter_id)
        headers = stored.letter.headers
        key = key_of(headers)
        # By the key where there is one: the number of partitions may have changed since.
        stream = headers[_STREAM] if key is None else topic.stream_for(key, self._partitions)
        await self._publisher.append(topic, stream, _as_bytes(stored.letter), _own(headers))
        await self.drop(topic, letter_id)

    async def drop(self, topic: Topic, letter_id: str) -> None:
        """Forget the dead letter. Raises DeadLetterMissingError or Unavailable."""
        if not _ENTRY_ID.fullmatch(letter_id):
            raise DeadLetterMissingError(topic, letter_id)
        async with answered("deleting a dead letter"):
            deleted = await self._client.xdel(topic.dead_letter_stream, letter_id)
        if not deleted:
            raise DeadLetterMissingError(topic, letter_id)


def _stored(topic: Topic, entry: Entry) -> StoredDeadLetter | None:
    letter_id, fields = entry
    body, _ = unpack(fields)
    try:
        letter = DeadLetter.model_validate_json(body)
    except ValidationError:
        log.warning("entry is no dead letter", stream=topic.dead_letter_stream, message_id=letter_id.decode())
        return None
    return StoredDeadLetter(letter_id.decode(), topic, letter)


def _own(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of the event itself, without what a dead letter adds."""
    return {name: value for name, value in headers.items() if name not in _ADDED}


def _as_text(body: bytes) -> tuple[str, dict[str, str]]:
    try:
        return body.decode(), {}
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), {_ENCODING: "base64"}


def _as_bytes(letter: DeadLetter) -> bytes:
    text = str(letter.payload)
    return base64.b64decode(text) if letter.headers.get(_ENCODING) == "base64" else text.encode()
