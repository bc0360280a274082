"""What the services' own logs complain about: a fault that was survived is a fault all the same."""

import json
from collections import Counter
from pathlib import Path

FAULTS = frozenset(
    {
        "handler failed",
        "sweep failed",
        "request failed",
        "channel failed",
        "callback after commit failed",
        "could not be stopped in order",
        "report set apart",
        "event set apart",
        "report is stuck",
    }
)
"""Events that no fault of a server or another process excuses: those have names of their own."""


def faults(folder: Path) -> Counter[str]:
    """Count the faults in the logs of a folder, by service, event and the last line of what was raised."""
    found: Counter[str] = Counter()
    for log in sorted(folder.glob("*.log")):
        with log.open(errors="replace") as lines:
            for line in lines:
                entry = _entry(line)
                if entry.get("event") in FAULTS:
                    raised = str(entry.get("exception") or entry.get("detail") or "").strip().rpartition("\n")[2]
                    found[f"{log.stem}: {entry['event']}: {raised[:200]}"] += 1
                elif line.startswith("Traceback"):
                    found[f"{log.stem}: a traceback outside the log"] += 1
    return found


def _entry(line: str) -> dict[str, object]:
    # The first line after a SIGKILL may be the end of one that was cut off.
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
