"""The numbers of facets: see :class:`sluice_risk_index.storage.tables.FacetRow`."""

# ruff: noqa: S608 - only column names and placeholders are put into the SQL

from collections.abc import Collection, Sequence

from sluice_risk_index.domain.finding import Finding
from sluice_shared.db import Tx

_SEPARATOR = "\x1f"

FacetValues = tuple[str, str, str, str, str, str, str, str]


def facet_values(finding: Finding) -> FacetValues:
    """Return the values that make a finding's facet, in the order of the table's columns."""
    return (
        finding.status,
        finding.risk_class,
        finding.severity,
        finding.kind,
        finding.sla_state,
        finding.tier,
        finding.decision,
        _SEPARATOR.join(finding.scanners),
    )


class FacetBook:
    """Knows the number of each facet. Facets are never changed or deleted, so what is known stays true."""

    def __init__(self) -> None:
        self._known: dict[FacetValues, int] = {}

    async def number(self, tx: Tx, findings: Sequence[Finding]) -> None:
        """Set the facet of each finding, creating those that are not there yet."""
        values = [facet_values(finding) for finding in findings]
        missing = {value for value in values if value not in self._known}
        numbers = self._known
        if missing:
            added = await self._add(tx, missing)
            numbers = {**self._known, **added}

            async def remember() -> None:
                self._known.update(added)

            # Before the commit nobody may rely on them: a roll-back takes new facets away again.
            tx.after_commit(remember)
        for finding, value in zip(findings, values, strict=True):
            finding.facet = numbers[value]

    @staticmethod
    async def _add(tx: Tx, missing: Collection[FacetValues]) -> dict[FacetValues, int]:
        columns = [list(column) for column in zip(*sorted(missing), strict=True)]
        arrays = ", ".join(f"${number}::text[]" for number in range(1, 9))
        staged = f"unnest({arrays}) AS s (status, risk_class, severity, kind, sla_state, tier, decision, scanners)"
        await tx.execute(
            f"""
            INSERT INTO facet (status, risk_class, severity, kind, sla_state, tier, decision, scanners)
            SELECT status, risk_class, severity, kind, sla_state, tier, decision, string_to_array(scanners, E'\\x1f')
            FROM {staged} ON CONFLICT DO NOTHING
            """,
            *columns,
        )
        rows = await tx.fetch(
            f"""
            SELECT f.id, s.* FROM {staged}
            JOIN facet f USING (status, risk_class, severity, kind, sla_state, tier, decision)
            WHERE f.scanners = string_to_array(s.scanners, E'\\x1f')
            """,
            *columns,
        )
        return {(r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8]): r[0] for r in rows}
