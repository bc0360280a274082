"""The HTTP client that every command uses: errors become one sentence and an exit status."""

import os
from typing import Any, Self

import httpx

from sluice_cli.errors import CommandError, UsageError

DEFAULT_URL = "http://127.0.0.1:8080"
NORMALISER_OFFSET = 1
RISK_INDEX_OFFSET = 2
NOTIFIER_OFFSET = 3
TIMEOUT = httpx.Timeout(30.0, read=120.0)


class Client:
    """Talks to one service. Raises CommandError (exit status 3) when it is away or refuses."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(
            base_url=self.url, timeout=TIMEOUT, headers={"Authorization": f"Bearer {token}", "User-Agent": "sluice-cli"}
        )

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send a request and return its answer when it is a success."""
        try:
            response = self._http.request(method, path, **arguments)
        except httpx.HTTPError as error:
            raise CommandError(
                f"{self.url} does not answer ({error}): is Sluice running, and is SLUICE_URL right?"
            ) from error
        if response.is_success:
            return response
        raise CommandError(_explain(response))

    def get(self, path: str, **params: Any) -> Any:
        """GET a JSON answer; parameters that are None are left out."""
        return self.request("GET", path, params={k: v for k, v in params.items() if v is not None}).json()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()


def ingest(url: str | None = None) -> Client:
    """Return a client of ingest: ``SLUICE_URL``, ``SLUICE_TOKEN``."""
    return Client(url or os.environ.get("SLUICE_URL") or DEFAULT_URL, _token())


def normaliser() -> Client:
    """Return a client of the normaliser: ``SLUICE_NORMALISER_URL``, else one port above ``SLUICE_URL``."""
    return Client(os.environ.get("SLUICE_NORMALISER_URL") or _beside(NORMALISER_OFFSET), _token())


def risk_index() -> Client:
    """Return a client of risk-index: ``SLUICE_RISK_INDEX_URL``, else two ports above ``SLUICE_URL``."""
    return Client(os.environ.get("SLUICE_RISK_INDEX_URL") or _beside(RISK_INDEX_OFFSET), _token())


def notifier() -> Client:
    """Return a client of notifier: ``SLUICE_NOTIFIER_URL``, else three ports above ``SLUICE_URL``."""
    return Client(os.environ.get("SLUICE_NOTIFIER_URL") or _beside(NOTIFIER_OFFSET), _token())


def _beside(offset: int) -> str:
    url = httpx.URL(os.environ.get("SLUICE_URL") or DEFAULT_URL)
    # Behind a gateway every service has the same address; side by side their ports follow each other.
    return str(url) if url.port is None else str(url.copy_with(port=url.port + offset))


def _token() -> str:
    token = os.environ.get("SLUICE_TOKEN")
    if not token:
        raise UsageError(
            "SLUICE_TOKEN is not set: 'sluice token create' makes a token, 'sluice up' prints the first one"
        )
    return token


def _explain(response: httpx.Response) -> str:
    try:
        problem = response.json()
        text = "\n  ".join([f"{problem['title']}: {problem['detail']}", *map(str, problem.get("problems", []))])
    except (ValueError, KeyError, TypeError):
        text = response.text.strip()[:300] or response.reason_phrase
    return f"{response.request.url.host} answered {response.status_code}: {text}"
