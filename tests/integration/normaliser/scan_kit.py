"""Scans of one asset, driven as the normaliser drives them, and the state that they leave."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sluice_normaliser.application.apply_scan import apply_scan
from sluice_normaliser.application.lock_assets import lock_assets
from sluice_normaliser.domain.algorithms import RELEASED, Algorithm
from sluice_normaliser.domain.keys import digest
from sluice_normaliser.domain.lifecycle import Hold
from sluice_normaliser.domain.scan import Position, Prepared, PreparedScan
from sluice_normaliser.storage import names
from sluice_shared.contracts.assets import asset_id

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def problem(name, *, line=1, words="", shared=None, severity=3):
    """A problem that is recognised by its name, and is to the letter the same on the same line with the same words."""
    keys = [(int(Algorithm.MESSAGE_1), digest("message/1", (name,)))]
    if shared:
        keys.append((int(Algorithm.SHARED_CODE_1), digest("shared/1", (shared,))))
    return Prepared(
        exact=digest("exact/1", (name, str(line), words)),
        keys=tuple(keys),
        content=digest("content", (name, str(line), words)),
        severity=severity,
        payload=b'{"scanner":"s","kind":"sast","rule_id":"r","title":"%s"}' % name.encode(),
    )


class Line:
    """Drives scans of one asset, as the normaliser does, and reads the state back."""

    def __init__(self, database, force=RELEASED):
        self.database = database
        self.force = force
        self.asset = f"repo:github.com/acme/{uuid4().hex}"
        self.id = asset_id(self.asset)
        self.sequence = 0

    async def scan(self, day, *problems, complete=True, scanner="s", ref="main", asset=None):
        self.sequence += 1
        scan = PreparedScan(
            asset=None, scanner=scanner, scanner_version=None, category="", scanned_at=None, complete=complete,
            successful=True, failure=None, commit=None, ref=None, problems=list(problems), observations=len(problems),
        )  # fmt: skip
        async with self.database.transaction() as tx:
            key = asset or self.asset
            found = (await lock_assets(tx, [key]))[key]
            await names.ensure(tx, found, key)
            applied = await apply_scan(
                tx,
                scan,
                asset_id=found,
                ref=ref,
                position=Position(T0 + timedelta(days=day), self.sequence),
                report_id=uuid4(),
                hold=Hold(share=0.5, minimum=20),
                force=self.force,
            )
        return applied.counts.model_dump(
            exclude_defaults=True, include={"new", "reopened", "resolved", "updated", "unchanged"}
        )

    async def rows(self, sql="SELECT * FROM finding WHERE asset_id = $1 ORDER BY first_seen_at, id"):
        async with self.database.transaction(read_only=True) as tx:
            return await tx.fetch(sql, self.id)

    async def open_names(self):
        rows = await self.rows(
            "SELECT o.payload::jsonb->>'title' AS title FROM finding f JOIN observation o ON o.finding_id = f.id"
            " AND o.asset_id = f.asset_id WHERE f.asset_id = $1 AND f.status = 'open'"
        )
        return sorted(row["title"] for row in rows)
