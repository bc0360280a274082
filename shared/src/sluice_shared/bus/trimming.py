"""Keeping streams and groups small without taking anything from a group that has not acknowledged it."""

from collections.abc import Iterable
from typing import Any

from redis.exceptions import ResponseError

from sluice_shared.bus.client import StreamClient, is_group_missing, is_stream_missing
from sluice_shared.contracts.topics import Topic
from sluice_shared.logging import get_logger

_CONSUMER_GONE = 3_600_000
"""Milliseconds after which the name of an idle consumer is forgotten; one that still lives comes back by itself."""
_PENDING_LOOKED_AT = 100

log = get_logger(__name__)

EntryId = tuple[int, int]


async def tidy(client: StreamClient, topic: Topic, partitions: int) -> None:
    """Trim the topic's streams, and forget dead consumers and pending entries that no longer exist."""
    for stream in topic.streams(partitions):
        try:
            groups = {_text(info["name"]): info for info in await client.xinfo_groups(stream)}
            await _trim(client, stream, groups, topic.groups)
            for group in groups:
                await _forget_deleted(client, stream, group, topic.delivery_cap)
                await _forget_consumers(client, stream, group)
        except ResponseError as error:
            # Flushed in this moment: there is nothing to tidy.
            if not (is_stream_missing(error) or is_group_missing(error)):
                raise


async def _trim(client: StreamClient, stream: str, groups: dict[str, Any], readers: Iterable[str]) -> None:
    if not all(reader in groups for reader in readers):
        return
    needed = min([await _first_needed(client, stream, groups[reader]) for reader in readers])
    await client.xtrim(stream, minid=f"{needed[0]}-{needed[1]}", approximate=False)


async def _first_needed(client: StreamClient, stream: str, info: dict[str, Any]) -> EntryId:
    """Return the first id that the group has not acknowledged, whether or not it has been added yet."""
    if info["pending"] and (oldest := (await client.xpending(stream, _text(info["name"])))["min"]):
        return _entry_id(oldest)
    milliseconds, sequence = _entry_id(info["last-delivered-id"])
    return milliseconds, sequence + 1


async def _forget_deleted(client: StreamClient, stream: str, group: str, delivery_cap: int) -> None:
    """Acknowledge entries that were deleted while pending.

    Redis before 7.0 goes on handing them out, as nil. They show by having been handed out more often than any entry
    that a consumer saw.
    """
    pending = await client.xpending_range(stream, group, min="-", max="+", count=_PENDING_LOOKED_AT)
    for entry in pending:
        message_id = _text(entry["message_id"])
        if entry["times_delivered"] > delivery_cap and not await client.xrange(stream, message_id, message_id, 1):
            await client.xack(stream, group, message_id)
            log.warning("entry was deleted while pending", stream=stream, group=group, message_id=message_id)


async def _forget_consumers(client: StreamClient, stream: str, group: str) -> None:
    for consumer in await client.xinfo_consumers(stream, group):
        if consumer["pending"] == 0 and consumer["idle"] > _CONSUMER_GONE:
            await client.xgroup_delconsumer(stream, group, _text(consumer["name"]))


def _entry_id(value: Any) -> EntryId:
    milliseconds, _, sequence = _text(value).partition("-")
    return int(milliseconds), int(sequence)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
