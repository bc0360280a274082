"""Queries over what is due: reports that wait for their first publication, or for their receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sluice_ingest.domain.report import Lane, Reason, Report
from sluice_ingest.storage.reports import COLUMNS, reports_of
from sluice_shared.contracts.events import EvidenceType
from sluice_shared.db import Tx

# The sweep works on one lane after the other. First it lets those wait that may still be in line; whoever is due after
# that is not.
_KEEP_WAITING = """
UPDATE report SET due_at = $3::timestamptz + random() * $4::interval
WHERE id IN (
    SELECT id FROM report WHERE lane = $1 AND due_at <= $2 AND published_at >= $5
    ORDER BY due_at LIMIT $6 FOR UPDATE SKIP LOCKED)
"""

_CLAIM = f"""
UPDATE report SET due_at = $3
WHERE id IN (
    SELECT id FROM report WHERE lane = $1 AND due_at <= $2 AND attempts < $4
        AND ($6::timestamptz IS NULL OR published_at IS NULL OR published_at < $6)
    ORDER BY due_at LIMIT $5 FOR UPDATE SKIP LOCKED)
RETURNING {COLUMNS}
"""  # noqa: S608 - no input in it

_GIVE_UP = """
UPDATE report SET status = 'stuck', reason = $4, detail = $5, finished_at = $2, due_at = NULL
WHERE id IN (
    SELECT id FROM report WHERE lane = $1 AND due_at <= $2 AND attempts >= $3
        AND ($7::timestamptz IS NULL OR published_at IS NULL OR published_at < $7)
    ORDER BY due_at LIMIT $6 FOR UPDATE SKIP LOCKED)
RETURNING id, scanner, evidence
"""

# What was published is nowhere any more, and that publication does not count.
_LOST = """
UPDATE report SET due_at = least(due_at, $1), published_at = NULL, attempts = greatest(attempts - 1, 0)
WHERE due_at IS NOT NULL AND published_at IS NOT NULL
"""

_POSTPONE = """
UPDATE report AS r
SET due_at = v.due_at, attempts = v.attempts, published_at = coalesce(v.published_at, r.published_at)
FROM unnest($1::uuid[], $2::timestamptz[], $3::integer[], $4::timestamptz[]) AS v (id, due_at, attempts, published_at)
WHERE r.id = v.id AND r.due_at IS NOT NULL
"""

_BACKLOG = """
SELECT count(*) AS due, min(received_at) AS oldest, (SELECT count(*) FROM report WHERE status = 'stuck') AS stuck
FROM report WHERE due_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Postponed:
    """When a due report is due next. `published_at` is None when it could not be published this time."""

    report_id: UUID
    due_at: datetime
    attempts: int
    published_at: datetime | None


class Stuck(NamedTuple):
    """A report that was given up: its id, its scanner as the client named it, and what evidence it is, if any."""

    id: UUID
    scanner: str | None
    evidence: EvidenceType | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many reports are due, since when the oldest was received, and how many are stuck."""

    due: int
    oldest: datetime | None
    stuck: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """A look at one lane: reports published at `in_line_from` or later may still be in line, and are left alone."""

    lane: Lane
    now: datetime
    in_line_from: datetime | None
    max_attempts: int
    limit: int


async def keep_waiting(tx: Tx, sweep: Sweep, *, until: datetime, spread: timedelta) -> int:
    """Let due reports that may still be in line wait until then or up to `spread` longer; return how many."""
    if sweep.in_line_from is None:
        return 0
    tag = await tx.execute(_KEEP_WAITING, sweep.lane.value, sweep.now, until, spread, sweep.in_line_from, sweep.limit)
    return int(tag.rpartition(" ")[2])


async def claim(tx: Tx, sweep: Sweep, *, leased_until: datetime) -> list[Report]:
    """Take due reports to publish; no other replica gets them before `leased_until`."""
    rows = await tx.fetch(
        _CLAIM, sweep.lane.value, sweep.now, leased_until, sweep.max_attempts, sweep.limit, sweep.in_line_from
    )
    return reports_of(rows)


async def give_up(tx: Tx, sweep: Sweep, *, reason: Reason) -> list[Stuck]:
    """Make reports stuck that are due after their last attempt; return which."""
    rows = await tx.fetch(
        _GIVE_UP,
        sweep.lane.value,
        sweep.now,
        sweep.max_attempts,
        reason.code,
        reason.detail,
        sweep.limit,
        sweep.in_line_from,
    )
    return [Stuck(row["id"], row["scanner"], EvidenceType(e) if (e := row["evidence"]) else None) for row in rows]


async def lose_publications(tx: Tx, *, now: datetime) -> int:
    """Make all reports due that were published: nothing is left of their publications. Return how many."""
    tag = await tx.execute(_LOST, now)
    return int(tag.rpartition(" ")[2])


async def postpone(tx: Tx, batch: Sequence[Postponed]) -> None:
    """Note when reports are due next; those that were settled meanwhile stay so."""
    await tx.execute(
        _POSTPONE,
        [p.report_id for p in batch],
        [p.due_at for p in batch],
        [p.attempts for p in batch],
        [p.published_at for p in batch],
    )


async def backlog(tx: Tx) -> Backlog:
    """Measure what is due."""
    row = await tx.fetchrow(_BACKLOG)
    return Backlog(row["due"], row["oldest"], row["stuck"]) if row else Backlog(0, None, 0)
