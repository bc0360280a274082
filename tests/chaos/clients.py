"""Clients that push as a CI job does: under an idempotency key, and again for as long as there is no answer."""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.chaos.mix import Life, Scan

_HASTY = 0.03
"""Seconds after which a hasty client gives up waiting for an answer, and asks again."""
_LONGEST_PAUSE = 2.0
_TRY_AGAIN = {503, 507}


@dataclass
class Pushed:
    """A report that was accepted. ``waited`` tells that its client saw it final before it pushed the next."""

    scan: Scan
    report_id: str
    waited: bool
    counts: dict[str, int] | None = None
    status: str = "accepted"


@dataclass
class Register:
    """What the clients did; shared by all of them."""

    pushed: list[Pushed] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    slowest: float = 0.0
    """Longest that one answered push took, in seconds."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: str) -> None:
        """Count an answer."""
        with self.lock:
            self.answers[answer] += 1

    def complain(self, text: str) -> None:
        """Note what may not happen."""
        with self.lock:
            self.complaints.append(text)


class Client(threading.Thread):
    """Pushes the lives of its assets until it is told to end; a push under way is brought to its end.

    A patient client waits until each report is final. Another one does not, so that several reports of an asset are
    under way at a time.
    """

    def __init__(
        self, name: str, url: str, token: str, lives: Sequence[Life], register: Register, *, patient: bool, pause: float
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=httpx.Timeout(40.0, connect=2.0)
        )
        self._lives = [life.scans() for life in lives]
        self._random = lives[0].random
        self._register = register
        self._patient = patient
        self._pause = pause
        self._ending = threading.Event()
        self.failure: BaseException | None = None

    def end(self) -> None:
        """Begin no further push."""
        self._ending.set()

    def run(self) -> None:
        """Push one report after the other."""
        try:
            with self._http:
                while not self._ending.is_set():
                    self._push(next(self._random.choice(self._lives)))
                    self._ending.wait(self._random.uniform(0.2, 1.8) * self._pause)
        except BaseException as error:  # noqa: BLE001 - shown at the end of the run
            self.failure = error

    def _push(self, scan: Scan) -> None:
        body = scan.body()
        if self._random.random() < 0.15:
            with ThreadPoolExecutor(2) as pool:
                first, second = pool.map(lambda _: self._send(scan, body), range(2))
            if first != second:
                self._register.complain(f"{scan.key} was accepted twice, as {first} and {second}")
            report_id = first
        else:
            report_id = self._send(scan, body, hasty=self._random.random() < 0.1)
        pushed = Pushed(scan, report_id, self._patient)
        with self._register.lock:
            self._register.pushed.append(pushed)
        if self._patient:
            report = self._await(report_id)
            pushed.status, pushed.counts = report["status"], report["counts"]

    def _send(self, scan: Scan, body: bytes, *, hasty: bool = False) -> str:
        """Return the report's id, however long that takes."""
        pause = 0.1
        while True:
            began = time.monotonic()
            try:
                answer = self._http.post(
                    "/v1/reports",
                    params=scan.parameters,
                    content=body,
                    headers={"Idempotency-Key": scan.key},
                    **({"timeout": _HASTY} if hasty else {}),
                )
            except httpx.HTTPError as error:
                self._register.note(type(error).__name__)
                hasty = False
            else:
                with self._register.lock:
                    self._register.slowest = max(self._register.slowest, time.monotonic() - began)
                self._register.note(str(answer.status_code))
                if answer.status_code == httpx.codes.ACCEPTED:
                    return str(answer.json()["report_id"])
                if answer.status_code not in _TRY_AGAIN or "Retry-After" not in answer.headers:
                    self._register.complain(f"{scan.key} was answered {answer.status_code}: {answer.text[:300]}")
                pause = min(float(answer.headers.get("Retry-After", 1)), pause)
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _await(self, report_id: str) -> dict[str, Any]:
        while True:
            try:
                answer = self._http.get(f"/v1/reports/{report_id}", params={"wait": 20})
                if answer.status_code == httpx.codes.OK and answer.json()["status"] != "accepted":
                    report: dict[str, Any] = answer.json()
                    return report
                if answer.status_code == httpx.codes.NOT_FOUND:
                    self._register.complain(f"report {report_id} is unknown after it was accepted")
            except httpx.HTTPError as error:
                self._register.note(type(error).__name__)
            time.sleep(0.05 if self._random.random() < 0.5 else 0.2)


def seeded(seed: int, name: str) -> random.Random:
    """A source of chance of its own for everybody, so that threads do not disturb each other's."""
    return random.Random(f"{seed}/{name}")
