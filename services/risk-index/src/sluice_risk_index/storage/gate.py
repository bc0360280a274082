"""What the gate has to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sluice_risk_index.domain.gate import Judged
from sluice_risk_index.domain.scans import Scan
from sluice_risk_index.domain.triage import EXCUSED
from sluice_shared.contracts.finding import Kind, Severity
from sluice_shared.db import Record, Tx


@dataclass(frozen=True, slots=True)
class OnRef:
    """What is judged on a ref: counts, the worst of them with all that is shown, and how many are excused by what."""

    judged: list[Judged]
    findings: list[Record]
    excused: dict[str, int]


async def findings_on(tx: Tx, asset_id: UUID, *, ref: str, base: str, total: bool, limit: int) -> OnRef:
    """Return the asset's open findings that are on ``ref`` and, unless in ``total``, not on ``base``; worst first.

    All are counted; at most ``limit`` that nothing excuses are shown.
    """
    rows = await tx.fetch(
        """
        WITH judged AS MATERIALIZED (
            SELECT id, severity, severity_rank, kind = 'secret' AS secret, decision, score FROM finding
            WHERE asset_id = $1 AND status = 'open' AND $2::text = ANY (refs) AND ($4 OR NOT $3::text = ANY (refs))
        )
        (SELECT id, NULL AS severity, NULL::boolean AS secret, NULL AS decision, NULL::bigint AS number FROM judged
        WHERE decision <> ALL ($5) ORDER BY judged.secret DESC, severity_rank DESC, score DESC, id LIMIT $6)
        UNION ALL
        SELECT NULL, severity, secret, decision, count(*) FROM judged GROUP BY severity, secret, decision
        """,
        asset_id,
        ref,
        base,
        total,
        sorted(EXCUSED),
        limit,
    )
    counts = [row for row in rows if row["id"] is None]
    excused: dict[str, int] = {}
    for row in counts:
        if row["decision"] in EXCUSED:
            excused[row["decision"]] = excused.get(row["decision"], 0) + row["number"]
    judged = [
        Judged(Severity(row["severity"]), row["secret"], row["number"])
        for row in counts
        if row["decision"] not in EXCUSED
    ]
    shown = await _shown(tx, asset_id, base, [row["id"] for row in rows if row["id"] is not None])
    return OnRef(judged, shown, excused)


async def _shown(tx: Tx, asset_id: UUID, base: str, ids: list[UUID]) -> list[Record]:
    if not ids:
        return []
    return await tx.fetch(
        """
        SELECT f.id, f.asset_id, a.key AS asset, f.title, f.kind, f.severity, f.risk_class, f.score, f.status, f.team,
            f.rule_id, f.location, f.package, f.fix_action, f.due_at, f.decision, f.refs, f.first_seen_at, f.opened_at,
            f.resolved_at, NOT $3::text = ANY (f.refs) AS is_new
        FROM finding f JOIN asset a USING (asset_id) WHERE f.asset_id = $1 AND f.id = ANY ($2)
        ORDER BY f.kind = 'secret' DESC, f.severity_rank DESC, f.score DESC, f.id
        """,
        asset_id,
        ids,
        base,
    )


async def scans_of(tx: Tx, asset_id: UUID, refs: Sequence[str]) -> dict[str, list[Scan]]:
    """Return the last successful scans of these refs, by ref."""
    rows = await tx.fetch(
        """
        SELECT ref, scanner, kind, last_scan_at, commit FROM coverage
        WHERE asset_id = $1 AND ref = ANY ($2) AND last_scan_at IS NOT NULL
        """,
        asset_id,
        list(refs),
    )
    found: dict[str, list[Scan]] = {ref: [] for ref in refs}
    for row in rows:
        kind = Kind(row["kind"]) if row["kind"] else None
        found[row["ref"]].append(Scan(row["scanner"], kind, row["last_scan_at"], row["commit"]))
    return found


async def kinds_known(tx: Tx, scanners: Sequence[str], kinds: Sequence[Kind]) -> list[tuple[str, Kind]]:
    """Return which of these scanners has ever reported which of these kinds, anywhere."""
    if not scanners or not kinds:
        return []
    rows = await tx.fetch(
        """
        SELECT s.scanner, k.kind FROM unnest($1::text[]) AS s (scanner) CROSS JOIN unnest($2::text[]) AS k (kind)
        WHERE EXISTS (SELECT FROM coverage c WHERE c.scanner = s.scanner AND c.kind = k.kind)
        """,
        list(scanners),
        list(kinds),
    )
    return [(row["scanner"], Kind(row["kind"])) for row in rows]
