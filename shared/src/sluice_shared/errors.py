"""The two failures that every layer of every service tells apart: "ask again later" and "never"."""

from __future__ import annotations


class Unavailable(Exception):  # noqa: N818 - it names the state of the dependency, as HTTP 503 does
    """A dependency is away for now; whoever asked may ask again.

    `what` is a short name of the dependency ("database", "redis", "blobs"), `detail` says what happened without
    secrets, and `retry_after` is how long to wait before the next attempt, in seconds.
    """

    def __init__(self, what: str, detail: str, retry_after: float = 5.0) -> None:
        super().__init__(what, detail, retry_after)
        self.what = what
        self.detail = detail
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.what} is unavailable: {self.detail}"


class StorageFull(Unavailable):
    """There is no room for what was to be stored; somebody must make some. `what` is that: "blobs" and the like."""

    def __init__(self, detail: str, *, what: str = "blobs") -> None:
        super().__init__(what, detail, retry_after=60.0)


class Reject(Exception):  # noqa: N818 - an order to the subscriber rather than a fault of the program
    """A consumer can never handle this event; it belongs into the dead letters at once.

    `reason` comes from a closed set, because it is a metric label; `detail` is for people.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"
