"""Queries on findings, set-based: one statement per batch, never one per finding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sluice_normaliser.domain.algorithms import Algorithm, InForce
from sluice_normaliser.domain.keys import KEY_BYTES, pack
from sluice_normaliser.domain.matching import Holder, Known
from sluice_normaliser.domain.scan import Position, Prepared
from sluice_shared.db import Tx

_APPEARED = """
    exact = excluded.exact, content = excluded.content, severity = excluded.severity, line = excluded.line,
    gone_at = NULL,
    since_at = CASE WHEN presence.gone_at IS NULL THEN presence.since_at ELSE excluded.since_at END,
    since_sequence = CASE WHEN presence.gone_at IS NULL THEN presence.since_sequence ELSE excluded.since_sequence END,
    confirmed_at = NULL, confirmed_sequence = NULL
"""
_HAD_BEEN = """
    since_at = least(presence.since_at, excluded.since_at),
    since_sequence = CASE
        WHEN (excluded.since_at, excluded.since_sequence) < (presence.since_at, presence.since_sequence)
        THEN excluded.since_sequence ELSE presence.since_sequence END,
    gone_at = CASE WHEN excluded.since_at > presence.gone_at THEN excluded.gone_at ELSE presence.gone_at END
"""


@dataclass(frozen=True, slots=True)
class ScanContext:
    """The scan on whose behalf rows are written."""

    asset_id: UUID
    scope_id: int
    scanner: str
    scanner_version: str | None
    report_id: UUID
    position: Position
    gone_at: datetime | None
    """When a late scan's problems were over already."""


def pack_keys(problem: Prepared, only: frozenset[int] | None = None) -> bytes:
    """Keys as stored beside an observation; of some algorithms only."""
    return pack(problem.keys if only is None else [(a, key) for a, key in problem.keys if a in only])


def unpack_keys(packed: bytes) -> tuple[tuple[int, bytes], ...]:
    """Read keys back as they are stored beside an observation."""
    step = KEY_BYTES + 1
    return tuple((packed[at], packed[at + 1 : at + step]) for at in range(0, len(packed), step))


def _lookup_keys(problem: Prepared) -> list[tuple[int, bytes]]:
    return [(algorithm, key) for algorithm, key in problem.keys if Algorithm(algorithm).is_stored]


async def has_findings(tx: Tx, asset_id: UUID) -> bool:
    """Tell whether the asset has any finding."""
    return bool(await tx.fetchval("SELECT EXISTS (SELECT FROM finding WHERE asset_id = $1)", asset_id))


async def find_holders(
    tx: Tx, asset_id: UUID, scanner: str, keys: Iterable[tuple[int, bytes]], force: InForce
) -> list[Holder]:
    """Return the asset's findings that have any of the keys, as far as these decide."""
    wanted = list({key for algorithm, key in keys if algorithm in force.algorithms})
    rows = await tx.fetch(
        "SELECT k.key, k.finding_id, f.status = 'open', o.line, o.keys FROM finding_key k"
        " JOIN finding f ON f.asset_id = k.asset_id AND f.id = k.finding_id"
        " LEFT JOIN observation o ON o.asset_id = k.asset_id AND o.finding_id = k.finding_id AND o.scanner = $2"
        " WHERE k.asset_id = $1 AND k.key = ANY($3::bytea[])",
        asset_id,
        scanner,
        wanted,
    )
    with_newer = await _with_newer(tx, asset_id, wanted, force) if force.newer and rows else set()
    return [
        Holder(key, i, packed is not None, is_open, line or 0, (key, i) in with_newer, packed or b"")
        for key, i, is_open, line, packed in rows
    ]


