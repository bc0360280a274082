"""What a message says, in words that all channels share. Plain text: each channel escapes it in its own way."""

from datetime import datetime, timedelta

from sluice_notifier.domain.message import Item, Message, MessageKind
from sluice_shared.contracts.events import AlertLevel

_HAPPENED = {
    AlertLevel.OPENED: "newly found",
    AlertLevel.REOPENED: "back again",
    AlertLevel.EXPLOITED: "now known to be exploited",
    AlertLevel.WARNED: "near the deadline",
    AlertLevel.BREACHED: "past the deadline",
    AlertLevel.ESCALATED: "escalated",
    AlertLevel.RESOLVED: "resolved",
    AlertLevel.REVIEW: "excepted, review due",
}
_CLASSES = {"act": "Act", "attend": "Attend", "track_star": "Track*", "track": "Track"}
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def headline(message: Message) -> str:
    """Say in one line what happened: ``3 findings past the deadline · payments``."""
    if message.kind is MessageKind.TEST:
        return f"Test message of Sluice to the receiver {message.receiver}"
    if message.kind is MessageKind.DIGEST:
        return f"Digest: {findings(message.total)} ({happenings(message)}) above the hourly limit of {message.receiver}"
    who = f" · {message.team}" if message.team else ""
    if len(message.levels) == 1 and message.total == 1:
        item = message.items[0]
        return one_line(f"{item.severity.value.upper()} {happened(message.level)}: {item.title}{who}")
    return f"{findings(message.total)} {happenings(message)}{who}"


def happenings(message: Message) -> str:
    """Say what happened to how many: ``past the deadline``, or ``2 escalated, 1 resolved``."""
    if len(message.levels) == 1:
        return happened(message.level)
    return ", ".join(f"{count} {happened(level)}" for level, count in message.levels.items())


def happened(level: AlertLevel) -> str:
    """Say what a level means for the finding."""
    return _HAPPENED[level]


def findings(count: int) -> str:
    """Count findings."""
    return f"{count} finding" if count == 1 else f"{count} findings"


def and_more(left_out: int) -> str | None:
    """Say how many are not shown; None when all are."""
    return f"… and {left_out} more" if left_out > 0 else None


def facts(item: Item, now: datetime) -> list[tuple[str, str]]:
    """Return what is known about an item, as pairs of name and text, in the order in which people ask."""
    said = [
        ("Severity", f"{item.severity.value}, class {risk_class(item)}, score {item.score:.0f}"),
        ("Asset", item.asset),
        ("Where", item.location),
        ("Rule", ", ".join(dict.fromkeys([*item.identifiers[:5], *([item.rule_id] if item.rule_id else [])]))),
        ("Team", item.team),
        ("Due", due(item, now)),
        ("First seen", f"{moment(item.first_seen_at)} ({ago(now - item.first_seen_at)})"),
        ("Found by", ", ".join(item.scanners)),
        ("Fix", item.fix_action),
    ]
    return [(name, one_line(text)) for name, text in said if text]


def due(item: Item, now: datetime) -> str | None:
    """Say when the item is due, relative and absolute; None without a deadline, or when it is resolved."""
    if item.due_at is None or item.level is AlertLevel.RESOLVED:
        return None
    left = item.due_at - now
    near = f"in {span(left)}" if left > timedelta() else f"{span(-left)} overdue"
    return f"{near} ({moment(item.due_at)})"


def risk_class(item: Item) -> str:
    """Return the class as SSVC writes it."""
    return _CLASSES.get(item.risk_class, item.risk_class)


def ago(passed: timedelta) -> str:
    """Say how long ago something was."""
    return f"{span(passed)} ago"


def span(length: timedelta) -> str:
    """Say a length of time in its two largest units: ``3 d 4 h``; what is below a second counts as none."""
    seconds = max(0, int(length.total_seconds()))
    parts: list[str] = []
    for unit, size in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
        if parts and (not count or len(parts) == 2):  # noqa: PLR2004 - two units
            break
    return " ".join(parts) or "0 s"


def moment(at: datetime) -> str:
    """Write a point in time in UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def one_line(text: str) -> str:
    """Fold white space and control characters, which would break a subject or a list."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def shorten(text: str, longest: int) -> str:
    """Cut the text to at most ``longest`` characters, and show that it was cut."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
