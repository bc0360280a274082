"""The four services as child processes, run by honcho."""

import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from honcho.manager import Manager
from honcho.printer import Message, Printer

MODULES = {
    "ingest": "sluice_ingest.main",
    "normaliser": "sluice_normaliser.main",
    "risk-index": "sluice_risk_index.main",
    "notifier": "sluice_notifier.main",
}


class LogPrinter(Printer):  # type: ignore[misc]
    """Writes each service's lines to a file of its own, and to the terminal when asked."""

    def __init__(self, folder: Path, *, echo: bool) -> None:
        super().__init__(sys.stderr, prefix=True)
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._files: dict[str, TextIO] = {}
        self._echo = echo

    def write(self, message: Message) -> None:
        """Take one message of honcho's."""
        if message.type == "line":
            file = self._files.get(message.name)
            if file is None:
                file = self._files[message.name] = (self._folder / f"{message.name}.log").open("a", buffering=1)
            text = message.data
            file.write(text if isinstance(text, str) else text.decode(errors="replace"))
        if self._echo:
            super().write(message)


class Services:
    """Starts the services and watches them; when one ends, all end."""

    def __init__(self, environment: Mapping[str, str], logs: Path, *, replicas: Mapping[str, int], echo: bool) -> None:
        self._manager = Manager(LogPrinter(logs, echo=echo))
        self._loop_ended = threading.Event()
        self.asked_to_end = False
        for service, module in MODULES.items():
            for number in range(replicas.get(service, 1)):
                variables = dict(environment)
                name = service if number == 0 else f"{service}-{number + 1}"
                if number:
                    variables[f"SLUICE_{service.upper().replace('-', '_')}_PORT"] = "0"
                # exec: the service itself, not a shell, gets the signals.
                self._manager.add_process(name, f"exec {sys.executable} -m {module}", env=variables)

    def run(self) -> int:
        """Run until a signal comes or a service ends; returns the first exit status. Only in the main thread."""
        try:
            self._manager.loop()
        finally:
            self._loop_ended.set()
        return int(self._manager.returncode or 0)

    def end(self) -> None:
        """Ask all services to end; ``run`` returns when they have. May be called from another thread."""
        self.asked_to_end = True
        self._manager.terminate()

    @property
    def ended(self) -> threading.Event:
        """Set when no service runs any more."""
        return self._loop_ended
