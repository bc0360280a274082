"""Queries on what joined findings, and on what people do about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sluice_normaliser.storage.findings import ScanContext
from sluice_shared.db import Tx


async def record_joins(tx: Tx, scan: ScanContext, joins: Sequence[tuple[UUID, str]]) -> None:
    """Note by which key each finding was joined."""
    await tx.execute(
        "INSERT INTO identity_event (asset_id, finding_id, what, scanner, matched_by, report_id)"
        " SELECT $1, n.id, 'joined', $2, n.matched_by, $3 FROM unnest($4::uuid[], $5::varchar[]) AS n (id, matched_by)",
        scan.asset_id,
        scan.scanner,
        scan.report_id,
        [finding_id for finding_id, _ in joins],
        [key for _, key in joins],
    )


async def record_decision(
    tx: Tx,
    what: str,
    *,
    asset_id: UUID,
    finding_id: UUID,
    other_id: UUID,
    scanner: str,
    action_id: UUID,
    actor: str,
    reason: str,
) -> None:
    """Note a person's decision."""
    await tx.execute(
        "INSERT INTO identity_event (asset_id, finding_id, what, scanner, report_id, other_id, actor, reason)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        asset_id,
        finding_id,
        what,
        scanner,
        action_id,
        other_id,
        actor,
        reason,
    )


async def asset_of(tx: Tx, finding_id: UUID) -> Any:
    """Return ``asset_id`` and ``key`` of the asset that has the finding, or None."""
    return await tx.fetchrow(
        "SELECT a.asset_id, a.key FROM asset a"
        " WHERE EXISTS (SELECT FROM finding f WHERE f.asset_id = a.asset_id AND f.id = $1)",
        finding_id,
    )


async def describe(tx: Tx, asset_id: UUID, finding_id: UUID) -> dict[str, list[Any]]:
    """Return all that identity knows of a finding: its row, observations, keys, presences, events and neighbours."""
    return {
        "finding": await tx.fetch("SELECT * FROM finding WHERE asset_id = $1 AND id = $2", asset_id, finding_id),
        "observations": await tx.fetch(
            "SELECT scanner, scanner_version, seen_at, rule, path, line FROM observation"
            " WHERE asset_id = $1 AND finding_id = $2 ORDER BY scanner",
            asset_id,
            finding_id,
        ),
        "keys": await tx.fetch(
            "SELECT algorithm, key, scanner, report_id FROM finding_key WHERE asset_id = $1 AND finding_id = $2"
            " ORDER BY algorithm, key",
            asset_id,
            finding_id,
        ),
        "presences": await tx.fetch(
            "SELECT s.ref, s.scanner, s.category, p.line, p.since_at, p.gone_at FROM presence p"
            " JOIN scope s ON s.id = p.scope_id WHERE p.asset_id = $1 AND p.finding_id = $2"
            " ORDER BY s.ref, s.scanner, s.category",
            asset_id,
            finding_id,
        ),
        "events": await tx.fetch(
            "SELECT at, what, scanner, matched_by, report_id, other_id, actor, reason FROM identity_event"
            " WHERE asset_id = $1 AND finding_id = $2 ORDER BY id",
            asset_id,
            finding_id,
        ),
        "near": await tx.fetch(
            "SELECT n.finding_id, f.status, n.scanner, n.rule, n.path, n.line FROM observation o"
            " JOIN observation n ON n.asset_id = o.asset_id AND n.rule = o.rule AND n.path = o.path"
            " AND n.finding_id <> o.finding_id JOIN finding f ON f.asset_id = n.asset_id AND f.id = n.finding_id"
            " WHERE o.asset_id = $1 AND o.finding_id = $2 ORDER BY abs(n.line - o.line), n.finding_id LIMIT 10",
            asset_id,
            finding_id,
        ),
    }


async def move_scanner(tx: Tx, asset_id: UUID, source: UUID, target: UUID, scanner: str) -> None:
    """Give what a scanner says of one finding, where it shows it, and its own keys, to another finding.

    Keys that scanners share stay with both: from then on they are ambiguous, and join nothing.
    """
    await tx.execute(
        "UPDATE observation SET finding_id = $3 WHERE asset_id = $1 AND finding_id = $2 AND scanner = $4",
        asset_id,
        source,
        target,
        scanner,
    )
    await tx.execute(
        "UPDATE presence p SET finding_id = $3 FROM scope s"
        " WHERE s.id = p.scope_id AND s.scanner = $4 AND p.asset_id = $1 AND p.finding_id = $2",
        asset_id,
        source,
        target,
        scanner,
    )
    await tx.execute(
        "INSERT INTO finding_key (asset_id, key, finding_id, algorithm, scanner, report_id)"
        " SELECT asset_id, key, $3, algorithm, scanner, report_id FROM finding_key"
        " WHERE asset_id = $1 AND finding_id = $2 AND scanner = $4 ON CONFLICT DO NOTHING",
        asset_id,
        source,
        target,
        scanner,
    )


