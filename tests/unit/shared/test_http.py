from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends, Query
from prometheus_client import REGISTRY
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from sluice_shared.auth import Principal, Scope, require
from sluice_shared.errors import Unavailable
from sluice_shared.http import Page, Problem, create_app, decode_cursor, encode_cursor

ID = UUID("6f1c3c0e-2b1a-4a53-9a51-2f1f5c1f9d10")
TRACE = "0af7651916cd43dd8448eb211c80319c"


class Silence(BaseModel):
    reason: str
    hours: int


class TokensOfTests:
    """Ingest's table, as far as these tests need one."""

    async def verify(self, token):
        if token == "down":
            raise Unavailable("ingest", "connection refused to 10.1.2.3", retry_after=2.5)
        if token == "reader":
            return Principal(ID, "ci reader", frozenset({Scope.READ}))
        return None


@pytest.fixture
def client(runtime):
    nested, router = APIRouter(prefix="/{name}"), APIRouter(prefix="/v1")

    @nested.get("/{thing}")
    async def show(name: str, thing: UUID) -> dict[str, str]:
        return {"name": name, "thing": str(thing)}

    @router.get("/list")
    async def listed(limit: Annotated[int, Query(ge=1, le=500)] = 50, cursor: str = "") -> Page[int]:
        last = decode_cursor(cursor)[0] if cursor else 0
        return Page(items=list(range(last, last + limit)), next_cursor=encode_cursor(last + limit))

    @router.post("/silences")
    async def silence(body: Silence) -> Silence:
        return body

    @router.get("/mine")
    async def mine(principal: Annotated[Principal, Depends(require(Scope.READ))]) -> str:
        return principal.name

    @router.post("/push")
    async def push(principal: Annotated[Principal, Depends(require(Scope.PUSH))]) -> str:
        return principal.name

    @router.get("/broken")
    async def broken() -> None:
        raise RuntimeError("password=hunter2 in /srv/secret.py")

    @router.get("/gone")
    async def gone() -> None:
        raise Problem(410, "gone", "It is gone", "Ask for another.", headers={"X-Was": "here"}, since="2026-01-01")

    @router.post("/cut")
    async def cut() -> None:
        raise ClientDisconnect

    router.include_router(nested, prefix="/things")
    runtime.verifier = TokensOfTests()
    app = create_app(runtime=runtime, title="Sluice test", routers=[router])
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://sluice")


def requests_counted(**labels):
    return REGISTRY.get_sample_value("sluice_http_requests_total", {"service": "ingest", **labels}) or 0


def is_problem(response, status, code):
    body = response.json()
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert body["type"] == f"https://sluice.dev/problems/{code}"
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    return body


async def test_an_unknown_path_is_a_problem_that_says_where_the_paths_are_listed(client):
    body = is_problem(await client.get("/v2/nothing"), 404, "not_found")
    assert body["instance"] == "/v2/nothing"
    assert "/openapi.json" in body["detail"]


async def test_a_wrong_method_is_a_problem_that_names_the_right_one(client):
    response = await client.delete("/v1/list")
    assert "use GET" in is_problem(response, 405, "method_not_allowed")["detail"]
    assert response.headers["allow"] == "GET"


async def test_a_wrong_parameter_is_named_with_what_to_write(client):
    body = is_problem(await client.get("/v1/list", params={"limit": "many"}), 422, "invalid_request")
    assert body["errors"] == [
        {
            "parameter": "limit",
            "in": "query",
            "message": "this should be a valid integer, unable to parse string as an integer, not 'many'",
            "hint": "write a whole number, such as 30",
        }
    ]
    assert body["detail"].startswith("limit (query): this should be a valid integer")


async def test_a_parameter_out_of_range_says_the_limit(client):
    body = is_problem(await client.get("/v1/list", params={"limit": 501}), 422, "invalid_request")
    assert body["errors"][0]["hint"] == "write 500 or less"


async def test_a_wrong_body_names_each_field(client):
    response = await client.post("/v1/silences", json={"hours": "long"})
    errors = is_problem(response, 422, "invalid_request")["errors"]
    assert [(e["in"], e["parameter"], e["hint"]) for e in errors] == [
        ("body", "reason", "add 'reason'"),
        ("body", "hours", "write a whole number, such as 30"),
    ]


async def test_a_body_that_is_no_json_says_so(client):
    response = await client.post("/v1/silences", content=b'{"hours": }', headers={"content-type": "application/json"})
    error = is_problem(response, 422, "invalid_request")["errors"][0]
    assert error["parameter"] == "body"
    assert error["message"].startswith("not valid JSON")


async def test_a_path_parameter_of_the_wrong_form_is_named(client):
    error = is_problem(await client.get("/v1/things/box/7"), 422, "invalid_request")["errors"][0]
    assert (error["in"], error["parameter"]) == ("path", "thing")
    assert error["hint"].startswith("write a UUID")


