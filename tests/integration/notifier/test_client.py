"""How HTTP goes out: to the address that was checked, and to nobody else."""

import pytest
from tests.integration.notifier.servers import HttpServer, Reply

from sluice_notifier.channels import _client
from sluice_notifier.channels.kit import HttpClient
from sluice_notifier.domain.outcome import Final, Retryable


def resolver(*answers):
    """Give one answer after the other, and remember how often it was asked."""
    asked = []

    async def resolve(host, port):
        asked.append((host, port))
        return answers[min(len(asked), len(answers)) - 1]

    resolve.asked = asked
    return resolve


@pytest.fixture
async def ask():
    clients = []

    async def ask(url, resolve, *, allow_private=True):
        client = HttpClient(allow_private=allow_private, resolve=resolve)
        clients.append(client)
        return await client.request("POST", url, timeout=2, content=b"{}")

    yield ask
    for client in clients:
        await client.close()


def port_of(server):
    return server.url.rpartition(":")[2]


async def test_the_address_that_was_checked_is_the_one_that_is_asked(ask, server):
    resolve = resolver(["127.0.0.1"], ["192.0.2.1"])
    answer = await ask(f"http://receiver.test:{port_of(server)}/x", resolve)
    assert answer.status == 200
    assert len(resolve.asked) == 1
    assert server.requests[0].headers["host"] == f"receiver.test:{port_of(server)}"


async def test_a_public_name_with_a_private_address_is_refused(ask, server):
    with pytest.raises(Final) as raised:
        await ask(f"http://receiver.test:{port_of(server)}/x", resolver(["127.0.0.1"]), allow_private=False)
    assert raised.value.reason == "blocked_url"
    assert server.requests == []


async def test_one_private_address_among_public_ones_is_enough_to_refuse(ask):
    with pytest.raises(Final):
        await ask("https://receiver.test/x", resolver(["93.184.215.14", "10.0.0.1"]), allow_private=False)


async def test_the_next_address_is_tried_when_one_takes_no_connection(ask, server):
    answer = await ask(f"http://receiver.test:{port_of(server)}/x", resolver(["127.0.0.2", "127.0.0.1"]))
    assert answer.status == 200
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url", ["ftp://x.io/", "file:///etc/passwd", "https://", "//x.io", "http://[::1", "http://x:port/"]
)
async def test_what_is_no_address_of_the_web_is_refused(ask, url):
    with pytest.raises(Final) as raised:
        await ask(url, resolver([]))
    assert raised.value.reason == "blocked_url"


async def test_redirects_are_not_followed(ask, server):
    server.fixed = Reply(302, headers={"Location": f"{server.url}/inside"})
    assert (await ask(f"{server.url}/x", resolver(["127.0.0.1"]))).status == 302
    assert [request.path for request in server.requests] == ["/x"]


async def test_no_proxy_of_the_environment_is_used(ask, server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert (await ask(f"{server.url}/x", resolver(["127.0.0.1"]))).status == 200


async def test_an_endless_answer_is_cut_off(ask, server, monkeypatch):
    monkeypatch.setattr(_client, "MAX_ANSWER_BYTES", 1000)
    server.fixed = Reply(body=b"x" * 100_000)
    assert len((await ask(f"{server.url}/x", resolver(["127.0.0.1"]))).body) == 1000


async def test_a_certificate_is_checked_for_the_name_not_for_the_address(ask, server_context, authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with HttpServer(server_context) as server:
        good = await ask(f"https://localhost:{port_of(server)}/x", resolver(["127.0.0.1"]))
        assert good.status == 200
        with pytest.raises(Retryable) as raised:
            await ask(f"https://receiver.test:{port_of(server)}/x", resolver(["127.0.0.1"]))
        assert raised.value.reason == "tls"
        assert "receiver.test" in raised.value.detail


async def test_a_certificate_that_nobody_vouches_for_is_refused(ask, server_context):
    with HttpServer(server_context) as server:
        with pytest.raises(Retryable) as raised:
            await ask(f"https://localhost:{port_of(server)}/x", resolver(["127.0.0.1"]))
        assert raised.value.reason == "tls"
        assert server.requests == []


async def test_a_connection_that_breaks_is_tried_again(ask, silent_port):
    with pytest.raises(Retryable) as raised:
        await ask(f"http://127.0.0.1:{silent_port}/x", resolver(["127.0.0.1"]))
    assert raised.value.reason == "timeout"
