"""Open findings as whoever surveys them by other rules needs them: those that stand alike together."""

# ruff: noqa: S608 - only constants are put into the SQL

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sluice_risk_index.domain.finding import Finding, twin
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.sla import SlaState
from sluice_risk_index.domain.triage import Decision
from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.finding import Kind, Severity
from sluice_shared.db import Record, Tx

_PARTS = 64
LOWEST, HIGHEST = UUID(int=0), UUID(int=2**128 - 1)
SEPARATOR = "\x1f"
LIST_SEPARATOR = "\x1e"
KEYS = (
    "asset_id", "kind", "risk_class", "class_reason", "team", "owner_reason", "tier", "sla_state", "sla_started_at",
    "due_at", "timer_reached", "next_timer_at", "first_seen_at", "opened_at", "decision", "decided", "exception_id",
    "paused_at", "paused_for", "in_package",
)  # fmt: skip
_SAID = "severity, facts, array_to_string(identifiers, E'\\x1e')"
_RATE = "score, known_exploited, " + _SAID
_PLACE = """
concat_ws(E'\\x1f', coalesce(path, ''), coalesce(purl, ''), coalesce(package, ''), array_to_string(refs, E'\\x1e'))
"""


class Place(NamedTuple):
    """A place in the order of asset ids and finding ids."""

    asset_id: UUID
    finding_id: UUID


BEGIN, END = Place(LOWEST, LOWEST), Place(HIGHEST, HIGHEST)


async def take_snapshot(tx: Tx) -> None:
    """Let all that the transaction reads be of one moment; the first statement of a transaction."""
    await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    # A part is grouped in memory rather than on the disk.
    await tx.execute("SET LOCAL work_mem = '64MB'")


def parts() -> Iterator[tuple[Place, Place]]:
    """Yield parts which together are all findings: after the first place, up to the second. Ids are spread evenly."""
    after = BEGIN
    for number in range(1, _PARTS):
        upto = Place(UUID(int=number * 2**128 // _PARTS), LOWEST)
        yield after, upto
        after = upto
    yield after, END


async def part_after(tx: Tx, after: Place, size: int) -> tuple[Place, Place]:
    """Return the part of so many open findings that comes after a place, or of what is left."""
    row = await tx.fetchrow(
        """
        SELECT asset_id, id FROM finding WHERE (asset_id, id) > ($1, $2) AND status = 'open'
        ORDER BY asset_id, id OFFSET $3 LIMIT 1
        """,
        *after,
        size - 1,
    )
    return after, Place(row[0], row[1]) if row else END


async def asset_keys(tx: Tx, part: tuple[Place, Place]) -> dict[UUID, str]:
    """Return the keys of the assets of which a part may have findings."""
    after, upto = part
    rows = await tx.fetch(
        "SELECT asset_id, key FROM asset WHERE asset_id BETWEEN $1 AND $2", after.asset_id, upto.asset_id
    )
    return {row["asset_id"]: row["key"] for row in rows}


async def standing(
    tx: Tx, part: tuple[Place, Place], *, rates: bool, scores: bool, places: bool, ids: bool
) -> list[Record]:
    """Return the open findings of a part, those together whose clocks and owners are the same.

    Beside :data:`KEYS` a row has their ``number``, and each null unless asked for and in the same order, ``rates``, a
    text for each finding (score and whether KEV has it, if ``scores`` are asked for; severity, facts, identifiers),
    ``places`` (path, purl, package, refs) and ``ids``.
    """
    rate = f"array_agg(concat_ws(E'\\x1f', {_RATE if scores else _SAID}))" if rates else "NULL::text[]"
    place = f"array_agg({_PLACE})" if places else "NULL::text[]"
    named = "array_agg(id)" if ids else "NULL::uuid[]"
    return await tx.fetch(
        f"""
        SELECT {", ".join(KEYS)}, count(*) AS number, {rate} AS rates, {place} AS places, {named} AS ids FROM (
            SELECT *, package IS NOT NULL OR purl IS NOT NULL AS in_package FROM finding
            WHERE (asset_id, id) > ($1, $2) AND (asset_id, id) <= ($3, $4) AND status = 'open'
        ) AS open GROUP BY {", ".join(str(number) for number in range(1, len(KEYS) + 1))}
        """,
        *part[0],
        *part[1],
    )


def as_standing(row: Record) -> Finding:
    """Make a finding of a row of :func:`standing`: its clock, class and owner; the rest is blank."""
    finding = twin(_BLANK)
    finding.asset_id = row["asset_id"]
    finding.kind = _KINDS[row["kind"]]
    finding.package = "" if row["in_package"] else None
    finding.first_seen_at, finding.opened_at = row["first_seen_at"], row["opened_at"]
    finding.risk_class, finding.class_reason = _CLASSES[row["risk_class"]], row["class_reason"]
    finding.team, finding.owner_reason, finding.tier = row["team"], row["owner_reason"], row["tier"]
    finding.sla_state = _STATES[row["sla_state"]]
    finding.sla_started_at, finding.due_at = row["sla_started_at"], row["due_at"]
    finding.timer_reached, finding.next_timer_at = row["timer_reached"], row["next_timer_at"]
    finding.decision, finding.decided = _DECISIONS[row["decision"]], _DECISIONS[row["decided"]]
    finding.exception_id = row["exception_id"]
    finding.paused_at, finding.paused_for = row["paused_at"], row["paused_for"]
    return finding


_KINDS = {kind.value: kind for kind in Kind}
_CLASSES = {risk_class.value: risk_class for risk_class in RiskClass}
_STATES = {state.value: state for state in SlaState}
_DECISIONS = {decision.value: decision for decision in Decision}
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_BLANK = Finding(
    asset_id=UUID(int=0),
    id=UUID(int=0),
    version=0,
    status=FindingStatus.OPEN,
    severity=Severity.UNKNOWN,
    severity_rank=0,
    kind=Kind.OTHER,
    title="",
    rule_id="",
    scanners=[],
    identifiers=[],
    cwes=[],
    refs=[],
    package=None,
    purl=None,
    path=None,
    location=None,
    fix_action=None,
    terms="",
    facts="",
    published_at=None,
    first_seen_at=_LONG_AGO,
    opened_at=_LONG_AGO,
    resolved_at=None,
    clock=0,
)
