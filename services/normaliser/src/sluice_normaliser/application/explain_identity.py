"""Explain why a finding is one finding: which key joined what when, and what else was near."""

from typing import Any
from uuid import UUID

from sluice_normaliser.domain.algorithms import RELEASED, Algorithm, InForce, label_of
from sluice_normaliser.errors import NoSuchFindingError
from sluice_normaliser.storage import identity
from sluice_shared.db import Database


class ExplainIdentity:
    """The use case."""

    def __init__(self, database: Database, force: InForce = RELEASED) -> None:
        self._database = database
        self._force = force

    async def __call__(self, finding_id: UUID) -> dict[str, Any]:
        """Return the explanation as JSON-ready values. Raises NoSuchFindingError, Unavailable."""
        async with self._database.transaction(read_only=True) as tx:
            asset = await identity.asset_of(tx, finding_id)
            if asset is None:
                raise NoSuchFindingError(finding_id)
            known = await identity.describe(tx, asset["asset_id"], finding_id)
        (finding,) = known["finding"]
        return {
            "finding_id": finding_id,
            "asset": asset["key"],
            "status": finding["status"],
            "version": finding["version"],
            "first_seen_at": finding["first_seen_at"],
            "resolved_at": finding["resolved_at"],
            "reopen_count": finding["reopen_count"],
            "observations": [dict(row) for row in known["observations"]],
            "keys": [
                {
                    "algorithm": label_of(row["algorithm"]),
                    "shared": row["algorithm"] >= Algorithm.SHARED_VULNERABILITY_1,
                    "decides": row["algorithm"] in self._force.algorithms,
                    "key": row["key"].hex(),
                    "scanner": row["scanner"],
                    "report_id": row["report_id"],
                }
                for row in known["keys"]
            ],
            "presences": [dict(row) for row in known["presences"]],
            "events": [dict(row) for row in known["events"]],
            "near": [dict(row) for row in known["near"]],
        }
