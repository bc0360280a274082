"""Findings as they are exported: rows of a list with what their scanners say."""

from collections.abc import Sequence
from uuid import UUID

import orjson

from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.exported import Exported, by_severity
from sluice_shared.contracts.finding import Observation, Severity
from sluice_shared.db import Record, Tx


async def of_rows(tx: Tx, rows: Sequence[Record]) -> list[Exported]:
    """Return the findings of these rows, in their order; one that no scanner says anything of any more is left out."""
    details = await tx.fetch(
        """
        SELECT d.finding_id, d.keys, d.observations
        FROM unnest($1::uuid[], $2::uuid[]) AS wanted (asset_id, finding_id)
        JOIN finding_detail d USING (asset_id, finding_id)
        """,
        [row["asset_id"] for row in rows],
        [row["id"] for row in rows],
    )
    by_id: dict[UUID, Record] = {detail["finding_id"]: detail for detail in details}
    found = [_exported(row, by_id[row["id"]]) for row in rows if row["id"] in by_id]
    return [each for each in found if each is not None]


def _exported(row: Record, detail: Record) -> Exported | None:
    return exported(row, orjson.loads(detail["keys"]), orjson.loads(detail["observations"]))


def exported(row: Record, keys: dict[str, str], observations: list[dict[str, object]]) -> Exported | None:
    """Return one finding of its row and its detail; None when it has no observations."""
    if not observations:
        return None
    return Exported(
        observations=by_severity([Observation.model_validate(each) for each in observations]),
        severity=Severity(row["severity"]),
        asset=row["asset"],
        finding_id=str(row["id"]),
        status=FindingStatus(row["status"]),
        keys=keys,
        refs=list(row["refs"]),
        first_seen_at=row["first_seen_at"],
        opened_at=row["opened_at"],
        resolved_at=row["resolved_at"],
        risk_score=row["score"],
        is_new=bool(row.get("is_new")),
    )
