"""How far a group is behind."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import ResponseError

from sluice_shared.bus.client import Entry, StreamClient, is_stream_missing
from sluice_shared.contracts.topics import Topic


@dataclass(frozen=True, slots=True)
class StreamLag:
    """What a group has not acknowledged of a topic, over all partitions.

    ``length`` counts events not delivered and events pending. It is exact, but on Redis before 7.0 an upper bound for a
    topic of several groups. ``oldest_seconds`` is the age of the oldest of them, 0 when there is none.
    """

    topic: str
    group: str
    length: int
    oldest_seconds: float


async def measure(client: StreamClient, topic: Topic, group: str, partitions: int) -> StreamLag:
    """Measure one group of a topic. Raises Redis' own errors."""
    return await measure_streams(client, topic, (group,), topic.streams(partitions))


async def measure_streams(
    client: StreamClient, topic: Topic, groups: Sequence[str], streams: Sequence[str]
) -> StreamLag:
    """Measure these streams of a topic, for the group that is behind most where there are several. As `measure`."""
    lags = []
    for group in groups:
        parts = [await _measure(client, stream, group) for stream in streams]
        lags.append(StreamLag(topic.name, group, sum(part[0] for part in parts), max(part[1] for part in parts)))
    return max(lags, key=lambda lag: (lag.oldest_seconds, lag.length))


async def _measure(client: StreamClient, stream: str, group: str) -> tuple[int, float]:
    length = await client.xlen(stream)
    try:
        groups = await client.xinfo_groups(stream)
    except ResponseError as error:
        if is_stream_missing(error):
            return 0, 0.0
        raise
    info = next((info for info in groups if _text(info["name"]) == group), None)
    if info is None:
        return length, _age(await client.xrange(stream, min="-", max="+", count=1))
    unread = info.get("lag")
    if info["pending"]:
        # What is pending was read before anything that is not, so the oldest is among it.
        oldest = (await client.xpending(stream, group))["min"]
        return int(info["pending"] + unread) if unread is not None else length, 0.0 if oldest is None else _age_of(
            oldest
        )
    waiting = await client.xrange(stream, min=f"({_text(info['last-delivered-id'])}", max="+", count=1)
    if not waiting:
        return 0, 0.0
    return int(unread) if unread is not None else length, _age(waiting)


def _age(entries: list[Entry]) -> float:
    return _age_of(entries[0][0]) if entries else 0.0


def _age_of(entry_id: Any) -> float:
    """Return the entry's age in seconds: its id begins with the time it was added, in milliseconds."""
    return max(time.time() - int(_text(entry_id).partition("-")[0]) / 1000, 0.0)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
