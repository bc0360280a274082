"""Findings: read and held, inserted, updated; each by one statement for many."""

# ruff: noqa: S608 - only column names and placeholders are put into the SQL

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from sluice_risk_index.domain.finding import COLUMNS, Finding, as_tuple
from sluice_risk_index.domain.history import HistoryEntry
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.sla import SlaState
from sluice_risk_index.domain.triage import Decision
from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.finding import Kind, Severity
from sluice_shared.db import Record, Tx

SELECTED = ", ".join(COLUMNS)
_DECIDED = COLUMNS[COLUMNS.index("score") :]
_KEYED = ("asset_id", "id", "version", *_DECIDED)
_as_decided = attrgetter(*_KEYED)
_CHANGED = [column for column in COLUMNS if column not in ("asset_id", "id")]


class Reasons(NamedTuple):
    """Why a finding has its class, and its owner."""

    of_class: str
    of_owner: str


def as_finding(row: Record) -> Finding:
    """Make a finding of a row that begins with all columns of the table."""
    finding = Finding(*(row[number] for number in range(len(COLUMNS))))
    # Look-ups in tables take a third of the time of calls of the enumerations, and this is done for thousands at once.
    finding.status = _STATUSES[finding.status]
    finding.severity = _SEVERITIES[finding.severity]
    finding.kind = _KINDS[finding.kind]
    finding.risk_class = _CLASSES[finding.risk_class]
    finding.sla_state = _STATES[finding.sla_state]
    finding.decision = _DECISIONS[finding.decision]
    finding.decided = _DECISIONS[finding.decided]
    return finding


_STATUSES: dict[str, FindingStatus] = {status.value: status for status in FindingStatus}
_SEVERITIES: dict[str, Severity] = {severity.value: severity for severity in Severity}
_KINDS: dict[str, Kind] = {kind.value: kind for kind in Kind}
_CLASSES: dict[str, RiskClass] = {risk_class.value: risk_class for risk_class in RiskClass}
_STATES: dict[str, SlaState] = {state.value: state for state in SlaState}
_DECISIONS: dict[str, Decision] = {decision.value: decision for decision in Decision}


async def hold_findings(tx: Tx, asset_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Finding]:
    """Return those of the asset's findings that exist, and hold them until the transaction ends."""
    rows = await tx.fetch(
        f"SELECT {SELECTED} FROM finding WHERE asset_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE", asset_id, ids
    )
    return {row["id"]: as_finding(row) for row in rows}


async def hold_with_assets(tx: Tx, ids: Sequence[tuple[UUID, UUID]]) -> list[tuple[Finding, str]]:
    """Return those of the findings that are still open, held, each with the key of its asset."""
    rows = await tx.fetch(
        f"""
        SELECT {", ".join(f"f.{column}" for column in COLUMNS)}, a.key AS asset_key
        FROM unnest($1::uuid[], $2::uuid[]) AS s (asset_id, id)
        JOIN finding f ON f.asset_id = s.asset_id AND f.id = s.id JOIN asset a ON a.asset_id = f.asset_id
        WHERE f.status = 'open' ORDER BY f.asset_id, f.id FOR UPDATE OF f
        """,
        [asset for asset, _ in ids],
        [finding for _, finding in ids],
    )
    return [(as_finding(row), row["asset_key"]) for row in rows]


async def insert_findings(tx: Tx, findings: Iterable[Finding]) -> None:
    """Insert findings that do not exist; the caller holds their asset."""
    await tx.copy("finding", COLUMNS, map(as_tuple, findings))


async def update_findings(tx: Tx, findings: Sequence[Finding]) -> None:
    """Write findings that the caller holds, once a transaction; a row that is newer already stays as it is."""
    if not findings:
        return
    await tx.execute("CREATE TEMP TABLE IF NOT EXISTS staged_finding (LIKE finding) ON COMMIT DELETE ROWS")
    await tx.copy("staged_finding", COLUMNS, map(as_tuple, findings))
    changed = ", ".join(f"{column} = s.{column}" for column in _CHANGED)
    await tx.execute(
        f"""
        UPDATE finding f SET {changed} FROM staged_finding s
        WHERE f.asset_id = s.asset_id AND f.id = s.id AND f.version <= s.version
        """
    )


async def update_decided(tx: Tx, findings: Sequence[Finding]) -> None:
    """Write what is decided about findings that the caller holds; the rest stays as it is."""
    if not findings:
        return
    await tx.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS staged_decided ON COMMIT DELETE ROWS AS SELECT {', '.join(_KEYED)}"
        " FROM finding WITH NO DATA"
    )
    await tx.copy("staged_decided", _KEYED, map(_as_decided, findings))
    changed = ", ".join(f"{column} = s.{column}" for column in _DECIDED)
    await tx.execute(
        f"""
        UPDATE finding f SET {changed} FROM staged_decided s
        WHERE f.asset_id = s.asset_id AND f.id = s.id AND f.version <= s.version
        """
    )


async def update_reasons(tx: Tx, ids: Sequence[tuple[UUID, UUID]], *, was: Reasons, now: Reasons, rules: str) -> int:
    """Write other reasons for what stays decided as it is; findings that have moved on are let be. Return how many."""
    tag = await tx.execute(
        """
        UPDATE finding f SET class_reason = $5, owner_reason = $6, policy_version = $7
        FROM unnest($1::uuid[], $2::uuid[]) AS s (asset_id, id)
        WHERE f.asset_id = s.asset_id AND f.id = s.id AND f.class_reason = $3 AND f.owner_reason = $4
        """,
        [asset for asset, _ in ids],
        [finding for _, finding in ids],
        *was,
        *now,
        rules,
    )
    return int(tag.rpartition(" ")[2])


async def insert_details(tx: Tx, details: Iterable[tuple[UUID, UUID, str, str]]) -> None:
    """Insert (asset id, finding id, keys, observations) of new findings; keys and observations are JSON."""
    await tx.copy("finding_detail", ("asset_id", "finding_id", "keys", "observations"), details)


async def replace_details(tx: Tx, details: Sequence[tuple[UUID, UUID, str, str]]) -> None:
    """Write (asset id, finding id, keys, observations) of findings that the caller holds."""
    if not details:
        return
    await tx.execute(
        """
        INSERT INTO finding_detail (asset_id, finding_id, keys, observations)
        SELECT s.asset_id, s.finding_id, s.keys::json, s.observations::json
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS s (asset_id, finding_id, keys, observations)
        ON CONFLICT (asset_id, finding_id) DO UPDATE SET keys = excluded.keys, observations = excluded.observations
        """,
        *_columns(details),
    )


async def append_history(tx: Tx, entries: Sequence[tuple[UUID, UUID, HistoryEntry]]) -> None:
    """Append entries of (asset id, finding id); what is recorded already is not recorded twice."""
    if not entries:
        return
    rows = [(asset, finding, entry.at, entry.event, entry.was, entry.now) for asset, finding, entry in entries]
    await tx.execute(
        """
        INSERT INTO finding_history (asset_id, finding_id, at, event, was, now)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[])
        ON CONFLICT DO NOTHING
        """,
        *_columns(rows),
    )


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