async def _with_newer(tx: Tx, asset_id: UUID, keys: Sequence[bytes], force: InForce) -> set[tuple[bytes, UUID]]:
    """Return which (key, finding) were given by a scanner that also gave a key of a newer version in force."""
    rows = await tx.fetch(
        "SELECT k.key, k.finding_id, k.algorithm, o.keys FROM finding_key k"
        " JOIN observation o ON o.asset_id = k.asset_id AND o.finding_id = k.finding_id AND o.scanner = k.scanner"
        " WHERE k.asset_id = $1 AND k.key = ANY($2::bytea[]) AND k.algorithm = ANY($3::smallint[])",
        asset_id,
        keys,
        list(force.newer),
    )
    return {
        (key, finding_id)
        for key, finding_id, algorithm, packed in rows
        if any(number in force.newer[algorithm] for number, _ in unpack_keys(packed))
    }


async def present_ids(tx: Tx, scan: ScanContext) -> list[UUID]:
    """Return the findings that a scope shows."""
    rows = await tx.fetch("SELECT finding_id FROM presence WHERE scope_id = $1 AND gone_at IS NULL", scan.scope_id)
    return [row["finding_id"] for row in rows]


async def known_in_scope(
    tx: Tx, asset_id: UUID, scope_id: int, scanner: str, finding_ids: Sequence[UUID]
) -> list[Known]:
    """Return present findings of a scope with what their matching needs."""
    rows = await tx.fetch(
        "SELECT p.finding_id, o.keys, o.rule, o.path, p.line FROM presence p"
        " JOIN observation o ON o.asset_id = p.asset_id AND o.finding_id = p.finding_id AND o.scanner = $3"
        " WHERE p.asset_id = $1 AND p.scope_id = $2 AND p.finding_id = ANY($4::uuid[])",
        asset_id,
        scope_id,
        scanner,
        finding_ids,
    )
    return [Known(i, unpack_keys(keys), rule, path, line) for i, keys, rule, path, line in rows]


async def create(tx: Tx, scan: ScanContext, new: Sequence[tuple[UUID, Prepared]]) -> None:
    """Write new findings with their observation, presence and keys; over at once when the scan came late."""
    status, change = ("resolved", "resolved") if scan.gone_at else ("open", "opened")
    at, sequence = scan.position
    await tx.copy(
        "finding",
        ("asset_id", "id", "status", "severity", "version", "change", "changed_by", "first_seen_at", "opened_at",
         "resolved_at", "reopen_count"),
        [(scan.asset_id, i, status, p.severity, 1, change, scan.report_id, at, at, scan.gone_at, 0) for i, p in new],
    )  # fmt: skip
    await tx.copy(
        "observation",
        ("asset_id", "finding_id", "scanner", "scanner_version", "seen_at", "seen_sequence", "rule", "path", "line",
         "keys", "payload"),
        [
            (scan.asset_id, i, scan.scanner, scan.scanner_version, at, sequence, p.rule, p.path, p.line,
             pack_keys(p), p.payload.decode())
            for i, p in new
        ],
    )  # fmt: skip
    await tx.copy(
        "presence",
        ("asset_id", "finding_id", "scope_id", "exact", "content", "severity", "line", "since_at", "since_sequence",
         "gone_at"),
        [
            (scan.asset_id, i, scan.scope_id, p.exact, p.content, p.severity, p.line, at, sequence, scan.gone_at)
            for i, p in new
        ],
    )  # fmt: skip
    await tx.copy(
        "finding_key",
        ("asset_id", "key", "finding_id", "algorithm", "scanner", "report_id"),
        [
            (scan.asset_id, key, i, algorithm, scan.scanner, scan.report_id)
            for i, p in new
            for algorithm, key in _lookup_keys(p)
        ],
    )


