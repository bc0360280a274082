"""Jira Cloud: a ticket for each asset and fix, kept in step both ways.

An issue is found again by its label before one is created, so a delivery that is repeated opens no second one. A
comment says which delivery it comes from, so that it is not repeated either.
"""

import re
from enum import StrEnum
from typing import Any

from pydantic import Field

from sluice_notifier.channels import _adf as adf
from sluice_notifier.channels._jira_api import Issue, JiraApi
from sluice_notifier.channels.kit import (
    Channel,
    Final,
    HttpOptions,
    Message,
    Reason,
    Receipt,
    Secret,
    Ticket,
    TicketState,
    Tools,
    composing,
)
from sluice_notifier.domain.message import Item, MessageKind
from sluice_notifier.domain.wording import and_more, facts, findings, headline, one_line, shorten

LABEL = "sluice"
_MAX_SUMMARY = 250
_PROJECT = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
_DELETED = "deleted"


class WhenClosedEarly(StrEnum):
    """What to do with a ticket that was closed while its findings are open."""

    RECORD = "record"
    COMMENT = "comment"
    REOPEN = "reopen"


class JiraOptions(HttpOptions):
    """The site, the project, and how its workflow is called."""

    url: str = Field(min_length=1, description="https://acme.atlassian.net")
    email: str | None = Field(default=None, description="Account of the API token; without it the token is a bearer's")
    token: Secret
    project: str | None = Field(default=None, pattern=_PROJECT.pattern, description="Else the alert's team's own")
    issue_type: str = "Task"
    labels: list[str] = Field(default_factory=list, description="More labels for the issues")
    fields: dict[str, Any] = Field(default_factory=dict, description="More fields of new issues, as the API takes them")
    done_transition: str | None = Field(default="Done", description="Taken when all findings are resolved; null: none")
    done_fields: dict[str, Any] = Field(default_factory=dict, description="Fields that this transition asks for")
    when_closed_early: WhenClosedEarly = WhenClosedEarly.COMMENT
    reopen_transition: str = "To Do"
    max_items: int = Field(default=25, ge=1, le=100, description="Findings listed in an issue")


async def deliver(message: Message, options: JiraOptions, tools: Tools) -> Receipt:
    """Open the ticket or add to it, and move it to where its findings are."""
    ticket = message.ticket or Ticket(key=message.id.hex)
    api = JiraApi(options, options, tools)
    project = _project(message, options)
    issue = await _find(api, ticket, project)
    if issue is None:
        if ticket.findings_open == 0 and message.kind is MessageKind.ALERTS:
            return Receipt(note="everything is resolved already, so no ticket was opened")
        with composing():
            fields = new_issue(message, ticket, project, options)
        ref = await api.create(fields)
        issue = await api.get(ref)
        return Receipt(ticket=issue.state if issue else TicketState(ref))
    await _comment_once(api, issue, message, options, tools.attempt)
    return Receipt(ticket=await _move(api, issue.state, ticket, options, _marker(message)))


async def inspect(ticket: Ticket, was_done: bool, options: JiraOptions, tools: Tools) -> TicketState:
    """Read the ticket's state; one that was closed too early is dealt with once, when that is first seen."""
    api = JiraApi(options, options, tools)
    ref = ticket.ref or ""
    issue = await api.get(ref)
    if issue is None:
        return TicketState(ref, status=_DELETED, done=True)
    if was_done or not issue.state.done or ticket.findings_open == 0:
        return issue.state
    return await _closed_early(api, issue.state, ticket, options, f"Sluice ticket {ticket.key}")


async def _find(api: JiraApi, ticket: Ticket, project: str) -> Issue | None:
    if ticket.ref is not None and (known := await api.get(ticket.ref)) is not None:
        return known
    return await api.find(project, label_of(ticket))


