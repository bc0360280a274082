"""Take evidence about an asset: CODEOWNERS, VEX, proofs. In one transaction, idempotent, in whatever order it comes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sluice_risk_index import metrics
from sluice_risk_index.application.records import asset_record
from sluice_risk_index.domain.codeowners import MAX_BYTES, MAX_LINES, Codeowners, read_codeowners
from sluice_risk_index.domain.evidence import EvidenceRefusedError
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.proofs import Proof, read_proof
from sluice_risk_index.domain.vex.document import VexDocument, statements_for
from sluice_risk_index.domain.vex.reading import read_vex
from sluice_risk_index.storage import assets, audit, evidence, portfolio
from sluice_shared.blobs import BlobMissing, BlobStore, BlobTooLarge
from sluice_shared.bus import Bus
from sluice_shared.contracts.assets import asset_id
from sluice_shared.contracts.events import (
    EvidenceCounts,
    EvidenceReceipt,
    EvidenceReceived,
    EvidenceType,
    RejectReason,
)
from sluice_shared.contracts.topics import EVIDENCE_RECEIPTS
from sluice_shared.db import Database, Tx
from sluice_shared.logging import get_logger

DEFAULT_REF = "default"
_NONE_IN_REPORT = frozenset({RejectReason.UNKNOWN_FORMAT, RejectReason.MALFORMED})
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Text:
    body: str
    read: Codeowners


_Content = _Text | VexDocument | Proof


class TakeEvidence:
    """Makes the risk index know what a piece of evidence says, and tells ingest.

    ``queued`` is called when findings wait to be looked at again; ``max_bytes`` bounds a body after decompression.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        blobs: BlobStore,
        in_force: Callable[[], InForce],
        queued: Callable[[], None],
        *,
        max_bytes: int,
    ) -> None:
        self._database = database
        self._bus = bus
        self._blobs = blobs
        self._in_force = in_force
        self._queued = queued
        self._max_bytes = max_bytes

    async def __call__(self, event: EvidenceReceived) -> None:
        """Bring one piece of evidence to its end: taken, or rejected with a reason. Raises Unavailable."""
        try:
            content = await self._content(event)
            counts = EvidenceCounts()
            if content is not None:
                counts = await self._database.run(partial(self._take, event=event, content=content))
        except EvidenceRefusedError as refused:
            metrics.EVIDENCE.labels(event.type, "rejected").inc()
            log.warning("evidence rejected", evidence_id=str(event.evidence_id), reason=refused.reason.value)
            await self._tell(event, "rejected", reason=refused.reason, detail=refused.detail)
            return
        metrics.EVIDENCE.labels(event.type, "taken").inc()
        log.info("evidence taken", evidence_id=str(event.evidence_id), asset=event.asset, **counts.model_dump())
        if counts.findings:
            self._queued()
        await self._tell(event, "indexed", counts=counts)

    async def give_up(self, event: EvidenceReceived, why: str) -> None:
        """Tell ingest that the event was set apart, so that it is not published again by itself. Raises Unavailable."""
        detail = f"its event was set apart by the risk index ({why}): look at its log, mend the cause, then replay it"
        await self._tell(event, "stuck", reason=RejectReason.INTERNAL, detail=detail)

    async def _tell(self, event: EvidenceReceived, status: str, **more: object) -> None:
        receipt = EvidenceReceipt.model_validate(
            {"evidence_id": event.evidence_id, "status": status, "at": datetime.now(UTC), **more}
        )
        await self._bus.publish(EVIDENCE_RECEIPTS, receipt, key=str(event.evidence_id))

    async def _content(self, event: EvidenceReceived) -> _Content | None:
        """Return what is in the body; None for a report's that turns out to hold no evidence."""
        try:
            return await self._read(event)
        except EvidenceRefusedError as refused:
            if event.from_report and refused.reason in _NONE_IN_REPORT:
                return None
            raise

    async def _read(self, event: EvidenceReceived) -> _Content:
        if event.type is EvidenceType.CODEOWNERS:
            _check_ref(event.ref, self._in_force().rules.policy.gate.base)
        most = MAX_BYTES if event.type is EvidenceType.CODEOWNERS else self._max_bytes
        try:
            body = await self._blobs.get(event.body_ref, max_bytes=most)
        except BlobMissing:
            raise EvidenceRefusedError(
                RejectReason.BODY_MISSING, "the stored body is gone: its retention time is over; push it again"
            ) from None
        except BlobTooLarge:
            raise EvidenceRefusedError(
                RejectReason.TOO_LARGE, f"{event.type.value} may have {most} bytes: split it by asset"
            ) from None
        return await asyncio.to_thread(_parse, event.type, body)

    async def _take(self, tx: Tx, event: EvidenceReceived, content: _Content) -> EvidenceCounts:
        # Whoever inserts findings holds the asset's row, too: so they either see this evidence or are seen by it.
        in_force = self._in_force()
        called = await portfolio.find_asset(tx, event.asset)
        about = asset_id(event.asset) if called is None else called["asset_id"]
        key = event.asset if called is None else called["key"]
        await assets.hold_asset(tx, asset_record(in_force.rules, about, key), None)
        if isinstance(content, Proof):
            await evidence.take_proof(tx, event, about, content)
            return EvidenceCounts(entries=content.entries)
        if isinstance(content, _Text):
            known = in_force.rules.catalogue.team_of
            unused = sum(1 for line in content.read.lines if line.owners and not any(map(known, line.owners)))
            touched = await evidence.take_codeowners(tx, event, about, content.body)
            counts = EvidenceCounts(
                entries=len(content.read.lines), unused=unused + len(content.read.bad), findings=touched or 0
            )
            return await _noted(tx, event, counts, {}, changes=touched is not None)
        issued_at = content.issued_at or event.made_at or event.received_at
        statements, unused = statements_for(key, content, event.source, issued_at)
        touched = await evidence.take_vex(tx, event, about, content, statements, unused=unused, issued_at=issued_at)
        counts = EvidenceCounts(entries=len(content.stated), unused=unused, findings=touched or 0)
        said = {"document": content.id, "author": content.author, "version": content.version}
        return await _noted(tx, event, counts, said, changes=touched is not None)


