"""Evidence about assets: looked up where findings are assessed, and taken in place of what it replaces."""

# ruff: noqa: S608 - only constants are put into the SQL

import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sluice_risk_index.domain.asset_evidence import AssetEvidence
from sluice_risk_index.domain.codeowners import Codeowners, read_codeowners
from sluice_risk_index.domain.proofs import Proof
from sluice_risk_index.domain.vex.document import VexDocument
from sluice_risk_index.domain.vex.statements import Statement, Statements, VexStatus
from sluice_risk_index.storage.evidence_tables import VexStatementRow
from sluice_shared.contracts.events import EvidenceReceived
from sluice_shared.db import Record, Tx

_FILES_KEPT = 500
_files: OrderedDict[str, Codeowners] = OrderedDict()
_STATEMENT = """s.asset_id, s.identifier, s.document, s.status, s.stated_at, s.author, s.justification, s.statement,
    s.packages, d.source"""
_STATEMENT_COLUMNS = tuple(VexStatementRow.model_fields)
_QUEUE = """
INSERT INTO rescoring (asset_id, finding_id)
SELECT asset_id, id FROM finding WHERE asset_id = $1 AND status = 'open' AND {touched}
ON CONFLICT DO NOTHING
"""


async def look_up(tx: Tx, assets: Iterable[UUID], identifiers: Iterable[str]) -> dict[UUID, AssetEvidence]:
    """Return what is known by evidence of these assets, as far as it speaks of these identifiers."""
    wanted = list(set(assets))
    rows = await tx.fetch(
        """
        SELECT asset_id, digest, false AS vex FROM codeowners WHERE asset_id = ANY ($1)
        UNION ALL SELECT DISTINCT asset_id, '', true FROM vex_document WHERE asset_id = ANY ($1) AND statements > 0
        """,
        wanted,
    )
    if not rows:
        return {}
    digests = {row["asset_id"]: row["digest"] for row in rows if not row["vex"]}
    files = await _files_of(tx, digests)
    said = await _said_of(tx, [row["asset_id"] for row in rows if row["vex"]], identifiers)
    return {
        asset: AssetEvidence(files.get(asset), digests.get(asset, "") if asset in files else "", said[asset])
        for asset in digests.keys() | said.keys()
    }


async def with_statements(tx: Tx, assets: Iterable[UUID]) -> set[UUID]:
    """Return those of the assets of which VEX says something."""
    rows = await tx.fetch(
        "SELECT DISTINCT asset_id FROM vex_document WHERE asset_id = ANY ($1) AND statements > 0", list(assets)
    )
    return {row["asset_id"] for row in rows}


async def take_codeowners(tx: Tx, event: EvidenceReceived, asset_id: UUID, body: str) -> int | None:
    """Keep the asset's CODEOWNERS; return how many findings are looked at again.

    None when they change nothing: they say what is known, or later ones are known.
    """
    digest = hashlib.sha256(body.encode()).hexdigest()
    known = await tx.fetchval("SELECT digest FROM codeowners WHERE asset_id = $1", asset_id)
    taken = await tx.fetchval(
        """
        INSERT INTO codeowners AS c
            (asset_id, asset, digest, body, ref, commit, source, evidence_id, made_at, sequence)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (asset_id) DO UPDATE SET digest = excluded.digest, body = excluded.body, ref = excluded.ref,
            commit = excluded.commit, source = excluded.source, evidence_id = excluded.evidence_id,
            made_at = excluded.made_at, sequence = excluded.sequence
        WHERE (c.made_at, c.sequence) < (excluded.made_at, excluded.sequence)
        RETURNING true
        """,
        asset_id,
        event.asset,
        digest,
        body,
        event.ref,
        event.commit,
        event.source,
        event.evidence_id,
        event.made_at or event.received_at,
        event.sequence,
    )
    if not taken or known == digest:
        return None
    return _number(await tx.execute(_QUEUE.format(touched="path IS NOT NULL"), asset_id))


async def take_vex(
    tx: Tx,
    event: EvidenceReceived,
    asset_id: UUID,
    document: VexDocument,
    statements: Sequence[Statement],
    *,
    unused: int,
    issued_at: datetime,
) -> int | None:
    """Keep the document in place of its version before; return how many findings are looked at again.

    None when it changes nothing: a version that was issued later is known, or it never said anything.
    """
    author = document.author or ""
    if not document.stated and not await _is_known(tx, asset_id, document.id, author):
        return None
    taken = await tx.fetchval(
        """
        INSERT INTO vex_document AS d (asset_id, id, author, asset, form, version, statements, unused, source,
            evidence_id, issued_at, sequence)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (asset_id, id, author) DO UPDATE SET form = excluded.form, version = excluded.version,
            statements = excluded.statements, unused = excluded.unused, source = excluded.source,
            evidence_id = excluded.evidence_id, issued_at = excluded.issued_at, sequence = excluded.sequence
        WHERE (d.issued_at, d.sequence) < (excluded.issued_at, excluded.sequence)
        RETURNING true
        """,
        asset_id,
        document.id,
        author,
        event.asset,
        document.form,
        document.version,
        len(document.stated),
        unused,
        event.source,
        event.evidence_id,
        issued_at,
        event.sequence,
    )
    if not taken:
        return None
    gone = await tx.fetch(
        "DELETE FROM vex_statement WHERE asset_id = $1 AND document = $2 AND author = $3 RETURNING identifier",
        asset_id,
        document.id,
        author,
    )
    await tx.copy(
        "vex_statement",
        _STATEMENT_COLUMNS,
        (_record(asset_id, author, number, s) for number, s in enumerate(statements)),
    )
    names = sorted({row["identifier"] for row in gone} | {s.identifier for s in statements})
    touched = "EXISTS (SELECT FROM unnest(identifiers) AS name WHERE upper(name) = ANY ($2::text[]))"
    return _number(await tx.execute(_QUEUE.format(touched=touched), asset_id, names)) if names else 0


