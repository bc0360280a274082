"""Slack, by an incoming webhook and Block Kit."""

from datetime import datetime
from typing import Any

import orjson
from pydantic import Field

from sluice_notifier.channels.kit import Channel, HttpOptions, Message, Receipt, Secret, Tools, composing, send
from sluice_notifier.domain.message import Item
from sluice_notifier.domain.wording import and_more, facts, headline, moment, one_line, shorten

# Slack's limits: https://docs.slack.dev/reference/block-kit/blocks
MAX_BLOCKS = 50
MAX_SECTION = 3000
MAX_HEADER = 150
MAX_TEXT = 3000
_MAX_URL = 2000
_OTHER_BLOCKS = 4
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SHOWN = ("Severity", "Asset", "Where", "Rule", "Due", "First seen", "Fix")


class SlackOptions(HttpOptions):
    """The webhook's address is a secret: whoever has it can post."""

    url: Secret
    max_items: int = Field(default=10, ge=1, le=MAX_BLOCKS - _OTHER_BLOCKS, description="Findings shown in a message")


async def deliver(message: Message, options: SlackOptions, tools: Tools) -> Receipt:
    """Post the message."""
    with composing():
        body = orjson.dumps(payload(message, max_items=options.max_items))
    await send(tools, options, "POST", options.url.read(), content=body, headers={"Content-Type": "application/json"})
    return Receipt()


def payload(message: Message, *, max_items: int) -> dict[str, Any]:
    """Return what is posted: blocks, and a text for notifications."""
    title = headline(message)
    shown, left_out = message.top(max_items)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": shorten(title, MAX_HEADER), "emoji": False}}
    ]
    blocks += [_section(item, message.composed_at) for item in shown]
    if more := and_more(left_out):
        blocks.append(_context(more))
    blocks.append(_context(f"Sluice · {moment(message.composed_at)} · {message.idempotency_key}"))
    return {"text": escape(title, MAX_TEXT), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def escape(text: str, longest: int) -> str:
    """Escape a text for mrkdwn, at most ``longest`` characters long; no `<` is left to begin a mention or a link."""
    escaped = ""
    for char in text:
        piece = char.translate(_ESCAPES)
        if len(escaped) + len(piece) > longest - 1:
            return escaped + "…"
        escaped += piece
    return escaped


def _section(item: Item, now: datetime) -> dict[str, Any]:
    title = escape(one_line(item.title), 300)
    if item.url is not None and len(item.url) <= _MAX_URL and not set("<>|\n ") & set(item.url):
        title = f"<{item.url.translate(_ESCAPES)}|{title.replace('|', '¦')}>"
    known = dict(facts(item, now))
    lines = [f"*{title}*", *(f"{name}: {escape(known[name], 400)}" for name in _SHOWN if name in known)]
    text = ""
    for line in lines:  # whole lines, so that no escape is cut in two
        if len(text) + len(line) + 1 > MAX_SECTION:
            break
        text += line + "\n"
    return {"type": "section", "text": {"type": "mrkdwn", "text": text.rstrip("\n")}}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": escape(text, MAX_TEXT)}]}


CHANNEL = Channel(options=SlackOptions, deliver=deliver)
