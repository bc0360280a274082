import pytest

from sluice_notifier.domain.outcome import Final
from sluice_notifier.domain.outgoing import check_addresses, check_url, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.10", "0.0.0.0",  # noqa: S104 - nothing is bound
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:a00:1::",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    ],
)  # fmt: skip
def test_what_only_we_can_reach_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_what_everybody_can_reach_is_public(address):
    assert is_public(address)


def test_all_addresses_of_a_host_have_to_be_public():
    check_addresses("x.io", ["1.1.1.1"], allow_private=False)
    check_addresses("x.io", ["10.0.0.1"], allow_private=True)
    with pytest.raises(Final, match="allow_private: true"):
        check_addresses("x.io", ["1.1.1.1", "10.0.0.1"], allow_private=False)


def test_a_url_is_taken_apart():
    target = check_url("https://user:secret@x.io/path?token=secret")
    assert (target.scheme, target.host, target.port) == ("https", "x.io", 443)
    assert check_url("http://[2606:4700::1111]:8080/").port == 8080


@pytest.mark.parametrize("url", ["gopher://x.io/secret", "https:///secret", "secret", "http://x.io:99999/secret"])
def test_a_url_that_cannot_be_is_refused_without_being_repeated(url):
    with pytest.raises(Final) as raised:
        check_url(url)
    assert raised.value.reason == "blocked_url"
    assert "secret" not in raised.value.detail
