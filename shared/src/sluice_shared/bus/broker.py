"""FastStream's broker for a URL: a single Redis, a cluster, or a master that sentinels know."""

from typing import Any, cast
from urllib.parse import SplitResult, parse_qs, urlsplit

from faststream.redis import RedisBroker, RedisClusterBroker
from faststream.redis.broker import RedisSentinelBroker
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from sluice_shared.bus.client import Entry, StreamClient

CONNECT_TIMEOUT = 2.0
_REDIS_PORT = 6379
_SENTINEL_PORT = 26379
_PLAIN = ("redis", "rediss", "unix")
_SCHEMES = (*_PLAIN, "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel")


def build_broker(url: str, *, client_name: str, max_connections: int) -> RedisBroker:
    """Return an unconnected broker.

    ``url`` is ``redis://`` or ``rediss://`` (TLS) ``[user:password@]host[:port][/db]``, ``unix://path``,
    ``redis+cluster://h1,h2:7000`` or ``redis+sentinel://h1,h2/master[?db=n]``. Raises ValueError for any other.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise ValueError(f"the Redis URL begins with {parts.scheme!r}; write one of {', '.join(_SCHEMES)}")
    options: dict[str, Any] = {
        "client_name": client_name,
        "max_connections": max_connections,
        # With a timeout redis-py sends by asyncio.wait_for, which in Python 3.11 may swallow a cancellation.
        # Whoever waits for an answer sets its own limit instead.
        "socket_timeout": None,
        "socket_connect_timeout": CONNECT_TIMEOUT,
        # Once more at once: a pooled connection may be one that a restarted server closed long ago.
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        "logger": None,
        "apply_types": False,
        "serializer": None,
        # Bus.stop waits by itself; FastStream would not wait for what it cancels.
        "graceful_timeout": None,
    }
    if parts.scheme in _PLAIN:
        return RedisBroker(url, **options)
    if parts.scheme.endswith("+cluster"):
        return _cluster(parts, options)
    return _sentinel(parts, options)


def stream_client(broker: RedisBroker) -> StreamClient:
    """Return the connected broker's client, made to overlook deleted entries in what it claims."""
    client = cast("StreamClient", broker.config.broker_config.connection.client)
    client.set_response_callback("XAUTOCLAIM", _claimed)
    return client


async def close(broker: RedisBroker) -> None:
    """Stop the broker, and close what it leaves open: the connections to the sentinels themselves."""
    state = broker.config.broker_config.connection
    pool = getattr(state.client, "connection_pool", None) if state else None
    await broker.stop()
    if isinstance(pool, SentinelConnectionPool):
        for sentinel in pool.sentinel_manager.sentinels:
            await sentinel.aclose()


def _claimed(response: list[Any], **_: Any) -> list[Any]:
    """Redis before 7.0 gives nil for a pending entry that was deleted, on which FastStream's reader would fail."""
    cursor, entries, *rest = response
    found: list[Entry] = [
        (entry[0], _pairs(entry[1])) for entry in entries if entry is not None and entry[1] is not None
    ]
    return [cursor, found, *rest]


def _pairs(flat: Any) -> dict[bytes, bytes]:
    if isinstance(flat, dict):
        return flat
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _cluster(parts: SplitResult, options: dict[str, Any]) -> RedisBroker:
    first, *others = _hosts(parts, _REDIS_PORT)
    scheme = parts.scheme.removesuffix("+cluster")
    url = f"{scheme}://{_credentials(parts)}{first[0]}:{first[1]}"
    return RedisClusterBroker(url, startup_nodes=others, **options)


def _sentinel(parts: SplitResult, options: dict[str, Any]) -> RedisBroker:
    master = parts.path.strip("/")
    if not master:
        raise ValueError("the Redis URL names no master; write redis+sentinel://host1,host2/master")
    if parts.scheme.startswith("rediss"):
        options["ssl"] = True
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return RedisSentinelBroker(
        f"redis://{_credentials(parts)}localhost/{database}",
        sentinels=_hosts(parts, _SENTINEL_PORT),
        sentinel_master_name=master,
        **options,
    )


def _credentials(parts: SplitResult) -> str:
    credentials, found, _ = parts.netloc.rpartition("@")
    return f"{credentials}@" if found else ""


def _hosts(parts: SplitResult, default_port: int) -> list[tuple[str, int]]:
    hosts = [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",") if host]
    if not hosts:
        raise ValueError(f"the Redis URL names no host; write {parts.scheme}://host1,host2")
    return [(host.hostname or "localhost", host.port or default_port) for host in hosts]
