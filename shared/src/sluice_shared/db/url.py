"""PostgreSQL URLs as users write them for libpq, made fit for asyncpg."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

_SCHEMES = {"postgres", "postgresql"}
_LIBPQ_ONLY = frozenset(
    {
        # What asyncpg does not know, it sends to the server as a setting, and the server then refuses the connection.
        "channel_binding",
        "client_encoding",
        "connect_timeout",
        "fallback_application_name",
        "gssdelegation",
        "gssencmode",
        "hostaddr",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "load_balance_hosts",
        "replication",
        "require_auth",
        "requirepeer",
        "sslcompression",
        "sslcrldir",
        "sslsni",
        "tcp_user_timeout",
    }
)


def driver_url(url: str) -> str:
    """Return `url` as asyncpg reads it: `postgresql://user:password@host:port/name?sslmode=…`.

    A driver's name in the scheme (`postgresql+asyncpg://`) and options that only libpq knows are dropped; several
    hosts, a socket's folder as `?host=/run/postgresql`, `sslmode` and its files are kept. Raises ValueError, without
    the URL's password in it, when it is no PostgreSQL URL.
    """
    parts = urlsplit(url)
    if parts.scheme.partition("+")[0] not in _SCHEMES:
        raise ValueError(
            f"A database URL begins with postgresql://, not with {parts.scheme or 'nothing'}://: "
            "write postgresql://user:password@host:5432/name."
        )
    options = [
        ("sslmode" if name == "ssl" else name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in _LIBPQ_ONLY
    ]
    # A plus would stay one: asyncpg's own parser and libpq's disagree on it, a percent sign is read alike by both.
    query = urlencode(options, safe="/", quote_via=quote)
    return f"postgresql://{parts.netloc}{parts.path}{'?' if query else ''}{query}"
