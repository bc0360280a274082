"""What the gate has to know."""

from collections import Counter
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

    All are counted; at most ``limit`` that nothing excuses are shown. An asset may have many findings, but they are on
    few different sets of refs: these are looked at one by one, and the rest is read off an index that has a set's key.
    """
    groups = await tx.fetch(
        """
        WITH RECURSIVE keys AS (
            (SELECT refs_key FROM finding WHERE asset_id = $1 AND status = 'open' ORDER BY refs_key LIMIT 1)
            UNION ALL
            SELECT (SELECT f.refs_key FROM finding f
                WHERE f.asset_id = $1 AND f.status = 'open' AND f.refs_key > keys.refs_key
                ORDER BY f.refs_key LIMIT 1) FROM keys WHERE keys.refs_key IS NOT NULL
        ), sets AS MATERIALIZED (
            SELECT k.refs_key FROM keys k CROSS JOIN LATERAL (
                SELECT refs FROM finding f
                WHERE f.asset_id = $1 AND f.status = 'open' AND f.refs_key = k.refs_key LIMIT 1
            ) AS one WHERE $2::text = ANY (one.refs) AND ($4 OR NOT $3::text = ANY (one.refs))
        ), counted AS (
            SELECT f.refs_key, f.facet, count(*) AS number FROM sets JOIN finding f USING (refs_key)
            WHERE f.asset_id = $1 AND f.status = 'open' GROUP BY f.refs_key, f.facet
        )
        SELECT c.refs_key, c.facet, c.number, x.severity, x.kind, x.decision
        FROM counted c JOIN facet x ON x.id = c.facet
        """,
        asset_id,
        ref,
        base,
        total,
    )
    excused: Counter[str] = Counter()
    judged: Counter[tuple[Severity, bool]] = Counter()
    for row in groups:
        if row["decision"] in EXCUSED:
            excused[row["decision"]] += row["number"]
        else:
            judged[_rank(row)] += row["number"]
    worst = _worst([row for row in groups if row["decision"] not in EXCUSED], limit)
    return OnRef(
        [Judged(severity, secret, number) for (severity, secret), number in judged.items()],
        await _shown(tx, asset_id, base, worst, limit),
        dict(excused),
    )


def _rank(group: Record) -> tuple[Severity, bool]:
    return Severity(group["severity"]), group["kind"] == Kind.SECRET


def _worst(groups: Sequence[Record], limit: int) -> list[Record]:
    """Return the groups that the worst ``limit`` findings are among."""
    ranks = Counter[tuple[Severity, bool]]()
    for group in groups:
        ranks[_rank(group)] += group["number"]
    needed, found = set(), 0
    for rank in sorted(ranks, key=lambda rank: (rank[1], rank[0].rank), reverse=True):
        if found >= limit:
            break
        needed.add(rank)
        found += ranks[rank]
    return [group for group in groups if _rank(group) in needed]


async def _shown(tx: Tx, asset_id: UUID, base: str, groups: Sequence[Record], limit: int) -> list[Record]:
    if not groups:
        return []
    return await tx.fetch(
        """
        WITH worst AS MATERIALIZED (
            SELECT f.id FROM finding f JOIN facet x ON x.id = f.facet
            WHERE f.asset_id = $1 AND f.status = 'open' AND f.refs_key = ANY ($2) AND f.facet = ANY ($3)
            ORDER BY x.kind = 'secret' DESC, array_position($4::text[], x.severity) DESC, f.score DESC, f.id LIMIT $5
        )
        SELECT f.id, f.asset_id, a.key AS asset, f.title, f.kind, f.severity, f.risk_class, f.score, f.status, f.team,
            f.rule_id, f.location, f.package, f.fix_action, f.due_at, f.decision, f.refs, f.first_seen_at, f.opened_at,
            f.resolved_at, NOT $6::text = ANY (f.refs) AS is_new
        FROM worst JOIN finding f ON f.asset_id = $1 AND f.id = worst.id JOIN asset a ON a.asset_id = f.asset_id
        ORDER BY f.kind = 'secret' DESC, f.severity_rank DESC, f.score DESC, f.id
        """,
        asset_id,
        list({group["refs_key"] for group in groups}),
        list({group["facet"] for group in groups}),
        sorted(Severity, key=lambda severity: severity.rank),
        limit,
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
