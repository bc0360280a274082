"""Loopback ports: finding a free one, and remembering it so that addresses outlive a restart."""

import fcntl
import json
import os
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Tell whether a server could listen on ``port`` of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do it, so that connections still in TIME_WAIT do not make a port look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port(preferred: int | None = None) -> int:
    """Return ``preferred`` when it is free on the loopback address, else a free port that the system picks.

    Nothing holds the port until the caller listens on it, so a caller should be ready to ask again.
    """
    if preferred is not None and is_free(preferred):
        return preferred
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


class PortBook:
    """The ports that the servers of one data folder had last, by server name, in a JSON file.

    It is a memory, not a promise: a lost or damaged file only means new ports.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def recall(self, name: str) -> int | None:
        """Return the port that ``name`` had last, or None."""
        try:
            return _decode(self._file.read_text()).get(name)
        except FileNotFoundError:
            return None

    def remember(self, name: str, port: int) -> None:
        """Write down that ``name`` has ``port`` now; what the others have is kept."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o644)
        with os.fdopen(descriptor, "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            ports = _decode(file.read()) | {name: port}
            file.seek(0)
            file.truncate()
            json.dump(ports, file, indent=2)
            file.write("\n")


def _decode(text: str) -> dict[str, int]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError:
        return {}
    if not isinstance(content, dict):
        return {}
    return {name: port for name, port in content.items() if isinstance(port, int)}
