"""The test receiver of alerts: it honours the idempotency key, and is not always well itself."""

import json
import random
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ILL = 0.1
"""Share of requests that are answered 503: half of them after the message was taken all the same."""


class Receiver(ThreadingHTTPServer):
    """Takes webhooks on a free port. ``messages`` are their bodies by key, ``times`` how often each key came."""

    daemon_threads = True

    def __init__(self, seed: int) -> None:
        self.messages: dict[str, bytes] = {}
        self.times: Counter[str] = Counter()
        self.altered: set[str] = set()
        """Keys under which different messages came."""
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.take(self.headers["webhook-id"], body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self.serve_forever, name="receiver", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no longer."""
        self.shutdown()
        self.server_close()
        self._thread.join(5)

    def take(self, key: str, body: bytes) -> int:
        """Take a message; return the status to answer with."""
        with self._lock:
            luck = self._random.random()
            if luck < ILL / 2:
                return 503
            self.times[key] += 1
            known = self.messages.setdefault(key, body)
            if known != body:
                self.altered.add(key)
            return 503 if luck < ILL else 200

    def alerts(self) -> Counter[str]:
        """How many of the messages, each counted once, hold an alert; by its id."""
        with self._lock:
            bodies = list(self.messages.values())
        return Counter(alert["alert_id"] for body in bodies for alert in json.loads(body)["alerts"])

    @property
    def repeated(self) -> int:
        """How many messages came again under a key that had been taken."""
        with self._lock:
            return sum(self.times.values()) - len(self.times)