async def drop_keys(tx: Tx, asset_id: UUID, finding_id: UUID, scanner: str | None, *, below: int) -> None:
    """Take keys from a finding: of one scanner or of all, with algorithm numbers below a bound."""
    await tx.execute(
        "DELETE FROM finding_key WHERE asset_id = $1 AND finding_id = $2 AND ($3::varchar IS NULL OR scanner = $3)"
        " AND algorithm < $4",
        asset_id,
        finding_id,
        scanner,
        below,
    )


async def copy_finding(tx: Tx, asset_id: UUID, source: UUID, target: UUID, action_id: UUID) -> None:
    """Make a finding that begins as another's copy; what it shows is settled afterwards."""
    await tx.execute(
        "INSERT INTO finding (asset_id, id, status, severity, version, change, changed_by, matched_by, first_seen_at,"
        " opened_at, resolved_at, reopen_count) SELECT asset_id, $3, status, severity, 0, 'opened', $4, NULL,"
        " first_seen_at, opened_at, resolved_at, 0 FROM finding WHERE asset_id = $1 AND id = $2",
        asset_id,
        source,
        target,
        action_id,
    )


async def shared_scopes(tx: Tx, asset_id: UUID, one: UUID, other: UUID) -> list[Any]:
    """Return the scopes that show two findings side by side."""
    return await tx.fetch(
        "SELECT s.ref, s.scanner, s.category FROM presence a JOIN presence b ON b.asset_id = a.asset_id"
        " AND b.scope_id = a.scope_id JOIN scope s ON s.id = a.scope_id"
        " WHERE a.asset_id = $1 AND a.finding_id = $2 AND b.finding_id = $3"
        " AND a.gone_at IS NULL AND b.gone_at IS NULL",
        asset_id,
        one,
        other,
    )


async def absorb(tx: Tx, asset_id: UUID, source: UUID, target: UUID) -> None:
    """Give another finding all that one has: where both have the same, the newer stays. No scope shows both."""
    await tx.execute(
        "INSERT INTO observation (asset_id, finding_id, scanner, scanner_version, seen_at, seen_sequence, rule, path,"
        " line, keys, payload) SELECT asset_id, $3, scanner, scanner_version, seen_at, seen_sequence, rule, path, line,"
        " keys, payload FROM observation WHERE asset_id = $1 AND finding_id = $2"
        " ON CONFLICT (asset_id, finding_id, scanner) DO UPDATE SET scanner_version = excluded.scanner_version,"
        " seen_at = excluded.seen_at, seen_sequence = excluded.seen_sequence, rule = excluded.rule,"
        " path = excluded.path, line = excluded.line, keys = excluded.keys, payload = excluded.payload"
        " WHERE (observation.seen_at, observation.seen_sequence) < (excluded.seen_at, excluded.seen_sequence)",
        asset_id,
        source,
        target,
    )
    await tx.execute(
        "DELETE FROM presence t USING presence s WHERE t.asset_id = $1 AND t.finding_id = $3 AND s.asset_id = $1"
        " AND s.finding_id = $2 AND s.scope_id = t.scope_id"
        " AND t.gone_at IS NOT NULL AND (s.gone_at IS NULL OR s.gone_at > t.gone_at)",
        asset_id,
        source,
        target,
    )
    await tx.execute(
        "UPDATE presence s SET finding_id = $3 WHERE s.asset_id = $1 AND s.finding_id = $2 AND NOT EXISTS"
        " (SELECT FROM presence t WHERE t.asset_id = $1 AND t.finding_id = $3 AND t.scope_id = s.scope_id)",
        asset_id,
        source,
        target,
    )
    await tx.execute("DELETE FROM presence WHERE asset_id = $1 AND finding_id = $2", asset_id, source)
    await tx.execute(
        "INSERT INTO finding_key (asset_id, key, finding_id, algorithm, scanner, report_id)"
        " SELECT asset_id, key, $3, algorithm, scanner, report_id FROM finding_key"
        " WHERE asset_id = $1 AND finding_id = $2 ON CONFLICT DO NOTHING",
        asset_id,
        source,
        target,
    )


async def close_merged(tx: Tx, asset_id: UUID, finding_id: UUID, action_id: UUID, at: datetime) -> None:
    """End a finding that is another now."""
    await tx.execute(
        "UPDATE finding SET status = 'resolved', resolved_at = $4, version = version + 1, change = 'resolved',"
        " changed_by = $3 WHERE asset_id = $1 AND id = $2",
        asset_id,
        finding_id,
        action_id,
        at,
    )
