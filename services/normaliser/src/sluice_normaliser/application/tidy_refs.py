"""Tidy refs away that nobody scans any more.

It rides on a report of the same asset: its changes are then that report's, and are due until they are indexed like all
others.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sluice_normaliser.domain.scan import Position
from sluice_normaliser.storage import findings, scopes
from sluice_normaliser.storage.findings import ScanContext
from sluice_shared.contracts.events import ReportReceived
from sluice_shared.db import Tx


@dataclass(frozen=True, slots=True)
class Tidying:
    """How long a ref may go unscanned, and the patterns of refs that are kept for ever."""

    retention: timedelta
    kept_refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many findings were resolved thereby, and of how many a new version was written."""

    resolved: int = 0
    changed: int = 0


async def tidy_refs(
    tx: Tx, tidying: Tidying, asset_id: UUID, *, ref: str, now: datetime, report: ReportReceived
) -> Tidied:
    """End every presence on the asset's stale refs. The caller holds the asset's lock."""
    stale = await scopes.stale_scopes(
        tx, asset_id, ref=ref, before=now - tidying.retention, kept_refs=tidying.kept_refs
    )
    resolved = changed = 0
    for scope_id in stale:
        context = ScanContext(
            asset_id=asset_id,
            scope_id=scope_id,
            scanner="",
            scanner_version=None,
            report_id=report.report_id,
            position=Position(now, report.sequence),
            gone_at=None,
        )
        present = await findings.present_ids(tx, context)
        await findings.end_presence(tx, context, present)
        outcome = await findings.settle(tx, context, present, [None] * len(present))
        resolved += len(outcome["resolved"])
        changed += len(present)
    return Tidied(resolved, changed)