async def observe(tx: Tx, scan: ScanContext, seen: Sequence[tuple[UUID, Prepared]]) -> None:
    """Write what the scanner now says of known findings, where nothing newer is stored; keys only add up."""
    at, sequence = scan.position
    await tx.execute(
        "INSERT INTO observation (asset_id, finding_id, scanner, scanner_version, seen_at, seen_sequence,"
        " rule, path, line, keys, payload) SELECT $1, n.id, $2, $3, $4, $5, n.rule, n.path, n.line, n.keys, n.payload"
        " FROM unnest($6::uuid[], $7::varchar[], $8::varchar[], $9::integer[], $10::bytea[], $11::json[])"
        " AS n (id, rule, path, line, keys, payload)"
        " ON CONFLICT (asset_id, finding_id, scanner) DO UPDATE SET scanner_version = excluded.scanner_version,"
        " seen_at = excluded.seen_at, seen_sequence = excluded.seen_sequence, rule = excluded.rule,"
        " path = excluded.path, line = excluded.line, keys = excluded.keys, payload = excluded.payload"
        " WHERE (observation.seen_at, observation.seen_sequence) <= (excluded.seen_at, excluded.seen_sequence)",
        scan.asset_id,
        scan.scanner,
        scan.scanner_version,
        at,
        sequence,
        [i for i, _ in seen],
        [p.rule for _, p in seen],
        [p.path for _, p in seen],
        [p.line for _, p in seen],
        [pack_keys(p) for _, p in seen],
        [p.payload.decode() for _, p in seen],
    )
    await _write_keys(tx, scan, [(key, i, algorithm) for i, p in seen for algorithm, key in _lookup_keys(p)])


async def add_keys(tx: Tx, scan: ScanContext, seen: Sequence[tuple[UUID, Prepared]], had: frozenset[int]) -> None:
    """Write the keys of algorithms beyond those that the scope's findings ``had``, where these are as stored.

    They stand beside the others: no finding changes thereby.
    """
    await tx.execute(
        "UPDATE observation o SET keys = n.keys FROM unnest($3::uuid[], $4::bytea[], $5::bytea[])"
        " AS n (id, before, keys) WHERE o.asset_id = $1 AND o.finding_id = n.id AND o.scanner = $2"
        " AND o.keys = n.before AND n.keys <> n.before",
        scan.asset_id,
        scan.scanner,
        [i for i, _ in seen],
        [pack_keys(p, had) for _, p in seen],
        [pack_keys(p) for _, p in seen],
    )
    await _write_keys(tx, scan, [(key, i, a) for i, p in seen for a, key in _lookup_keys(p) if a not in had])


async def _write_keys(tx: Tx, scan: ScanContext, keys: Sequence[tuple[bytes, UUID, int]]) -> None:
    await tx.execute(
        "INSERT INTO finding_key (asset_id, key, finding_id, algorithm, scanner, report_id)"
        " SELECT $1, n.key, n.id, n.algorithm, $2, $3"
        " FROM unnest($4::bytea[], $5::uuid[], $6::smallint[]) AS n (key, id, algorithm) ON CONFLICT DO NOTHING",
        scan.asset_id,
        scan.scanner,
        scan.report_id,
        [k for k, _, _ in keys],
        [i for _, i, _ in keys],
        [a for _, _, a in keys],
    )


async def appear(tx: Tx, scan: ScanContext, seen: Sequence[tuple[UUID, Prepared]]) -> None:
    """Make findings present in the scan's scope, or change what is kept of their presence there.

    What a late scan shows was present and is gone; where that is known, it may have begun earlier or ended later.
    """
    at, sequence = scan.position
    changes = _APPEARED if scan.gone_at is None else _HAD_BEEN
    await tx.execute(
        "INSERT INTO presence (asset_id, finding_id, scope_id, exact, content, severity, line, since_at,"  # noqa: S608
        " since_sequence, gone_at) SELECT $1, n.id, $2, n.exact, n.content, n.severity, n.line, $3, $4, $5"
        " FROM unnest($6::uuid[], $7::bytea[], $8::bytea[], $9::smallint[], $10::integer[])"
        " AS n (id, exact, content, severity, line)"
        f" ON CONFLICT (asset_id, finding_id, scope_id) DO UPDATE SET {changes}",
        scan.asset_id,
        scan.scope_id,
        at,
        sequence,
        scan.gone_at,
        [i for i, _ in seen],
        [p.exact for _, p in seen],
        [p.content for _, p in seen],
        [p.severity for _, p in seen],
        [p.line for _, p in seen],
    )