async def test_a_service_s_own_problem_keeps_its_members_and_headers(client):
    response = await client.get("/v1/gone")
    body = is_problem(response, 410, "gone")
    assert (body["detail"], body["since"], response.headers["x-was"]) == ("Ask for another.", "2026-01-01", "here")


async def test_a_fault_inside_says_nothing_of_the_inside_and_is_logged(client, capsys):
    response = await client.get("/v1/broken", headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
    body = is_problem(response, 500, "internal_error")
    assert "hunter2" not in response.text
    assert "secret.py" not in response.text
    assert body["trace_id"] == TRACE
    logged = capsys.readouterr().out
    assert "request failed" in logged
    assert "RuntimeError" in logged


async def test_a_missing_token_is_a_challenge(client):
    response = await client.get("/v1/mine")
    assert "Authorization: Bearer" in is_problem(response, 401, "missing_token")["detail"]
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_an_unknown_token_is_refused(client):
    response = await client.get("/v1/mine", headers={"Authorization": "Bearer guessed"})
    is_problem(response, 401, "bad_token")
    assert "invalid_token" in response.headers["www-authenticate"]


async def test_a_token_without_the_scope_is_told_which_one_it_needs(client):
    response = await client.post("/v1/push", headers={"Authorization": "Bearer reader"})
    body = is_problem(response, 403, "missing_scope")
    assert body["required_scope"] == "push"
    assert "'ci reader' has the scopes read" in body["detail"]


async def test_a_token_with_the_scope_gets_in(client):
    response = await client.get("/v1/mine", headers={"Authorization": "Bearer reader"})
    assert (response.status_code, response.json()) == (200, "ci reader")


async def test_a_dependency_that_is_away_is_503_with_when_to_come_back(client):
    response = await client.get("/v1/mine", headers={"Authorization": "Bearer down"})
    body = is_problem(response, 503, "unavailable")
    assert response.headers["retry-after"] == "3"
    assert body["retry_after"] == 3
    assert "10.1.2.3" not in response.text


async def test_requests_are_counted_by_route_template_never_by_path(client):
    labels = {"method": "GET", "route": "/v1/things/{name}/{thing}", "status": "200"}
    before = requests_counted(**labels)
    for name in ("box", "bag"):
        assert (await client.get(f"/v1/things/{name}/{ID}")).status_code == 200
    assert requests_counted(**labels) == before + 2


async def test_unknown_paths_and_methods_share_one_label(client):
    labels = {"method": "other", "route": "unmatched", "status": "404"}
    before = requests_counted(**labels)
    await client.request("BREW", "/a/b/c")
    await client.request("STEEP", "/d")
    assert requests_counted(**labels) == before + 2


async def test_a_client_that_hangs_up_is_no_fault_of_the_service(client):
    labels = {"method": "POST", "route": "/v1/cut", "status": "499"}
    before = requests_counted(**labels)
    with pytest.raises(AssertionError):  # httpx's transport wants an answer where there is nobody to take it
        await client.post("/v1/cut")
    assert requests_counted(**labels) == before + 1


async def test_the_process_lives_while_its_parts_are_still_away(client):
    assert (await client.get("/healthz")).text == "ok\n"
    response = await client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "not_ready"
    assert response.json()["checks"]["database"]["status"] == "starting"
    assert response.json()["checks"]["config"]["status"] == "ok"


async def test_metrics_are_refreshed_and_a_refresh_that_fails_spoils_nothing(client, runtime):
    refreshed = []

    async def failing():
        raise RuntimeError("no database")

    async def working():
        refreshed.append(True)

    runtime.metrics_hooks += [failing, working]
    response = await client.get("/metrics")
    assert response.status_code == 200
    assert "sluice_http_requests_total" in response.text
    assert refreshed == [True]


async def test_the_openapi_document_promises_problem_documents(client):
    document = (await client.get("/openapi.json")).json()
    responses = document["paths"]["/v1/list"]["get"]["responses"]
    assert list(responses["422"]["content"]) == ["application/problem+json"]
    assert list(responses["default"]["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


async def test_a_cursor_leads_to_the_next_page(client):
    first = (await client.get("/v1/list", params={"limit": 2})).json()
    second = (await client.get("/v1/list", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert first["items"] + second["items"] == [0, 1, 2, 3]


def test_a_cursor_gives_back_what_went_in():
    values = [97.5, None, "ä&=", True, 7, datetime(2026, 3, 1, 12, tzinfo=UTC), date(2026, 3, 1), ID, Decimal("1.10")]
    text = encode_cursor(*values)
    assert decode_cursor(text) == values
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    "text", ["", "!!", "bm90IGpzb24", "e30", "W3sieCI6IjEifV0", "W3sidCI6ImxhdGVyIn1d", "A" * 5000]
)
def test_a_cursor_that_was_made_up_is_refused(text):
    with pytest.raises(Problem) as caught:
        decode_cursor(text)
    assert (caught.value.status, caught.value.code) == (400, "bad_cursor")
