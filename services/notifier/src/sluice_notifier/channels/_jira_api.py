"""The few calls of Jira Cloud's REST API, version 3, that tickets need.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/
"""

import base64
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

import orjson

from sluice_notifier.channels.kit import (
    Answer,
    Final,
    HttpOptions,
    Reason,
    Retryable,
    Secret,
    TicketState,
    Tools,
    read_url,
    send,
)

_MOST_COMMENTS = "100"


class Access(Protocol):
    """Where Jira is, and how to be let in."""

    @property
    def url(self) -> str:
        """Address of the site."""
        ...

    @property
    def email(self) -> str | None:
        """The account of an API token; None for a personal access token."""
        ...

    @property
    def token(self) -> Secret:
        """The token."""
        ...


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue; ``text`` is all that its description says, as JSON."""

    state: TicketState
    text: str = ""


class JiraApi:
    """One receiver's Jira, for one delivery."""

    def __init__(self, access: Access, options: HttpOptions, tools: Tools) -> None:
        self._base = read_url(access.url).rstrip("/")
        self._options = options
        self._tools = tools
        token = access.token.read()
        if access.email:
            credentials = base64.b64encode(f"{access.email}:{token}".encode()).decode()
            self._authorization = f"Basic {credentials}"
        else:
            self._authorization = f"Bearer {token}"

    async def find(self, project: str, label: str) -> Issue | None:
        """Return the oldest issue of the project with this label.

        The search is consistent only after some seconds, so an issue that is known is asked for by its key instead.
        """
        jql = f'project = "{project}" AND labels = "{label}" ORDER BY created ASC'
        body = {"jql": jql, "fields": ["status", "description"], "maxResults": 1}
        found = await self._json("POST", "/rest/api/3/search/jql", body)
        issues = found.get("issues") or []
        return self._issue(issues[0]) if issues else None

    async def get(self, ref: str) -> Issue | None:
        """Return the issue, or None when there is none (any more)."""
        try:
            found = await self._json("GET", f"{_path(ref)}?fields=status,description")
        except Final as error:
            if error.reason is Reason.NOT_FOUND:
                return None
            raise
        return self._issue(found)

    async def create(self, fields: dict[str, Any]) -> str:
        """Create an issue and return its key."""
        created = await self._json("POST", "/rest/api/3/issue", {"fields": fields})
        key = created.get("key")
        if not isinstance(key, str):
            raise Retryable(Reason.UNAVAILABLE, "Jira did not say which issue it has created")
        return key

    async def comment(self, ref: str, document: dict[str, Any]) -> None:
        """Add a comment."""
        await self._json("POST", f"{_path(ref)}/comment", {"body": document})

    async def has_comment(self, ref: str, marker: str) -> bool:
        """Tell whether one of the newest comments holds the marker."""
        found = await self._json("GET", f"{_path(ref)}/comment?orderBy=-created&maxResults={_MOST_COMMENTS}")
        return marker in orjson.dumps(found.get("comments") or []).decode()

    async def transition(self, ref: str, wanted: str, fields: dict[str, Any] | None = None) -> None:
        """Take the transition of this name, or to the status of this name; raises Final when there is none."""
        found = await self._json("GET", f"{_path(ref)}/transitions")
        names: list[str] = []
        for transition in found.get("transitions") or []:
            name, to = str(transition.get("name")), str((transition.get("to") or {}).get("name"))
            names.append(name)
            if wanted.casefold() in (name.casefold(), to.casefold()):
                body: dict[str, Any] = {"transition": {"id": transition["id"]}}
                await self._json("POST", f"{_path(ref)}/transitions", body | ({"fields": fields} if fields else {}))
                return
        raise Final(
            Reason.INVALID_REQUEST,
            f"{ref} has no transition '{wanted}' now; it has {', '.join(names) or 'none'}; correct the receiver",
        )

    def _issue(self, found: dict[str, Any]) -> Issue:
        fields = found.get("fields") or {}
        status = fields.get("status") or {}
        ref = str(found["key"])
        state = TicketState(
            ref=ref,
            url=f"{self._base}/browse/{quote(ref)}",
            status=status.get("name"),
            done=(status.get("statusCategory") or {}).get("key") == "done",
        )
        return Issue(state, orjson.dumps(fields.get("description")).decode())

    async def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer: Answer = await send(
            self._tools,
            self._options,
            method,
            self._base + path,
            content=None if body is None else orjson.dumps(body),
            headers={
                "Authorization": self._authorization,
                "Accept": "application/json",
                "Content-Type": "application/json",
            },
        )
        if not answer.body:
            return {}
        found = answer.json()
        if not isinstance(found, dict):
            raise Retryable(Reason.UNAVAILABLE, "the answer is not Jira's; look at the receiver's url")
        return found


def _path(ref: str) -> str:
    return f"/rest/api/3/issue/{quote(ref, safe='')}"