async def backdate(tx: Tx, scan: ScanContext, finding_ids: Sequence[UUID]) -> None:
    """Let presences begin with this late scan, which had seen them already; what has seen them since still counts."""
    await tx.execute(
        "UPDATE presence SET since_at = $4, since_sequence = $5, confirmed_at = coalesce(confirmed_at, since_at),"
        " confirmed_sequence = coalesce(confirmed_sequence, since_sequence)"
        " WHERE asset_id = $1 AND scope_id = $2 AND finding_id = ANY($3::uuid[])",
        scan.asset_id,
        scan.scope_id,
        finding_ids,
        *scan.position,
    )


async def confirm(tx: Tx, scan: ScanContext, finding_ids: Sequence[UUID]) -> None:
    """Note that a partial scan has seen these presences again."""
    await tx.execute(
        "UPDATE presence SET confirmed_at = $4, confirmed_sequence = $5"
        " WHERE asset_id = $1 AND scope_id = $2 AND finding_id = ANY($3::uuid[])",
        scan.asset_id,
        scan.scope_id,
        finding_ids,
        *scan.position,
    )


async def end_presence(tx: Tx, scan: ScanContext, finding_ids: Sequence[UUID]) -> None:
    """End the presence of findings that a complete scan no longer shows."""
    await tx.execute(
        "UPDATE presence SET gone_at = $4 WHERE asset_id = $1 AND scope_id = $2 AND finding_id = ANY($3::uuid[])",
        scan.asset_id,
        scan.scope_id,
        finding_ids,
        scan.position.at,
    )


async def settle(
    tx: Tx, scan: ScanContext, touched: Sequence[UUID], matched_by: Sequence[str | None]
) -> dict[str, list[UUID]]:
    """Derive status, severity and times of touched findings from their presences, over all scopes.

    Each becomes one version newer and names the scan's report. Returns the findings by what happened to them:
    ``reopened``, ``resolved``, ``updated``.
    """
    rows = await tx.fetch(
        """
        WITH touched AS (SELECT * FROM unnest($2::uuid[], $3::varchar[]) AS t (id, matched_by)),
        shown AS (
            SELECT p.finding_id, bool_or(p.gone_at IS NULL) AS present, min(p.since_at) AS since,
                   max(p.gone_at) AS gone, max(p.severity) FILTER (WHERE p.gone_at IS NULL) AS severity,
                   min(p.since_at) FILTER (WHERE p.gone_at IS NULL) AS shown_since
            FROM presence p WHERE p.asset_id = $1 AND p.finding_id = ANY($2::uuid[]) GROUP BY p.finding_id
        )
        UPDATE finding f SET
            version = f.version + 1,
            changed_by = $4,
            matched_by = coalesce(t.matched_by, f.matched_by),
            change = CASE WHEN s.present AND f.status = 'resolved' THEN 'reopened'
                          WHEN NOT s.present AND f.status = 'open' THEN 'resolved' ELSE 'updated' END,
            status = CASE WHEN s.present THEN 'open' ELSE 'resolved' END,
            severity = coalesce(s.severity, f.severity),
            first_seen_at = least(f.first_seen_at, s.since),
            opened_at = CASE WHEN s.present AND f.status = 'resolved' THEN s.shown_since
                             ELSE least(f.opened_at, s.shown_since) END,
            resolved_at = CASE WHEN s.present THEN NULL ELSE s.gone END,
            reopen_count = f.reopen_count + (s.present AND f.status = 'resolved')::int
        FROM shown s JOIN touched t ON t.id = s.finding_id
        WHERE f.asset_id = $1 AND f.id = s.finding_id
        RETURNING f.id, f.change
        """,
        scan.asset_id,
        touched,
        matched_by,
        scan.report_id,
    )
    outcome: dict[str, list[UUID]] = {"reopened": [], "resolved": [], "updated": []}
    for finding_id, change in rows:
        outcome[change].append(finding_id)
    return outcome
