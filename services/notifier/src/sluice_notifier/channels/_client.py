"""HTTP to the outside: guarded addresses, no redirects, no proxies from the environment, bounded answers."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from sluice_notifier.domain.outcome import Reason, Retryable
from sluice_notifier.domain.outgoing import check_addresses, check_url

MAX_ANSWER_BYTES = 2 * 1024 * 1024
_EXCERPT_BYTES = 4096
USER_AGENT = "Sluice-Notifier/1"
Resolve = Callable[[str, int], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class _Question:
    """A request, but for the address that it goes to."""

    method: str
    url: str
    headers: Mapping[str, str] | None
    params: Mapping[str, str] | None
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; ``headers`` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON, or None when it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    def excerpt(self) -> str:
        """Return the beginning of the body as one line, for an error.

        It is longer than what is kept, so that no secret in it is cut in two before it is taken out.
        """
        return " ".join(self.body[:_EXCERPT_BYTES].decode(errors="replace").split())


async def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host; raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class HttpClient:
    """Sends requests to checked addresses only.

    The address that was checked is the one that is connected to, so a name server that answers otherwise the second
    time changes nothing. Every request has a connection of its own: two hosts at one address never share one, whose
    certificate was checked for one of them only.
    """

    def __init__(self, *, allow_private: bool = False, resolve: Resolve = resolve) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._context = ssl.create_default_context()
        self._client: httpx.AsyncClient | None = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        timeout: float,  # noqa: ASYNC109 - of the whole exchange, handed in by the options of a receiver
        allow_private: bool = False,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send one request and return the answer, whatever its status.

        ``timeout`` is in seconds. Raises Final (blocked_url), or Retryable (connection, timeout, tls).
        """
        target = check_url(url)
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._addresses(target.host, target.port)
                check_addresses(target.host, addresses, allow_private=allow_private or self._allow_private)
                return await self._send_to_first(addresses, _Question(method, url, headers, params, content))
        except TimeoutError:
            raise Retryable(Reason.TIMEOUT, f"{target.host} did not answer within {timeout:g} s") from None
        except httpx.HTTPError as error:
            raise _failure(target.host, error) from None

    async def close(self) -> None:
        """Let go of what is open."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise Retryable(Reason.CONNECTION, f"the name {host} cannot be resolved")
        return addresses

    async def _send_to_first(self, addresses: list[str], question: _Question) -> Answer:
        """Try one address after another until one takes the connection; nothing has been sent to those before."""
        for address in addresses[:-1]:
            try:
                return await self._send(address, question)
            except httpx.ConnectError as error:
                if _is_tls(error):
                    raise
        return await self._send(addresses[-1], question)

    async def _send(self, address: str, question: _Question) -> Answer:
        client = self._started()
        request = client.build_request(
            question.method,
            question.url,
            headers=question.headers,
            params=question.params,
            content=question.content,
        )
        # The Host header is set already, and the name is what the certificate is checked for.
        request.extensions["sni_hostname"] = request.url.host
        request.url = request.url.copy_with(host=address)
        response = await client.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk[: MAX_ANSWER_BYTES - len(body)]
                if len(body) >= MAX_ANSWER_BYTES:
                    break
        finally:
            await response.aclose()
        return Answer(response.status_code, response.headers, bytes(body))

    def _started(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=self._context,
                trust_env=False,
                follow_redirects=False,
                timeout=None,  # noqa: S113 - each request has one over the whole of it
                limits=httpx.Limits(max_keepalive_connections=0),
                headers={"User-Agent": USER_AGENT},
            )
        return self._client


def _failure(host: str, error: httpx.HTTPError) -> Retryable:
    """Say what went wrong without httpx's own text, which may hold the URL."""
    if _is_tls(error):
        return Retryable(Reason.TLS, f"no secure connection to {host}: {_tls_detail(error)}")
    if isinstance(error, httpx.ConnectError):
        return Retryable(Reason.CONNECTION, f"{host} takes no connection")
    return Retryable(Reason.CONNECTION, f"the connection to {host} broke ({type(error).__name__})")


def _is_tls(error: BaseException) -> bool:
    return any(isinstance(cause, ssl.SSLError) for cause in _causes(error))


def _tls_detail(error: BaseException) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        if isinstance(cause, ssl.SSLError):
            return cause.reason or "TLS failed"
    return "TLS failed"


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found:
        found.append(at)
        at = at.__cause__ or at.__context__
    return found
