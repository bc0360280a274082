import pytest
from faststream.redis import RedisBroker, RedisClusterBroker
from faststream.redis.broker import RedisSentinelBroker

from sluice_shared.bus.broker import build_broker


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("redis://:secret@redis.acme.io:6379/0", RedisBroker),
        ("rediss://redis.acme.io", RedisBroker),
        ("unix:///run/redis.sock", RedisBroker),
        ("redis+cluster://user:secret@a.acme.io,b.acme.io:7001", RedisClusterBroker),
        ("rediss+cluster://a.acme.io", RedisClusterBroker),
        ("redis+sentinel://:secret@a.acme.io,b.acme.io:26380/main?db=2", RedisSentinelBroker),
        ("rediss+sentinel://a.acme.io/main", RedisSentinelBroker),
    ],
)
def test_the_url_decides_which_redis_it_is(url: str, kind: type[RedisBroker]) -> None:
    broker = build_broker(url, client_name="tests", max_connections=10)
    assert type(broker) is kind
    assert "secret" not in str(broker.specification.url)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://redis", "begins with 'http'"),
        ("localhost:6379", "begins with 'localhost'"),
        ("redis+sentinel://a,b", "names no master"),
        ("redis+cluster://", "names no host"),
    ],
)
def test_a_url_that_cannot_work_is_refused_with_what_to_write_instead(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        build_broker(url, client_name="tests", max_connections=10)
    assert "write" in str(refused.value)