async def take_proof(tx: Tx, event: EvidenceReceived, asset_id: UUID, proof: Proof) -> None:
    """Note that the practice was proved, unless a later proof is known."""
    await tx.execute(
        """
        INSERT INTO proof AS p
            (asset_id, practice, ref, form, commit, entries, source, evidence_id, made_at, sequence)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (asset_id, practice, ref) DO UPDATE SET form = excluded.form, commit = excluded.commit,
            entries = excluded.entries, source = excluded.source, evidence_id = excluded.evidence_id,
            made_at = excluded.made_at, sequence = excluded.sequence
        WHERE (p.made_at, p.sequence) < (excluded.made_at, excluded.sequence)
        """,
        asset_id,
        proof.practice,
        event.ref,
        proof.form,
        event.commit,
        proof.entries,
        event.source,
        event.evidence_id,
        event.made_at or event.received_at,
        event.sequence,
    )


async def list_codeowners(tx: Tx, *, after: str, limit: int, visible: Sequence[UUID] | None) -> list[Record]:
    """Return the CODEOWNERS that were pushed, in the order of the assets' keys."""
    return await tx.fetch(
        """
        SELECT asset, body, ref, commit, source, evidence_id, made_at FROM codeowners
        WHERE asset > $1 COLLATE "C" AND ($2::uuid[] IS NULL OR asset_id = ANY ($2)) ORDER BY asset COLLATE "C" LIMIT $3
        """,
        after,
        None if visible is None else list(visible),
        limit,
    )


async def list_vex(
    tx: Tx, *, asset: str | None, after: Sequence[str], limit: int, visible: Sequence[UUID] | None
) -> list[Record]:
    """Return VEX documents in the order of asset, id and author, with the findings that each excuses now."""
    return await tx.fetch(
        """
        SELECT d.*, (
            SELECT count(*) FROM finding f WHERE f.asset_id = d.asset_id AND f.exception_id = 'vex:' || d.id
                AND f.status = 'open') AS findings
        FROM vex_document d
        WHERE ($1::text IS NULL OR d.asset = $1) AND (d.asset, d.id, d.author) > ($2, $3, $4)
            AND ($5::uuid[] IS NULL OR d.asset_id = ANY ($5))
        ORDER BY d.asset, d.id, d.author LIMIT $6
        """,
        asset,
        *after,
        None if visible is None else list(visible),
        limit,
    )


def _record(asset_id: UUID, author: str, number: int, s: Statement) -> tuple[object, ...]:
    named = (asset_id, s.identifier, s.document, author, number)
    return (*named, s.status.value, s.stated_at, s.justification, s.statement, list(s.packages))


async def _is_known(tx: Tx, asset_id: UUID, document: str, author: str) -> bool:
    known = "SELECT EXISTS (SELECT FROM vex_document WHERE asset_id = $1 AND id = $2 AND author = $3)"
    return bool(await tx.fetchval(known, asset_id, document, author))


async def _files_of(tx: Tx, digests: dict[UUID, str]) -> dict[UUID, Codeowners]:
    missing = [asset for asset, digest in digests.items() if digest not in _files]
    rows = await tx.fetch("SELECT digest, body FROM codeowners WHERE asset_id = ANY ($1)", missing) if missing else []
    found = {row["digest"]: read_codeowners(row["body"]) for row in rows}
    found.update({digest: _files[digest] for digest in digests.values() if digest in _files})
    for digest, read in found.items():
        _files[digest] = read
        _files.move_to_end(digest)
    while len(_files) > _FILES_KEPT:
        _files.popitem(last=False)
    return {asset: found[digest] for asset, digest in digests.items() if digest in found}


async def _said_of(tx: Tx, assets: Sequence[UUID], identifiers: Iterable[str]) -> defaultdict[UUID, Statements]:
    said: dict[UUID, dict[str, list[Statement]]] = defaultdict(lambda: defaultdict(list))
    names = sorted({name.upper() for name in identifiers}) if assets else []
    if names:
        rows = await tx.fetch(
            f"""
            SELECT {_STATEMENT} FROM vex_statement s
            JOIN vex_document d ON d.asset_id = s.asset_id AND d.id = s.document AND d.author = s.author
            WHERE s.asset_id = ANY ($1) AND s.identifier = ANY ($2)
            """,
            list(assets),
            names,
        )
        for row in rows:
            said[row["asset_id"]][row["identifier"]].append(_statement(row))
    return defaultdict(Statements, {asset: Statements(by_name) for asset, by_name in said.items()})


def _statement(row: Record) -> Statement:
    return Statement(
        identifier=row["identifier"],
        document=row["document"],
        status=VexStatus(row["status"]),
        stated_at=row["stated_at"],
        author=row["author"] or None,
        justification=row["justification"],
        statement=row["statement"],
        packages=tuple(row["packages"]),
        source=row["source"],
    )


def _number(tag: str) -> int:
    return int(tag.rpartition(" ")[2])
