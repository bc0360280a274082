"""How far a lane is behind, and what that means for the reports that are due in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_CLOCKS = timedelta(seconds=5)
"""How far apart the clocks of Redis and of ingest may be."""


@dataclass(frozen=True, slots=True)
class Line:
    """A lane at this moment: whether it is full, and since when the oldest event waits on the way that it leads to."""

    full: bool
    waiting_since: datetime | None

    @property
    def in_line_from(self) -> datetime | None:
        """Reports published at this time or later may still be in line: publishing them again would only lengthen it.

        None when nobody is.
        """
        return None if self.waiting_since is None else self.waiting_since - _CLOCKS