async def _comment_once(api: JiraApi, issue: Issue, message: Message, options: JiraOptions, attempt: int) -> None:
    marker = _marker(message)
    if attempt > 1 and (marker in issue.text or await api.has_comment(issue.state.ref, marker)):
        return
    with composing():
        text = comment(message, options)
    await api.comment(issue.state.ref, text)


async def _move(api: JiraApi, state: TicketState, ticket: Ticket, options: JiraOptions, marker: str) -> TicketState:
    if ticket.findings_open == 0:
        if state.done or options.done_transition is None:
            return state
        await api.transition(state.ref, options.done_transition, options.done_fields)
        return await _seen(api, state)
    return await _closed_early(api, state, ticket, options, marker) if state.done else state


async def _closed_early(
    api: JiraApi, state: TicketState, ticket: Ticket, options: JiraOptions, marker: str
) -> TicketState:
    if options.when_closed_early is WhenClosedEarly.RECORD:
        return state
    if options.when_closed_early is WhenClosedEarly.REOPEN:
        await api.transition(state.ref, options.reopen_transition)
    said = f"Closed too early, noticed by {marker}"
    if not await api.has_comment(state.ref, said):
        still = f"The scanners still see {findings(ticket.findings_open)} of this ticket."
        await api.comment(state.ref, adf.document([adf.paragraph(adf.plain(f"{said}. {still}"))]))
    return await _seen(api, state)


async def _seen(api: JiraApi, state: TicketState) -> TicketState:
    issue = await api.get(state.ref)
    return issue.state if issue else state


def label_of(ticket: Ticket) -> str:
    """Return the label by which a ticket's issue is found again."""
    return f"{LABEL}-{ticket.key}"


def new_issue(message: Message, ticket: Ticket, project: str, options: JiraOptions) -> dict[str, Any]:
    """Return the fields of a new issue."""
    return {
        **options.fields,
        "project": {"key": project},
        "issuetype": {"name": options.issue_type},
        "summary": shorten(summary(message), _MAX_SUMMARY),
        "labels": [LABEL, label_of(ticket), *options.labels],
        "description": adf.document(_body(message, options)),
    }


def summary(message: Message) -> str:
    """Return the title of an issue: what to do and where, or what it is when nobody knows a fix."""
    if message.kind is not MessageKind.ALERTS:
        return one_line(headline(message))
    item = message.items[0]
    return one_line(f"{item.fix_action or item.title} in {item.asset}")


def comment(message: Message, options: JiraOptions) -> dict[str, Any]:
    """Return the comment that says what has happened since."""
    return adf.document(_body(message, options))


def _body(message: Message, options: JiraOptions) -> list[adf.Node | None]:
    shown, left_out = message.top(options.max_items)
    more = and_more(left_out)
    blocks: list[adf.Node | None] = [adf.heading(headline(message))]
    for item in shown:
        blocks += [adf.paragraph(_title(item)), adf.bullets(_facts(item, message))]
    return [*blocks, adf.paragraph(adf.plain(more)) if more else None, adf.paragraph(adf.plain(_marker(message)))]


def _title(item: Item) -> adf.Node:
    title = one_line(item.title)
    return adf.link(title, item.url) if item.url else adf.strong(title)


def _facts(item: Item, message: Message) -> list[list[adf.Node]]:
    return [[adf.strong(f"{name}: "), adf.plain(text)] for name, text in facts(item, message.composed_at)]


def _marker(message: Message) -> str:
    return f"Sluice delivery {message.idempotency_key}"


def _project(message: Message, options: JiraOptions) -> str:
    project = options.project or next((c.jira_project for c in message.contacts if c.jira_project), None)
    if project is None:
        raise Final(
            Reason.INVALID_REQUEST,
            "no project: the receiver has no `project`, and the catalogue has no jira_project of the team "
            f"{', '.join(message.teams)}",
        )
    if not _PROJECT.fullmatch(project):
        raise Final(Reason.INVALID_REQUEST, f"'{project[:40]}' is no project key; write for example SEC")
    return project


CHANNEL = Channel(options=JiraOptions, deliver=deliver, inspect=inspect)
