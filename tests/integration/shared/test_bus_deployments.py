"""The same bus on a Redis Cluster, behind sentinels, and on a socket of this machine."""

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import redis as blocking_redis
from tests.integration.shared.bus_kit import GROUP, Noted, Remembering, make_bus, make_topic, started, until

from sluice_shared.bus import Bus, Delivery
from sluice_shared.embedded import free_port
from sluice_shared.embedded.redis import find_server
from sluice_shared.errors import Reject

TOPIC = make_topic()
SLOTS = 16384


@contextmanager
def redis_process(folder: Path, *settings: str) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    file = folder / "redis.conf"
    file.write_text("\n".join((f"dir {folder}", 'save ""', "bind 127.0.0.1", *settings)))
    mode = ["--sentinel"] if any(line.startswith("sentinel ") for line in settings) else []
    process = subprocess.Popen([find_server(), file, *mode], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def wait_for(question: Callable[[], object]) -> None:
    began = time.monotonic()
    while True:
        try:
            if question():
                return
        except blocking_redis.RedisError:
            assert time.monotonic() - began < 15, "the servers do not come up"
        assert time.monotonic() - began < 15, "the servers do not come up"
        time.sleep(0.1)


def cluster_port() -> int:
    """Return a free port that leaves room for the nodes' own, which is 10,000 higher."""
    while (port := free_port()) > 55_000:
        pass
    return port


@pytest.fixture
def cluster_url(tmp_path: Path) -> Iterator[str]:
    """Two nodes, each with half of the slots."""
    ports = [cluster_port(), cluster_port()]
    with ExitStack() as stack:
        for number, port in enumerate(ports):
            stack.enter_context(
                redis_process(
                    tmp_path / f"node{number}", f"port {port}", "cluster-enabled yes", "cluster-node-timeout 2000"
                )
            )
        nodes = [stack.enter_context(blocking_redis.Redis(port=port)) for port in ports]
        for number, node in enumerate(nodes):
            wait_for(node.ping)
            half = range(number * SLOTS // 2, (number + 1) * SLOTS // 2)
            node.execute_command("CLUSTER ADDSLOTS", *half)
        nodes[0].execute_command("CLUSTER MEET", "127.0.0.1", ports[1])
        for node in nodes:
            wait_for(lambda node=node: node.execute_command("CLUSTER INFO")["cluster_state"] == "ok")
        yield f"redis+cluster://127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}"


@pytest.fixture
def sentinel_url(tmp_path: Path) -> Iterator[str]:
    port, sentinel_port = free_port(), free_port()
    with (
        redis_process(tmp_path / "master", f"port {port}", "requirepass swordfish"),
        redis_process(
            tmp_path / "sentinel",
            f"port {sentinel_port}",
            f"sentinel monitor sluice 127.0.0.1 {port} 1",
            "sentinel auth-pass sluice swordfish",
        ),
        blocking_redis.Redis(port=sentinel_port) as sentinel,
    ):
        wait_for(sentinel.sentinel_masters)
        yield f"redis+sentinel://:swordfish@127.0.0.1:{sentinel_port}/sluice?db=1"


@pytest.fixture
def socket_url(tmp_path: Path) -> Iterator[str]:
    path = tmp_path / "redis.sock"
    with (
        redis_process(tmp_path / "local", "port 0", f"unixsocket {path}"),
        blocking_redis.Redis(unix_socket_path=str(path)) as client,
    ):
        wait_for(client.ping)
        yield f"unix://{path}"


async def goes_round(bus: Bus) -> None:
    """Everything the bus does, over all its partitions."""

    def fail_some(event: Noted, delivery: Delivery) -> None:
        if event.number == 3 and delivery.attempt == 1:
            raise RuntimeError("the first time it fails")
        if event.number == 4 and len(handler.events) < 100:
            raise Reject("unwanted", "the first time")

    handler = Remembering(fail_some)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await bus.ping()
        for number in range(20):
            await bus.publish(TOPIC, Noted(number=number), key=f"asset-{number}")
        await until(lambda: sorted(handler.numbers) == sorted([*range(20), 3]))
        await asyncio.sleep(0.2)
        [lag] = await bus.lag()
        assert (lag.length, lag.oldest_seconds) == (0, 0.0)
        [stored] = await bus.dead_letters(TOPIC)
        await bus.replay(TOPIC, stored.id)
        await until(lambda: handler.numbers.count(4) == 2)
        letters = []
        while not letters:
            letters = await bus.dead_letters(TOPIC)
        await bus.drop(TOPIC, letters[0].id)
        assert await bus.dead_letters(TOPIC) == []


async def test_on_a_cluster(cluster_url: str) -> None:
    await goes_round(make_bus(cluster_url, partitions=6))


async def test_behind_sentinels(sentinel_url: str) -> None:
    await goes_round(make_bus(sentinel_url, partitions=2))


async def test_on_a_local_socket(socket_url: str) -> None:
    await goes_round(make_bus(socket_url))
