"""What a report says about its scan, as a declarative map."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sluice_normaliser.kit.coerce import boolean, text
from sluice_normaliser.kit.expressions import Compiler, Expr
from sluice_normaliser.kit.path import Frame, Getter
from sluice_normaliser.kit.times import parse_time


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanMap:
    """What a report says about its scan; paths are relative to the document.

    ``failure`` gives the scanner's words when it failed, else nothing; the scan then counts as not successful.
    ``refuse`` does so where the report shows nothing and would look like a clean run: it is refused.
    ``complete`` gives False for a scan over a part only.
    """

    name: Expr | None = None
    version: Expr | None = None
    category: Expr | None = None
    scanned_at: Expr | None = None
    complete: Expr | None = None
    failure: Expr | None = None
    refuse: Expr | None = None
    commit: Expr | None = None
    ref: Expr | None = None
    _compiled: dict[str, Getter] = field(default_factory=dict, repr=False, compare=False)

    def compile(self) -> dict[str, Getter]:
        """Return the closures by name."""
        if not self._compiled:
            compiler = Compiler()
            for each in fields(self):
                value = getattr(self, each.name)
                if each.name != "_compiled" and value is not None:
                    self._compiled[each.name] = compiler.compile(value)
        return self._compiled

    def read(self, frame: Frame) -> dict[str, Any]:
        """Return the values that there are, typed."""
        found: dict[str, Any] = {}
        for name, getter in self.compile().items():
            raw = getter(frame)
            value: str | bool | datetime | None
            if name == "scanned_at":
                value = parse_time(raw)
            elif name == "complete":
                value = boolean(raw)
            else:
                value = text(raw)
                value = value.strip() if value else None
            if value is not None:
                found[name] = value
        return found
