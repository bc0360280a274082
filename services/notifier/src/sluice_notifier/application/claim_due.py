"""Claim what is due: fold what exceeds a receiver's cap into a digest, mute what is silenced, compose the rest.

All in one transaction, so that what is claimed for the first time has its message for good.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sluice_notifier.application.mute_alerts import mute_alerts
from sluice_notifier.channels import registry
from sluice_notifier.domain.delivery import Claimed, DeliveryState
from sluice_notifier.domain.grouping import group_of_digest
from sluice_notifier.domain.message import Message, MessageKind, compose
from sluice_notifier.domain.receivers import Receiver, Routes
from sluice_notifier.metrics import DELIVERIES
from sluice_notifier.storage import alerts, gathering, outbox, tickets
from sluice_notifier.storage.gathering import OpenGroup
from sluice_notifier.storage.outbox import HOUR, Fresh
from sluice_shared.db import Tx


class ClaimDue:
    """The use case; ``lease`` is how long a claimed delivery is left alone, ``max_age`` how long it is tried."""

    def __init__(self, *, lease: timedelta, max_age: timedelta) -> None:
        self._lease = lease
        self._max_age = max_age

    async def __call__(self, tx: Tx, routes: Routes, free: Mapping[str, int], now: datetime) -> list[Claimed]:
        """Claim deliveries within the caller's transaction; ``free`` says how many each receiver can take now."""
        for name in await outbox.give_up(tx, now, known=list(routes.receivers), orphaned_before=now - self._max_age):
            DELIVERIES.labels(name, DeliveryState.FAILED.value).inc()
        due = await outbox.due_receivers(tx, now)
        room = {name: free[name] for name in due if free.get(name, 0) > 0}
        if not room:
            return []
        again = await outbox.claim_again(tx, room, now, now + self._lease)
        for claimed in again:
            room[claimed.message.receiver] -= 1
        fresh_room = await self._fresh_room(tx, routes, {n: r for n, r in room.items() if r > 0 and due[n]}, now)
        fresh = await outbox.claim_fresh(
            tx, fresh_room, now, leased_until=now + self._lease, give_up_at=now + self._max_age
        )
        messages = await self._seal(tx, routes, fresh, now) if fresh else []
        keys = {one.id: one.group_key for one in fresh}
        return again + [Claimed(m, 1, now + self._max_age, keys[m.id]) for m in messages]

    async def _fresh_room(self, tx: Tx, routes: Routes, room: Mapping[str, int], now: datetime) -> dict[str, int]:
        """Return how many first attempts each receiver may have now."""
        allowed: dict[str, int] = {}
        for name, slots in sorted(room.items()):
            receiver = routes.receivers[name]
            if receiver.max_per_hour is None:
                allowed[name] = slots
            elif await tx.try_lock("cap", name):
                allowed[name] = min(slots, await _under_cap(tx, receiver, receiver.max_per_hour, now))
        return {name: slots for name, slots in allowed.items() if slots > 0}

    async def _seal(self, tx: Tx, routes: Routes, fresh: Sequence[Fresh], now: datetime) -> list[Message]:
        emptied = await mute_alerts(tx, routes, {one.id: one.receiver for one in fresh}, now)
        left = [one for one in fresh if one.id not in emptied]
        if not left:
            return []
        ids = [one.id for one in left]
        top = await alerts.top_of_deliveries(tx, ids)
        levels = await alerts.levels_of_deliveries(tx, ids)
        ticketing = [(one.receiver, one.group_key) for one in left if registry()[one.channel].keeps_tickets]
        ticket_of = await tickets.find(tx, ticketing) if ticketing else {}
        messages = [
            compose(
                top[one.id],
                id=one.id,
                idempotency_key=one.idempotency_key,
                receiver=one.receiver,
                kind=one.kind,
                levels=levels[one.id],
                group=one.group_labels if one.kind is MessageKind.ALERTS else {},
                now=now,
                ticket=ticket_of.get((one.receiver, one.group_key)),
            )
            for one in left
        ]
        await outbox.seal(tx, messages)
        return messages


async def _under_cap(tx: Tx, receiver: Receiver, cap: int, now: datetime) -> int:
    """Return how many messages the receiver may still have this hour; what is due above that goes into its digest.

    Tickets are not folded, they wait.
    """
    lately = await outbox.sent_lately(tx, receiver.name, now)
    room = max(0, cap - lately.count)
    if registry()[receiver.channel].keeps_tickets:
        return room
    # The last place of the hour is the digest's, if there has to be one: it is sent as soon as a place is free.
    over = await outbox.overflow(tx, receiver.name, now, room=room)
    if over:
        await _fold(tx, receiver, over, due_at=(lately.oldest or now) + HOUR, now=now)
    return room


async def _fold(tx: Tx, receiver: Receiver, over: Sequence[UUID], *, due_at: datetime, now: datetime) -> None:
    group = OpenGroup(receiver.name, receiver.channel, group_of_digest(), due_at)
    opened = await gathering.open_deliveries(tx, [group], now, kind=MessageKind.DIGEST.value)
    await outbox.fold(tx, over, opened[group.key])
    DELIVERIES.labels(receiver.name, DeliveryState.SUPERSEDED.value).inc(len(over))
