"""Pausing the garbage collector while many objects are made that all stay alive."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_paused = 0
_was_on = False


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the cyclic collector: observations hold no cycles, and looking for some costs half the parsing time.

    Several threads may be inside at once; the collector comes back, if it was on, when the last one leaves.
    """
    global _paused, _was_on  # noqa: PLW0603 - the collector is the process's own
    with _lock:
        if _paused == 0:
            _was_on = gc.isenabled()
            gc.disable()
        _paused += 1
    try:
        yield
    finally:
        with _lock:
            _paused -= 1
            if _paused == 0 and _was_on:
                gc.enable()
