"""Amazon SNS: carries what GuardDuty, Security Hub, Inspector and others say, as text within its own message."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    ParseContext,
    ParsedScan,
    Reading,
    ReportError,
    ScannerSpec,
    parse_report,
)
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.registry import find
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.scanners._notices import notice
from sluice_shared.contracts.events import RejectReason
from sluice_shared.contracts.finding import Kind

_SETUP = """
An EventBridge rule for `aws.guardduty`, `aws.securityhub` or `aws.inspector2` whose target is an SNS topic, and a
subscription of the topic with the protocol HTTPS, whose password is a token of Sluice (SNS signs in no other way):
```sh
aws sns subscribe --topic-arn "$TOPIC" --protocol https \\
  --notification-endpoint "https://sns:$TOKEN@sluice.acme.example/v1/reports?asset=cloud:aws/123456789012&complete=false"
```
Whatever scanner's report stands in the message is read as that scanner's; it tells of a part, and resolves nothing.
With raw message delivery SNS sends the message alone, which is read as well. The message with which SNS asks whether
the endpoint wants the topic has to be answered by hand: open the address that its rejection names. What was kept in a
queue goes by hand:
```sh
sluice push message.json --asset cloud:aws/123456789012
```
"""
_ADDRESS = re.compile(r"https://sns\.[\w-]+\.amazonaws\.com(?:\.cn)?/")
_TOPIC = r"^arn:aws[\w-]*:sns:"


def _read(document: Any, reading: Reading) -> Iterator[ParsedScan]:
    """Yield the scans of the reports that stand in the messages; raises ReportError for one that holds none."""
    for message in _messages(obj(document)):
        yield from _unwrapped(message, reading.context, reading.spec)


def _messages(document: dict[str, Any]) -> Iterator[str]:
    """Yield the texts of a notification, or of the records in which Lambda gets those of SNS and SQS."""
    if words(document.get("Message")):
        yield str(document["Message"])
    for record in objs(items_of(document.get("Records"))):
        text = words(obj(record.get("Sns")).get("Message")) or words(record.get("body"))
        if text:
            yield text


def _unwrapped(message: str, context: ParseContext, own: ScannerSpec) -> list[ParsedScan]:
    if not message.lstrip().startswith(("{", "[")):
        raise ReportError(
            RejectReason.SCHEMA,
            f"the message of Amazon SNS is a text, and no report ({message[:80]!r}); let the rule send the whole "
            "event, without an input transformer",
        )
    named = context.scanner if context.scanner and find(context.scanner) is not own else None
    inner = ParseContext(context.secret_key, context.filename, named, context.asset)
    scans = parse_report(message.encode(), inner).scans
    for scan in scans:
        scan.complete = False
    return scans


def _asks(document: Any) -> str:
    address = words(obj(document).get("SubscribeURL")) or ""
    told = address if _ADDRESS.match(address) else "the SubscribeURL of the message"
    return f"this is no report: Amazon SNS asks whether you want what the topic sends; open {told} to confirm it"


SPEC = ScannerSpec(
    name="aws_sns",
    title="Amazon SNS",
    kinds=tuple(Kind),
    aliases=("sns", "amazon_sns"),
    homepage="https://docs.aws.amazon.com/sns/latest/dg/",
    setup=_SETUP,
    any_tool=True,
    formats=(
        Format(
            name="aws-sns-notification",
            container="json",
            detect=JsonShape(root="object", has=("Message",), match={"TopicArn": _TOPIC}, lacks=("SubscribeURL",)),
            scans=_read,
        ),
        Format(
            name="aws-sns-records",
            container="json",
            detect=JsonShape(root="object", match={"Records[].Sns.TopicArn": _TOPIC}),
            scans=_read,
        ),
        Format(
            name="aws-sqs-records",
            container="json",
            detect=JsonShape(root="object", has=("Records[].body",), match={"Records[].eventSource": r"^aws:sqs$"}),
            scans=_read,
        ),
        notice(
            "aws-sns-confirmation",
            JsonShape(root="object", has=("SubscribeURL",), match={"TopicArn": _TOPIC}),
            _asks,
        ),
    ),
)
