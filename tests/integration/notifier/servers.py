"""Local servers that receive messages: HTTP, SMTP, and one that behaves as Jira does."""

import json
import re
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from sluice_shared.embedded import free_port


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    echo: bool = False


class HttpServer:
    """Answers 200, or what was lined up with ``next``; with ``always`` the same every time."""

    def __init__(self, context=None) -> None:
        self.requests: list[Request] = []
        self.queue: deque[Reply] = deque()
        self.fixed: Reply | None = None
        self._lock = threading.RLock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers, body)
                with outer._lock:
                    outer.requests.append(request)
                    reply = outer.queue.popleft() if outer.queue else outer.fixed or outer.respond(request)
                time.sleep(reply.delay)
                text = f"{request.path} {request.headers}".encode() if reply.echo else reply.body
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.status != 204:
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                if reply.status != 204:
                    self.wfile.write(text)

            do_POST = do_GET = handle_any  # noqa: N815 - the base class's names

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_: Any) -> None:
                """A client that goes away before the answer is what some tests want."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.scheme = "http" if context is None else "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def respond(self, request: Request) -> Reply:  # noqa: ARG002 - for subclasses
        return Reply()

    def next(self, *replies: Reply) -> None:
        self.queue.extend(replies)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class JiraServer(HttpServer):
    """Keeps issues, comments and statuses; finds by label; knows three statuses and their transitions."""

    STATUSES: ClassVar = {"To Do": "new", "In Progress": "indeterminate", "Done": "done"}

    def __init__(self) -> None:
        super().__init__()
        self.issues: dict[str, dict[str, Any]] = {}
        self.searches = 0
        self.is_indexed = True

    @property
    def created(self) -> list[dict[str, Any]]:
        return list(self.issues.values())

    def comments(self, key: str) -> list[str]:
        return [json.dumps(comment["body"]) for comment in self.issues[key]["comments"]]

    def status(self, key: str) -> str:
        return self.issues[key]["status"]

    def move(self, key: str, status: str) -> None:
        self.issues[key]["status"] = status

    def respond(self, request: Request) -> Reply:
        parts = urlsplit(request.path)
        if not request.headers.get("authorization"):
            return self._json(401, {"errorMessages": ["You are not authenticated"]})
        if request.method == "POST" and parts.path == "/rest/api/3/search/jql":
            return self._search(request.json)
        if request.method == "POST" and parts.path == "/rest/api/3/issue":
            return self._create(request.json["fields"])
        found = re.fullmatch(r"/rest/api/3/issue/([A-Z]+-\d+)(/comment|/transitions)?", parts.path)
        if found is None or found[1] not in self.issues:
            return self._json(404, {"errorMessages": ["Issue does not exist or you do not have permission to see it."]})
        return self._issue(request, found[1], found[2], parse_qs(parts.query))

    def _search(self, body: dict[str, Any]) -> Reply:
        self.searches += 1
        query = re.fullmatch(r'project = "(\w+)" AND labels = "([\w-]+)" ORDER BY created ASC', body["jql"])
        if query is None:
            return self._json(400, {"errorMessages": ["Error in the JQL Query"]})
        found = [
            self._view(key)
            for key, issue in self.issues.items()
            if self.is_indexed
            and issue["fields"]["project"]["key"] == query[1]
            and query[2] in issue["fields"]["labels"]
        ]
        return self._json(200, {"issues": found[: body["maxResults"]], "isLast": True})

    def _create(self, fields: dict[str, Any]) -> Reply:
        errors = {}
        if not fields.get("summary") or len(fields["summary"]) > 255 or "\n" in fields["summary"]:
            errors["summary"] = "Summary must be one line of at most 255 characters."
        if fields["description"].get("type") != "doc" or not _is_adf(fields["description"]):
            errors["description"] = "Operation value must be an Atlassian Document"
        if any(re.search(r"\s", label) for label in fields["labels"]):
            errors["labels"] = "The label can't contain spaces."
        if errors:
            return self._json(400, {"errorMessages": [], "errors": errors})
        key = f"{fields['project']['key']}-{len(self.issues) + 1}"
        self.issues[key] = {"fields": fields, "status": "To Do", "comments": []}
        return self._json(201, {"id": "1", "key": key, "self": f"{self.url}/rest/api/3/issue/1"})

    def _issue(self, request: Request, key: str, part: str | None, query: dict[str, list[str]]) -> Reply:
        issue = self.issues[key]
        if part is None:
            return self._json(200, self._view(key))
        if part == "/comment" and request.method == "GET":
            return self._json(200, {"comments": issue["comments"][::-1][: int(query["maxResults"][0])]})
        if part == "/comment":
            if not _is_adf(request.json["body"]):
                return self._json(400, {"errorMessages": ["Comment body is not valid!"]})
            issue["comments"].append({"body": request.json["body"]})
            return self._json(201, {"id": str(len(issue["comments"]))})
        offered = [name for name in self.STATUSES if name != issue["status"]]
        if request.method == "GET":
            transitions = [
                {"id": str(number), "name": f"Move to {name}", "to": {"name": name}}
                for number, name in enumerate(offered)
            ]
            return self._json(200, {"transitions": transitions})
        issue["status"] = offered[int(request.json["transition"]["id"])]
        return Reply(204, b"")

    def _view(self, key: str) -> dict[str, Any]:
        issue = self.issues[key]
        status = {"name": issue["status"], "statusCategory": {"key": self.STATUSES[issue["status"]]}}
        return {"id": "1", "key": key, "fields": {"status": status, "description": issue["fields"]["description"]}}

    @staticmethod
    def _json(status: int, body: dict[str, Any]) -> Reply:
        return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


def _is_adf(node: dict[str, Any]) -> bool:
    """Check what Jira checks first: known types, no empty text, no empty list."""
    if node["type"] == "text":
        return bool(node["text"])
    known = {"doc", "paragraph", "heading", "bulletList", "listItem"}
    content = node.get("content", [])
    return node["type"] in known and bool(content) and all(_is_adf(child) for child in content)


@dataclass
class Mail:
    sender: str
    recipients: list[str]
    content: Any


class SmtpServer:
    """Takes mails, or answers MAIL, RCPT or DATA with what ``replies`` says."""

    def __init__(self, *, context=None, tls=False, password: str | None = None, max_bytes: int | None = None) -> None:
        self.mails: list[Mail] = []
        self.replies: dict[str, str] = {}
        self.delay = 0.0
        outer = self

        class Handler:
            async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
                if reply := outer.replies.get("RCPT") or outer.replies.get(address):
                    return reply
                envelope.rcpt_tos.append(address)
                return "250 OK"

            async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
                if reply := outer.replies.get("DATA"):
                    return reply
                content = message_from_bytes(envelope.content, policy=default)
                outer.mails.append(Mail(envelope.mail_from, list(envelope.rcpt_tos), content))
                return "250 OK"

        def authenticate(_server, _session, _envelope, _mechanism, credentials):
            assert isinstance(credentials, LoginPassword)
            return AuthResult(success=credentials.password == (password or "").encode(), handled=False)

        self.port = free_port()
        self._controller = Controller(
            Handler(),
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=context if tls else None,
            tls_context=None if tls else context,
            authenticator=authenticate if password else None,
            auth_required=password is not None,
            auth_require_tls=False,
            **({"data_size_limit": max_bytes} if max_bytes else {}),
        )

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
