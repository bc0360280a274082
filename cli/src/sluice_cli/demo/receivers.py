"""A local HTTP server and a local SMTP server that take the demo's alerts and remember them."""

import json
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from sluice_shared.embedded import free_port


@dataclass(slots=True)
class Inbox:
    """What has arrived: posts by path, and mails by subject."""

    posts: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    mails: list[tuple[str, str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, path: str) -> list[Any]:
        """Return the bodies posted to a path, oldest first."""
        with self.lock:
            return [body for where, _, body in self.posts if where == path]


class Receivers:
    """Both servers, as a context manager; ``http_url`` and ``smtp_port`` tell where they listen."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        inbox = self.inbox

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with inbox.lock:
                    inbox.posts.append((self.path, dict(self.headers.items()), json.loads(raw or b"null")))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                """Say nothing: the demo shows what arrived itself."""

        class MailHandler:
            async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
                mail = message_from_bytes(envelope.content, policy=default)
                body = mail.get_body(("plain",))
                text = body.get_content() if body is not None else ""
                with inbox.lock:
                    inbox.mails.append((", ".join(envelope.rcpt_tos), str(mail["Subject"]), text))
                return "250 OK"

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, name="demo-http", daemon=True)
        self.smtp_port = free_port()
        self._smtp = Controller(MailHandler(), hostname="127.0.0.1", port=self.smtp_port)

    @property
    def http_url(self) -> str:
        """Address of the HTTP receiver."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._smtp.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._smtp.stop()
        self._http.shutdown()
        self._http.server_close()
