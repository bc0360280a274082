"""Which addresses a message may be sent to. Guards against making the notifier ask what only it can reach (SSRF)."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from sluice_notifier.domain.outcome import Final, Reason

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAT64 = ip_network("64:ff9b::/96")
_BITS_32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL points."""

    scheme: str
    host: str
    port: int


def check_url(url: str) -> Target:
    """Take a URL apart; raises Final (blocked_url) unless it is plain http or https with a host.

    The error does not repeat the URL: a path may hold a secret.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Final(Reason.BLOCKED_URL, "the receiver's URL cannot be read; write https://host/path") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise Final(Reason.BLOCKED_URL, "the receiver's URL has to begin with https:// or http://")
    if not parts.hostname:
        raise Final(Reason.BLOCKED_URL, "the receiver's URL names no host; write https://host/path")
    return Target(parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme])


def check_addresses(host: str, addresses: Sequence[str], *, allow_private: bool) -> None:
    """Raise Final (blocked_url) when one of the host's addresses is not public, unless that is allowed."""
    if allow_private:
        return
    for text in addresses:
        if not is_public(text):
            raise Final(
                Reason.BLOCKED_URL,
                f"{host} is at {text}, which is not a public address; set allow_private: true at the receiver if that "
                "is where it should go",
            )


def is_public(text: str) -> bool:
    """Tell whether this IP address is one that everybody can reach, whatever it is wrapped in."""
    address = _unwrap(ip_address(text.partition("%")[0]))
    return address.is_global and not address.is_multicast and not address.is_reserved


def _unwrap(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address inside a mapped, translated (RFC 6052), 6to4 or Teredo one."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & _BITS_32)
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return address
