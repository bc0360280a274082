"""Breaks one thing after the other, in an order that the seed decides; each kind comes in its turn."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

from tests.chaos.platform import Platform

from sluice_shared.embedded.server import EmbeddedServer

Fault = Callable[[], None]


class Saboteur(threading.Thread):
    """Does a fault every ``interval`` seconds or so until it is told to end, which leaves nothing broken.

    ``paused_for`` is how long a process is stopped: longer than the time after which its events are taken over.
    """

    def __init__(
        self,
        platform: Platform,
        chance: random.Random,
        *,
        interval: float,
        paused_for: float,
    ) -> None:
        super().__init__(name="saboteur", daemon=True)
        self.done: Counter[str] = Counter()
        self.slowest_end = 0.0
        """Longest that a service took to end after SIGTERM, in seconds."""
        self.failure: BaseException | None = None
        self._platform = platform
        self._supervisor = platform.supervisor
        self._random = chance
        self._interval = interval
        self._paused_for = paused_for
        self._ending = threading.Event()

    def end(self) -> None:
        """Break nothing more."""
        self._ending.set()

    def run(self) -> None:
        """Go through the deck again and again, shuffled each time."""
        try:
            while True:
                deck = self._deck()
                self._random.shuffle(deck)
                for name, fault in deck:
                    if self._ending.wait(self._random.uniform(0.6, 1.4) * self._interval):
                        return
                    fault()
                    self.done[name] += 1
        except BaseException as error:  # noqa: BLE001 - shown at the end of the run
            self.failure = error

    def _deck(self) -> list[tuple[str, Fault]]:
        services = list(self._supervisor.services)
        kills = [(f"SIGKILL {name}", lambda name=name: self._supervisor.kill(name)) for name in services]
        # One of each service is paused in a round, and one ends in order.
        paused = self._random.choice([name for name in services if name.startswith("normaliser")])
        stopped = self._random.choice([name for name in services if name.startswith("risk-index")])
        ended = self._random.choice(services)
        return [
            *kills,
            (f"SIGSTOP {paused}", lambda: self._supervisor.pause(paused, self._paused_for)),
            (f"SIGSTOP {stopped}", lambda: self._supervisor.pause(stopped, self._paused_for)),
            (f"SIGTERM {ended}", lambda: self._terminate(ended)),
            ("FLUSHALL", self._platform.flush),
            ("FLUSHALL", self._platform.flush),
            ("SIGKILL redis", lambda: self._restart(self._platform.redis, kill=True)),
            ("restart redis", lambda: self._restart(self._platform.redis, kill=False)),
            ("SIGKILL postgres", lambda: self._restart(self._platform.postgres, kill=True)),
            ("restart postgres", lambda: self._restart(self._platform.postgres, kill=False)),
        ]

    def _terminate(self, name: str) -> None:
        self.slowest_end = max(self.slowest_end, self._supervisor.terminate(name))

    def _restart(self, server: EmbeddedServer, *, kill: bool) -> None:
        server.kill() if kill else server.stop()
        # It comes back even when the run is to end meanwhile.
        time.sleep(self._random.uniform(0.5, 3.0))
        server.start()