async def _noted(
    tx: Tx, event: EvidenceReceived, counts: EvidenceCounts, said: dict[str, str | None], *, changes: bool
) -> EvidenceCounts:
    """Put into the audit trail who changed by what evidence what holds for an asset; once, however often it comes."""
    if changes:
        await audit.note(
            tx,
            actor=event.source or "unknown",
            action=f"evidence:{event.type.value}",
            subject=f"asset:{event.asset}",
            reason=f"{event.type.value} of {event.ref} was pushed",
            detail={
                "evidence_id": event.evidence_id,
                "sha256": event.body_sha256,
                "commit": event.commit,
                **said,
                **counts.model_dump(),
            },
            at=await tx.fetchval("SELECT now()"),
        )
    return counts


def _check_ref(ref: str, base: str) -> None:
    """Refuse what a branch says of ownership: whoever may push a branch would else decide who is told of what."""
    if ref not in (DEFAULT_REF, base):
        raise EvidenceRefusedError(
            RejectReason.OTHER_REF,
            f"CODEOWNERS of '{ref}' say nothing of '{base}', by which findings are owned: push them from there only, "
            "or leave the ref out",
        )


def _parse(kind: EvidenceType, body: bytes) -> _Content:
    if kind is EvidenceType.VEX:
        return read_vex(body)
    if kind is not EvidenceType.CODEOWNERS:
        return read_proof(kind, body)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EvidenceRefusedError(RejectReason.NOT_TEXT, f"byte {error.start}: this is no UTF-8 text") from error
    if "\x00" in text:
        raise EvidenceRefusedError(RejectReason.NOT_TEXT, "a NUL character is in it: send CODEOWNERS as plain text")
    read = read_codeowners(text)
    if len(read.lines) > MAX_LINES:
        raise EvidenceRefusedError(
            RejectReason.TOO_LARGE, f"CODEOWNERS may have {MAX_LINES} lines: use broader patterns"
        )
    return _Text(text, read)
