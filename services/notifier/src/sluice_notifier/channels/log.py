"""Writes alerts to the service's log: the receiver of last resort, so that nothing is lost without a trace."""

from sluice_notifier.channels.kit import Channel, ChannelOptions, Message, Receipt, Tools
from sluice_notifier.domain.wording import headline
from sluice_shared.logging import get_logger

log = get_logger(__name__)
_MOST_SHOWN = 20


class LogOptions(ChannelOptions):
    """The log needs nothing."""


async def deliver(message: Message, options: LogOptions, tools: Tools) -> Receipt:  # noqa: ARG001 - as every channel's
    """Write a line for the message, with its first alerts."""
    shown, left_out = message.top(_MOST_SHOWN)
    log.warning(
        headline(message),
        receiver=message.receiver,
        level=message.level.value,
        teams=message.teams,
        delivery_id=str(message.id),
        alerts=[
            {
                "finding_id": str(item.finding_id),
                "severity": item.severity.value,
                "asset": item.asset,
                "title": item.title,
                "due_at": item.due_at.isoformat() if item.due_at else None,
            }
            for item in shown
        ],
        left_out=left_out,
    )
    return Receipt()


CHANNEL = Channel(options=LogOptions, deliver=deliver)
