"""What scopes show, made of what is stored, with the keys that this release gives to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sluice_normaliser.domain.forecast import Shown
from sluice_normaliser.domain.keys import identify
from sluice_normaliser.domain.matching import Known
from sluice_normaliser.domain.scan import Prepared, PreparedScan
from sluice_normaliser.storage.findings import unpack_keys
from sluice_shared.contracts.finding import Kind, Observation


@dataclass(frozen=True, slots=True)
class StoredScope:
    """A scope's last known results."""

    scope_id: int
    shown: Shown
    kinds: tuple[Kind, ...]
    scanner_version: str | None

    def as_scan(self, *, complete: bool) -> PreparedScan:
        """Return them as the scan that would bring them."""
        return PreparedScan(
            asset=None,
            scanner=self.shown.scanner,
            scanner_version=self.scanner_version,
            category=self.shown.category,
            scanned_at=None,
            complete=complete,
            successful=True,
            failure=None,
            commit=None,
            ref=self.shown.ref,
            kinds=self.kinds,
            observations=len(self.shown.problems),
            problems=list(self.shown.problems),
        )


def stored_scopes(rows: Iterable[Any]) -> list[StoredScope]:
    """Take rows of :func:`sluice_normaliser.storage.shown.shown`, which are in the order of their scopes."""
    return [_scope(scope_id, list(group)) for scope_id, group in groupby(rows, key=lambda row: row["scope_id"])]


def _scope(scope_id: int, rows: list[Any]) -> StoredScope:
    observations = [Observation.model_validate_json(row["payload"]) for row in rows]
    first = rows[0]
    shown = Shown(
        scanner=first["scanner"],
        ref=first["ref"],
        category=first["category"],
        problems=[
            Prepared(
                exact=row["exact"],
                keys=identity.keys,
                content=row["content"],
                severity=row["severity"],
                payload=row["payload"].encode(),
                rule=row["rule"],
                path=row["path"],
                line=row["line"],
            )
            for row, identity in zip(rows, identify(observations), strict=True)
        ],
        known=[
            Known(row["finding_id"], unpack_keys(row["keys"]), row["rule"], row["path"], row["line"]) for row in rows
        ],
    )
    return StoredScope(scope_id, shown, tuple(sorted({o.kind for o in observations})), first["scanner_version"])
