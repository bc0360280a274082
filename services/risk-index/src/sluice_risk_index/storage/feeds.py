"""What the feeds say; taking an edition over is set-based, whatever its size."""

# ruff: noqa: S608 - only constants are put into the SQL

from collections.abc import Iterable
from dataclasses import dataclass

from sluice_risk_index.domain.feeds import Edition, EpssFeed, FeedName, KevFeed
from sluice_risk_index.domain.intelligence import NOTHING_KNOWN, CveIntelligence, Intelligence
from sluice_risk_index.storage.decisions import Held
from sluice_risk_index.storage.findings import SELECTED, as_finding
from sluice_shared.db import Record, Tx

_FELT = 0.0005
"""An EPSS score that has moved less since findings were last scored by it moves no score: these have 2 decimals."""
_TOUCHED = """
INSERT INTO rescoring (asset_id, finding_id)
SELECT DISTINCT f.asset_id, f.id FROM finding f CROSS JOIN LATERAL unnest(f.identifiers) AS i (cve)
JOIN touched ON touched.cve = i.cve WHERE f.status = 'open'
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class KnownFeed:
    """The edition that is in use, and how it was had."""

    edition: Edition
    entries: int
    etag: str | None
    last_modified: str | None


async def known_feed(tx: Tx, name: FeedName) -> KnownFeed | None:
    """Return what is known of the feed; None before its first edition."""
    row = await tx.fetchrow("SELECT * FROM feed WHERE name = $1", name)
    if row is None:
        return None
    return KnownFeed(Edition(row["version"], row["released_at"]), row["entries"], row["etag"], row["last_modified"])


async def all_feeds(tx: Tx) -> list[Record]:
    """Return all feeds with their editions, and how old these are in seconds."""
    return await tx.fetch(
        """
        SELECT name, version, released_at, entries, taken_at,
            greatest(extract(epoch FROM now() - released_at), 0)::float8 AS age FROM feed ORDER BY name
        """
    )


async def note_feed(
    tx: Tx, name: FeedName, edition: Edition, entries: int, *, etag: str | None, last_modified: str | None
) -> None:
    """Note the edition that is in use now."""
    await tx.execute(
        """
        INSERT INTO feed (name, version, released_at, entries, etag, last_modified, taken_at)
        VALUES ($1, $2, $3, $4, $5, $6, now())
        ON CONFLICT (name) DO UPDATE SET version = excluded.version, released_at = excluded.released_at,
            entries = excluded.entries, etag = excluded.etag, last_modified = excluded.last_modified,
            taken_at = excluded.taken_at
        """,
        name,
        edition.version,
        edition.released_at,
        entries,
        etag,
        last_modified,
    )


async def take_epss(tx: Tx, feed: EpssFeed) -> int:
    """Take the scores over; return how many open findings have to be scored again."""
    await tx.execute("CREATE TEMP TABLE staged_epss (cve text, score float8, percentile float8) ON COMMIT DROP")
    rows = ((cve, score, percentile) for cve, (score, percentile) in feed.scores.items())
    await tx.copy("staged_epss", ("cve", "score", "percentile"), rows)
    await tx.execute("ANALYZE staged_epss")
    await tx.execute(
        f"""
        CREATE TEMP TABLE touched ON COMMIT DROP AS
        SELECT coalesce(s.cve, e.cve) AS cve FROM staged_epss s FULL JOIN epss e ON e.cve = s.cve
        WHERE s.cve IS NULL OR e.cve IS NULL OR abs(s.score - e.applied) >= {_FELT}
        """
    )
    await tx.execute("DELETE FROM epss e WHERE NOT EXISTS (SELECT FROM staged_epss s WHERE s.cve = e.cve)")
    await tx.execute(
        f"""
        INSERT INTO epss (cve, score, percentile, applied) SELECT cve, score, percentile, score FROM staged_epss
        ON CONFLICT (cve) DO UPDATE SET score = excluded.score, percentile = excluded.percentile,
            applied = CASE WHEN abs(excluded.score - epss.applied) >= {_FELT}
                THEN excluded.score ELSE epss.applied END
        WHERE (epss.score, epss.percentile) IS DISTINCT FROM (excluded.score, excluded.percentile)
        """
    )
    return await _queue(tx)


async def take_kev(tx: Tx, feed: KevFeed, *, news: bool) -> int:
    """Take the catalogue over, as ``news`` unless it is the first; return how many findings are to be scored again."""
    await tx.execute("CREATE TEMP TABLE staged_kev (cve text, added date, due date, ransomware bool) ON COMMIT DROP")
    rows = ((cve, entry.added, entry.due, entry.ransomware) for cve, entry in feed.entries.items())
    await tx.copy("staged_kev", ("cve", "added", "due", "ransomware"), rows)
    await tx.execute(
        """
        CREATE TEMP TABLE touched ON COMMIT DROP AS
        SELECT coalesce(s.cve, k.cve) AS cve FROM staged_kev s FULL JOIN kev k ON k.cve = s.cve
        WHERE (s.added, s.due, s.ransomware) IS DISTINCT FROM (k.added, k.due, k.ransomware)
        """
    )
    await tx.execute("DELETE FROM kev k WHERE NOT EXISTS (SELECT FROM staged_kev s WHERE s.cve = k.cve)")
    await tx.execute(
        """
        INSERT INTO kev (cve, added, due, ransomware, news) SELECT cve, added, due, ransomware, $1 FROM staged_kev
        ON CONFLICT (cve) DO UPDATE SET added = excluded.added, due = excluded.due, ransomware = excluded.ransomware
        WHERE (kev.added, kev.due, kev.ransomware) IS DISTINCT FROM (excluded.added, excluded.due, excluded.ransomware)
        """,
        news,
    )
    return await _queue(tx)


async def look_up(tx: Tx, identifiers: Iterable[str]) -> Intelligence:
    """Return what the feeds know of these identifiers."""
    cves = sorted({name for name in identifiers if name.startswith("CVE-")})
    if not cves:
        return NOTHING_KNOWN
    rows = await tx.fetch(
        """
        SELECT i.cve, e.score, e.percentile, k.added, k.due, k.ransomware, k.news FROM unnest($1::text[]) AS i (cve)
        LEFT JOIN epss e ON e.cve = i.cve LEFT JOIN kev k ON k.cve = i.cve
        WHERE e.cve IS NOT NULL OR k.cve IS NOT NULL
        """,
        cves,
    )
    if not rows:
        return NOTHING_KNOWN
    feeds = await tx.fetch("SELECT name, version, released_at FROM feed")
    editions = {row["name"]: Edition(row["version"], row["released_at"]) for row in feeds}
    known = {
        row[0]: CveIntelligence(row[1], row[2], row[3], row[4], ransomware=bool(row[5]), news=bool(row[6]))
        for row in rows
    }
    return Intelligence(known, editions.get(FeedName.EPSS), editions.get(FeedName.KEV))


async def hold_queued(tx: Tx, limit: int) -> tuple[Held, int]:
    """Take findings off the queue that are to be scored again; return those still there, held, and how many it were."""
    taken = await tx.fetch(
        """
        DELETE FROM rescoring WHERE (asset_id, finding_id) IN (
            SELECT asset_id, finding_id FROM rescoring ORDER BY asset_id, finding_id LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING asset_id, finding_id
        """,
        limit,
    )
    if not taken:
        return [], 0
    rows = await tx.fetch(
        f"""
        SELECT {SELECTED}, (SELECT key FROM asset WHERE asset.asset_id = finding.asset_id) AS asset_key FROM finding
        WHERE asset_id = ANY ($1) AND id = ANY ($2) ORDER BY asset_id, id FOR UPDATE
        """,
        list({row["asset_id"] for row in taken}),
        [row["finding_id"] for row in taken],
    )
    return [(as_finding(row), row["asset_key"]) for row in rows], len(taken)


async def _queue(tx: Tx) -> int:
    await tx.execute("ANALYZE touched")
    tag = await tx.execute(_TOUCHED)
    return int(tag.rpartition(" ")[2])
