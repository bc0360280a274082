"""The audit trail: it only grows."""

from datetime import datetime
from typing import Any

import orjson

from sluice_shared.db import Record, Tx


async def note(
    tx: Tx, *, actor: str, action: str, subject: str, reason: str, detail: dict[str, Any], at: datetime
) -> None:
    """Note who did what to which subject, and why."""
    await tx.execute(
        "INSERT INTO audit (at, actor, action, subject, reason, detail) VALUES ($1, $2, $3, $4, $5, $6::json)",
        at,
        actor,
        action,
        subject,
        reason,
        orjson.dumps(detail, default=str).decode(),
    )


async def trail(tx: Tx, *, before: int | None, subject: str | None, limit: int) -> list[Record]:
    """Return entries, the latest first; those before an entry's id, and of one subject, where given."""
    return await tx.fetch(
        """
        SELECT id, at, actor, action, subject, reason, detail FROM audit
        WHERE ($1::bigint IS NULL OR id < $1) AND ($2::text IS NULL OR subject = $2) ORDER BY id DESC LIMIT $3
        """,
        before,
        subject,
        limit,
    )
