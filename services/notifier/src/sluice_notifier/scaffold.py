"""Starts a channel: ``python -m sluice_notifier.scaffold NAME`` writes a working file and its test.

The channel posts JSON to an address that is a secret, and passes the tests that every channel has to pass; change it
from there.
"""

import argparse
import re
import sys
from pathlib import Path

from sluice_notifier import channels

_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_MEMBER_DEPTH = 5
_TESTS = Path("tests") / "integration" / "notifier" / "channels"

_CHANNEL = '''"""{title}: TELL IN ONE LINE WHOM IT REACHES AND HOW."""

import orjson

from sluice_notifier.channels.kit import Channel, HttpOptions, Message, Receipt, Secret, Tools, composing, send
from sluice_notifier.domain.wording import and_more, facts, headline


class {class_name}Options(HttpOptions):
    """Where to post to; whoever knows the address can post, so it is a secret."""

    url: Secret
    max_items: int = 10


async def deliver(message: Message, options: {class_name}Options, tools: Tools) -> Receipt:
    """Post the message."""
    with composing():
        body = orjson.dumps(payload(message, max_items=options.max_items))
    headers = {{"Content-Type": "application/json", "Idempotency-Key": message.idempotency_key}}
    await send(tools, options, "POST", options.url.read(), content=body, headers=headers)
    return Receipt()


def payload(message: Message, *, max_items: int) -> dict[str, object]:
    """Return what is posted."""
    shown, left_out = message.top(max_items)
    lines = [
        f"{{item.title}}: " + ", ".join(f"{{name}} {{text}}" for name, text in facts(item, message.composed_at))
        for item in shown
    ]
    return {{"title": headline(message), "lines": lines, "more": and_more(left_out)}}


CHANNEL = Channel(options={class_name}Options, deliver=deliver)
'''

_TEST = """from typing import ClassVar

from tests.integration.notifier.channels.kit import HttpChannelKit


class Test{class_name}(HttpChannelKit):
    channel = "{name}"
    secrets: ClassVar = {{"url": "{{url}}/hook-of-{name}-0123456789"}}

    async def test_the_message_says_what_happened(self, server, deliver, message):
        await deliver(message)
        (request,) = server.requests
        assert request.json["title"]
        assert len(request.json["lines"]) == message.total
"""


def write(name: str, root: Path | None = None) -> list[Path]:
    """Write the channel and its test into the checkout at ``root`` and return both files.

    Raises ValueError when the name is no module's name or is taken, or there is no checkout.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a channel: lower-case letters, digits and underscores")
    folder = Path(channels.__file__).parent
    checkout = root or folder.parents[_MEMBER_DEPTH - 1]
    if root is not None:
        folder = root / "services" / "notifier" / "src" / "sluice_notifier" / "channels"
    if not (checkout / _TESTS).is_dir():
        raise ValueError(f"{checkout} is no checkout of Sluice: it has no {_TESTS}")
    files = {
        folder / f"{name}.py": _CHANNEL,
        checkout / _TESTS / f"test_{name}.py": _TEST,
    }
    taken = [path for path in files if path.exists()]
    if taken or name in {*channels.registry(), "kit"}:
        raise ValueError(f"there is a channel {name} already")
    words = name.split("_")
    for path, template in files.items():
        text = template.format(name=name, title=" ".join(words).capitalize(), class_name="".join(map(str.title, words)))
        path.write_text(text, "utf-8")
    return list(files)


def main(arguments: list[str] | None = None) -> int:
    """Be the command; returns the exit status: 0 written, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="scaffold", description="Begin a channel for alerts.")
    parser.add_argument("name", help="in lower case, such as mattermost; it is the channel's name in routes.yaml")
    given = parser.parse_args(arguments)
    try:
        files = write(given.name)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{path}\n" for path in files))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
