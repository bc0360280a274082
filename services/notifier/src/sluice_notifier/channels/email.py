"""E-mail by SMTP: plain text and HTML, to the addresses of the receiver or of the alerts' teams."""

import html
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from enum import StrEnum

import aiosmtplib
from pydantic import Field

from sluice_notifier.channels.kit import (
    Channel,
    ChannelOptions,
    Final,
    Message,
    Reason,
    Receipt,
    Retryable,
    Secret,
    Tools,
    composing,
    read_url,
)
from sluice_notifier.domain.message import Item
from sluice_notifier.domain.wording import and_more, facts, headline, moment, one_line, shorten

_MAX_SUBJECT = 200
_PERMANENT = 500
_TOO_LARGE = 552
_AUTH = frozenset({530, 534, 535, 538})


class Tls(StrEnum):
    """How the connection is secured."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class EmailOptions(ChannelOptions):
    """The mail server, and who writes to whom."""

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    tls: Tls = Field(default=Tls.STARTTLS, description="starttls (587), tls (465) or none")
    username: str | None = None
    password: Secret | None = None
    sender: str = Field(min_length=3, description="Sluice <sluice@acme.io>")
    to: list[str] = Field(default_factory=list, description="Without any: the contact address of the alerts' teams")
    timeout: float = Field(default=20.0, gt=0, le=60, description="Seconds for each step of the exchange")
    max_items: int = Field(default=50, ge=1, le=500, description="Findings shown in a mail")


async def deliver(message: Message, options: EmailOptions, tools: Tools) -> Receipt:  # noqa: ARG001 - as every channel's
    """Send one mail to all recipients."""
    recipients = options.to or sorted({contact.email for contact in message.contacts if contact.email})
    if not recipients:
        raise Final(
            Reason.NOT_FOUND,
            f"nobody to write to: the receiver has no `to`, and the catalogue has no e-mail address of the team "
            f"{', '.join(message.teams)}",
        )
    with composing():
        mail = compose(message, options, recipients, host=read_url(options.host))
    refused = await _send(mail, options, recipients)
    return Receipt(note=f"refused by the server: {', '.join(sorted(refused))}" if refused else None)


def compose(message: Message, options: EmailOptions, recipients: list[str], *, host: str) -> EmailMessage:
    """Return the mail. Its Message-ID comes from the delivery, so that one that came twice can be recognised."""
    mail = EmailMessage()
    name, address = parseaddr(options.sender)
    mail["From"] = formataddr((name, address))
    mail["To"] = ", ".join(recipients)
    mail["Subject"] = shorten(f"[Sluice] {headline(message)}", _MAX_SUBJECT)
    mail["Date"] = format_datetime(message.composed_at)
    mail["Message-ID"] = f"<{message.idempotency_key}@{address.rpartition('@')[2] or host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Sluice-Level"] = message.level.value
    mail["X-Sluice-Delivery"] = message.idempotency_key
    mail.set_content(as_text(message, options.max_items))
    mail.add_alternative(as_html(message, options.max_items), subtype="html")
    return mail


def as_text(message: Message, max_items: int) -> str:
    """Return the body as plain text."""
    shown, left_out = message.top(max_items)
    parts = [headline(message), *(_item_text(item, message) for item in shown)]
    parts += [text for text in (and_more(left_out),) if text]
    parts.append(f"-- \nSluice, {moment(message.composed_at)}, delivery {message.idempotency_key}")
    return "\n\n".join(parts) + "\n"


def as_html(message: Message, max_items: int) -> str:
    """Return the body as HTML; everything that comes from outside is escaped."""
    shown, left_out = message.top(max_items)
    items = "".join(_item_html(item, message) for item in shown)
    more = and_more(left_out)
    return (
        '<!DOCTYPE html><html><body style="font-family:sans-serif">'
        f"<h2>{html.escape(headline(message))}</h2>{items}"
        f"{f'<p>{html.escape(more)}</p>' if more else ''}"
        f'<p style="color:#666">Sluice, {moment(message.composed_at)}, delivery {message.idempotency_key}</p>'
        "</body></html>"
    )


def _item_text(item: Item, message: Message) -> str:
    lines = [one_line(item.title), *(f"  {name}: {text}" for name, text in facts(item, message.composed_at))]
    if item.url:
        lines.append(f"  Link: {one_line(item.url)}")
    return "\n".join(lines)


def _item_html(item: Item, message: Message) -> str:
    title = html.escape(one_line(item.title))
    if item.url and item.url.startswith(("https://", "http://")):
        title = f'<a href="{html.escape(item.url)}">{title}</a>'
    rows = "".join(
        f"<tr><td><b>{html.escape(name)}</b></td><td>{html.escape(text)}</td></tr>"
        for name, text in facts(item, message.composed_at)
    )
    return f"<h3>{title}</h3><table>{rows}</table>"


async def _send(mail: EmailMessage, options: EmailOptions, recipients: list[str]) -> list[str]:
    """Hand the mail to the server; return the recipients that it refused while it took others."""
    host = read_url(options.host)
    password = options.password.read() if options.password is not None else None
    client = aiosmtplib.SMTP(
        hostname=host, port=options.port, timeout=options.timeout, use_tls=options.tls is Tls.TLS, start_tls=False
    )
    try:
        async with client:
            await _secure_and_log_in(client, host, options, password)
            refused, _ = await client.send_message(mail, recipients=[parseaddr(to)[1] for to in recipients])
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _failure(host, error) from None
    return list(refused)


async def _secure_and_log_in(client: aiosmtplib.SMTP, host: str, options: EmailOptions, password: str | None) -> None:
    await client.ehlo()
    if options.tls is Tls.STARTTLS:
        if not client.supports_extension("starttls"):
            raise Final(Reason.TLS, f"{host} does not offer STARTTLS; look at the receiver's `tls`")
        await client.starttls()
        await client.ehlo()
    if options.username is not None and password is not None:
        if not client.supports_extension("auth"):
            raise Final(Reason.AUTH, f"{host} takes no user name here; look at the receiver's `tls`, or leave it out")
        await client.login(options.username, password)


def _failure(host: str, error: Exception) -> Retryable | Final:
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            worst = max(error.recipients, key=lambda refused: refused.code)
            failure = _by_code(host, worst.code, worst.message, permanent=Reason.NOT_FOUND)
        case aiosmtplib.SMTPAuthenticationError():
            failure = _by_code(host, error.code, "the user name or the password is refused", permanent=Reason.AUTH)
        case aiosmtplib.SMTPResponseException():
            failure = _by_code(host, error.code, error.message, permanent=Reason.INVALID_REQUEST)
        case aiosmtplib.SMTPNotSupported():
            failure = Final(Reason.TLS, f"{host} does not offer what the receiver asks for; look at its `tls`")
        case aiosmtplib.SMTPTimeoutError() | TimeoutError():
            failure = Retryable(Reason.TIMEOUT, f"{host} did not answer in time")
        case _ if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
            failure = Retryable(Reason.TLS, f"no secure connection to {host}")
        case _:
            failure = Retryable(Reason.CONNECTION, f"the connection to {host} failed ({type(error).__name__})")
    return failure


def _by_code(host: str, code: int, said: str, *, permanent: Reason) -> Retryable | Final:
    """Sort a reply (RFC 5321 section 4.2.1): 4xx is for now, 5xx for good."""
    detail = f"{host} answered {code}: {one_line(said)[:200]}"
    if code < _PERMANENT:
        return Retryable(Reason.UNAVAILABLE, detail)
    if code == _TOO_LARGE:
        return Final(Reason.TOO_LARGE, detail)
    return Final(Reason.AUTH if code in _AUTH else permanent, detail)


CHANNEL = Channel(options=EmailOptions, deliver=deliver)
