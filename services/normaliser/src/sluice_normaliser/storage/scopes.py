"""Queries on assets, scopes and reports."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sluice_normaliser.domain.algorithms import computed
from sluice_normaliser.domain.lifecycle import Presence, ScopeState
from sluice_normaliser.domain.scan import Position
from sluice_shared.contracts.events import ReportCounts, ScanSummary
from sluice_shared.db import Tx


@dataclass(frozen=True, slots=True)
class AppliedReport:
    """A report whose changes are committed."""

    report_id: UUID
    received_at: datetime
    scanner: str
    counts: ReportCounts
    scans: dict[UUID, list[ScanSummary]]
    changed: int


async def find_report(tx: Tx, report_id: UUID) -> AppliedReport | None:
    """Return what a report came to, or None when it has not been applied."""
    row = await tx.fetchrow(
        "SELECT received_at, scanner, counts, scans, changed FROM report WHERE report_id = $1", report_id
    )
    if row is None:
        return None
    scans: dict[str, list[Any]] = json.loads(row["scans"])
    return AppliedReport(
        report_id=report_id,
        received_at=row["received_at"],
        scanner=row["scanner"],
        counts=ReportCounts.model_validate_json(row["counts"]),
        scans={UUID(asset): [ScanSummary.model_validate(s) for s in entries] for asset, entries in scans.items()},
        changed=row["changed"],
    )


async def record_report(tx: Tx, report: AppliedReport, assets: Iterable[UUID]) -> None:
    """Record that a report's changes are part of this transaction."""
    scans = {str(asset): [s.model_dump(mode="json") for s in entries] for asset, entries in report.scans.items()}
    await tx.execute(
        "INSERT INTO report (report_id, applied_at, received_at, scanner, counts, scans, assets, changed)"
        " VALUES ($1, now(), $2, $3, $4, $5, $6, $7)",
        report.report_id,
        report.received_at,
        report.scanner,
        report.counts.model_dump_json(),
        json.dumps(scans),
        list(assets),
        report.changed,
    )


async def open_scope(
    tx: Tx,
    asset_id: UUID,
    *,
    ref: str,
    scanner: str,
    category: str,
    position: Position,
    complete: bool,
    report_id: UUID,
) -> tuple[int, ScopeState]:
    """Return the scope's id and its state before this scan, and note the scan in it.

    The caller holds the asset's lock.
    """
    row = await tx.fetchrow(
        "SELECT id, complete_at, complete_sequence, holds, algorithms FROM scope"
        " WHERE asset_id = $1 AND ref = $2 AND scanner = $3 AND category = $4",
        asset_id,
        ref,
        scanner,
        category,
    )
    completed = position if complete else None
    if row is None:
        scope_id: int = await tx.fetchval(
            "INSERT INTO scope (asset_id, ref, scanner, category, last_at, last_sequence, complete_at,"
            " complete_sequence, last_report_id, algorithms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            " RETURNING id",
            asset_id,
            ref,
            scanner,
            category,
            *position,
            *(completed or (None, None)),
            report_id,
            sorted(computed()),
        )
        return scope_id, ScopeState(None, {})
    before = Position(row["complete_at"], row["complete_sequence"]) if row["complete_at"] else None
    present = await _present(tx, row["id"])
    await tx.execute(
        "UPDATE scope SET last_at = $2, last_sequence = $3, last_report_id = $4"
        " WHERE id = $1 AND (last_at, last_sequence) < ($2, $3)",
        row["id"],
        *position,
        report_id,
    )
    if completed and (before is None or completed > before):
        await tx.execute(
            "UPDATE scope SET complete_at = $2, complete_sequence = $3 WHERE id = $1", row["id"], *completed
        )
    return row["id"], ScopeState(before, present, row["holds"], frozenset(row["algorithms"]))


async def set_hold(tx: Tx, scope_id: int, *, holds: bool) -> None:
    """Note whether the scope's losses wait for another scan to confirm them."""
    await tx.execute("UPDATE scope SET holds = $2 WHERE id = $1 AND holds <> $2", scope_id, holds)


async def set_algorithms(tx: Tx, scope_id: int, algorithms: Iterable[int]) -> None:
    """Note the algorithms whose keys are stored for all that the scope shows."""
    await tx.execute("UPDATE scope SET algorithms = $2 WHERE id = $1", scope_id, sorted(algorithms))


async def stale_scopes(tx: Tx, asset_id: UUID, *, ref: str, before: datetime, kept_refs: Sequence[str]) -> list[int]:
    """Return scopes of other refs of the asset that were last scanned before a time and still show something.

    ``kept_refs`` are patterns (``*`` for any characters) of refs that are never stale.
    """
    patterns = [
        name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%") for name in kept_refs
    ]
    rows = await tx.fetch(
        "SELECT id FROM scope s WHERE asset_id = $1 AND ref <> $2 AND last_at < $3 AND NOT ref LIKE ANY($4::varchar[])"
        " AND EXISTS (SELECT FROM presence p WHERE p.scope_id = s.id AND p.gone_at IS NULL)",
        asset_id,
        ref,
        before,
        patterns,
    )
    return [row["id"] for row in rows]


async def _present(tx: Tx, scope_id: int) -> dict[UUID, Presence]:
    rows = await tx.fetch(
        "SELECT finding_id, exact, content, since_at, since_sequence, confirmed_at, confirmed_sequence"
        " FROM presence WHERE scope_id = $1 AND gone_at IS NULL",
        scope_id,
    )
    present = {}
    for finding_id, exact, content, since_at, since_sequence, confirmed_at, confirmed_sequence in rows:
        since = Position(since_at, since_sequence)
        confirmed = Position(confirmed_at, confirmed_sequence) if confirmed_at else since
        present[finding_id] = Presence(finding_id, exact, content, since, confirmed)
    return present
