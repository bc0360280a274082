"""Findings that exceptions cover, or may cover."""

# ruff: noqa: S608 - only column names and placeholders are put into the SQL

from collections.abc import Sequence
from uuid import UUID

from sluice_risk_index.domain.exceptions import Selector
from sluice_risk_index.domain.vex.statements import EXCUSE
from sluice_risk_index.storage.conditions import SEARCHED, Arguments, quote_term
from sluice_risk_index.storage.decisions import Held
from sluice_risk_index.storage.findings import SELECTED, as_finding
from sluice_shared.db import Record, Tx

Place = tuple[UUID, UUID]
START: Place = (UUID(int=0), UUID(int=0))


async def hold_covered(tx: Tx, except_by: Sequence[str], after: Place, limit: int) -> Held:
    """Return open findings that exceptions cover, those of ``except_by`` aside, held, from ``after`` on."""
    arguments = Arguments()
    where = f"exception_id NOT LIKE '{EXCUSE}%' AND exception_id <> ALL ({arguments.add(list(except_by))}::text[])"
    return await _hold(tx, where, arguments, after, limit)


async def hold_candidates(tx: Tx, selector: Selector, assets: Sequence[UUID], after: Place, limit: int) -> Held:
    """Return open findings that no exception covers and the selector may mean, held, from ``after`` on.

    They are more than it does mean: globs are left to the domain.
    """
    arguments = Arguments()
    where = f"exception_id IS NULL AND {_meant(selector, assets, arguments)}"
    return await _hold(tx, where, arguments, after, limit)


async def candidates(tx: Tx, selector: Selector, assets: Sequence[UUID], after: Place, limit: int) -> Held:
    """Return open findings that the selector may mean, from ``after`` on; they are not held."""
    arguments = Arguments()
    return await _hold(tx, _meant(selector, assets, arguments), arguments, after, limit, lock="")


def _meant(selector: Selector, assets: Sequence[UUID], arguments: Arguments) -> str:
    conditions = [f"asset_id = ANY ({arguments.add(list(assets))}::uuid[])"]
    if selector.findings is not None:
        conditions.append(f"id = ANY ({arguments.add(list(selector.findings))}::uuid[])")
    if selector.identifier is not None:
        conditions.append(f"{SEARCHED} @@ {arguments.add(quote_term(selector.identifier))}::tsquery")
    if selector.scanner is not None:
        conditions.append(f"{arguments.add(selector.scanner)}::text = ANY (scanners)")
    if selector.severity_max is not None:
        conditions.append(f"severity_rank <= {arguments.add(selector.severity_max.rank)}::int")
    if selector.classes is not None:
        conditions.append(f"risk_class = ANY ({arguments.add(list(selector.classes))}::text[])")
    if selector.path is not None:
        conditions.append("path IS NOT NULL")
    if selector.package is not None:
        conditions.append("package IS NOT NULL")
    return " AND ".join(conditions)


async def count_covered(tx: Tx, visible: Sequence[UUID] | None = None) -> list[Record]:
    """Count the open findings that each exception covers, by owner."""
    return await tx.fetch(
        """
        SELECT exception_id, team, count(*) AS number FROM finding
        WHERE exception_id IS NOT NULL AND status = 'open' AND ($1::uuid[] IS NULL OR asset_id = ANY ($1))
        GROUP BY exception_id, team
        """,
        None if visible is None else list(visible),
    )


async def _hold(
    tx: Tx, where: str, arguments: Arguments, after: Place, limit: int, *, lock: str = "FOR UPDATE"
) -> Held:
    asset, finding = arguments.add(after[0]), arguments.add(after[1])
    rows = await tx.fetch(
        f"""
        SELECT {SELECTED}, (SELECT key FROM asset WHERE asset.asset_id = finding.asset_id) AS asset_key FROM finding
        WHERE {where} AND status = 'open' AND (asset_id, id) > ({asset}::uuid, {finding}::uuid)
        ORDER BY asset_id, id LIMIT {arguments.add(limit)} {lock}
        """,
        *arguments.values,
    )
    return [(as_finding(row), row["asset_key"]) for row in rows]
