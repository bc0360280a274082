"""The whole platform as a user starts it, with a receiver of its alerts; once for all end-to-end tests."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

POLICY = (Path(__file__).parent / "policy.yaml").read_text()
TEAMS = """\
kind: team
name: payments
aliases: ["@acme/pay"]
"""
ROUTES = """\
receivers:
  - name: hook
    webhook: {url: "${SLUICE_TEST_RECEIVER}", secret_env: SLUICE_TEST_SIGNING_KEY, allow_private: true}
route: {receiver: hook, group_by: [team, level], group_wait: 0s, group_interval: 1s}
"""


class Receiver(ThreadingHTTPServer):
    """Takes webhooks, and remembers each body by its idempotency key."""

    def __init__(self):
        self.received = {}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler):  # noqa: N805 - the server is self
                body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
                self.received.setdefault(handler.headers["webhook-id"], []).append(body)
                handler.send_response(200)
                handler.end_headers()

            def log_message(handler, *_):  # noqa: N805
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def alerts(self):
        """Every alert of every message, once per message received."""
        return [alert for bodies in self.received.values() for body in bodies for alert in body["alerts"]]


@dataclass
class Platform:
    """Addresses of a running platform, and a client of each service."""

    urls: dict
    token: str
    receiver: Receiver

    def client(self, service):
        return httpx.Client(
            base_url=self.urls[service], headers={"Authorization": f"Bearer {self.token}"}, timeout=60.0
        )

    def push(self, body, asset, **params):
        """Push a report as plain curl would, wait until it is final, and return it."""
        if isinstance(body, dict | list):
            body = json.dumps(body).encode()
        with self.client("ingest") as ingest:
            accepted = ingest.post("/v1/reports", params={"asset": asset, **params}, content=body)
            assert accepted.status_code == 202, accepted.text
            return self.await_report(ingest, accepted.json()["report_id"])

    def sluice(self, *arguments):
        """Run a command as a pipeline does."""
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("SLUICE_")},
            "SLUICE_URL": self.urls["ingest"],
            "SLUICE_RISK_INDEX_URL": self.urls["risk-index"],
            "SLUICE_TOKEN": self.token,
        }
        command = [sys.executable, "-m", "sluice_cli.main", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    @staticmethod
    def await_report(ingest, report_id):
        for _ in range(6):
            report = ingest.get(f"/v1/reports/{report_id}", params={"wait": 10}).json()
            if report["status"] != "accepted":
                return report
        raise AssertionError(f"report {report_id} is still under way after a minute")

    def findings(self, asset, **params):
        """All findings of an asset (open ones by default), over every page."""
        items, cursor = [], None
        with self.client("risk-index") as index:
            while True:
                page = {"asset": asset, "limit": 200, **params, **({"cursor": cursor} if cursor else {})}
                answer = index.get("/v1/findings", params=page)
                assert answer.status_code == 200, answer.text
                items += answer.json()["items"]
                cursor = answer.json()["next_cursor"]
                if cursor is None:
                    return items


@pytest.fixture(scope="session")
def platform():
    """``sluice up`` over an empty folder, stopped by SIGTERM at the end; nothing of it may be left then."""
    folder = Path(tempfile.mkdtemp(prefix="sluice-e2e-"))
    config = folder / "config"
    config.mkdir()
    (config / "policy.yaml").write_text(POLICY)
    (config / "routes.yaml").write_text(ROUTES)
    (config / "catalog").mkdir()
    (config / "catalog" / "teams.yaml").write_text(TEAMS)
    receiver = Receiver()
    thread = threading.Thread(target=receiver.serve_forever, daemon=True)
    thread.start()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("SLUICE_")},
        "SLUICE_CONFIG": str(config),
        "SLUICE_TEST_RECEIVER": f"http://127.0.0.1:{receiver.server_address[1]}/hook",
        "SLUICE_TEST_SIGNING_KEY": "whsec_dGVzdC1zaWduaW5nLWtleS1vZi1uby12YWx1ZQ==",
        "SLUICE_ALLOW_PRIVATE_TARGETS": "true",
    }
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sluice_cli.main",
            "up",
            "--json",
            "--data",
            str(folder / "data"),
            "--base-port",
            "18180",
        ],
        stdout=subprocess.PIPE,
        env=environment,
    )
    try:
        ready = json.loads(process.stdout.readline() or "{}")
        assert ready.get("ready"), _logs(folder)
        yield Platform(ready["urls"], ready["admin_token"], receiver)
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(60)
        process.stdout.close()
        receiver.shutdown()
        receiver.server_close()
        left = _processes_over(folder)
        shutil.rmtree(folder, ignore_errors=True)
    assert status == 0
    assert left == []


def _logs(folder):
    return "\n".join(f"{log.name}: {log.read_text()[-2000:]}" for log in (folder / "data" / "logs").glob("*.log"))


def _processes_over(folder):
    end = time.monotonic() + 5
    while True:
        found = subprocess.run(["pgrep", "-f", str(folder)], capture_output=True, text=True, check=False).stdout.split()
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.2)
