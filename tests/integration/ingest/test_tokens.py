"""Tokens are shown once, work until they end, and are checked for the other services."""

from collections.abc import Callable

import httpx
from tests.integration.ingest.ingest_kit import ADMIN, SECRET_KEY, Ingest, bearer, running, until_async

from sluice_ingest.settings import Settings
from sluice_shared.auth import IntrospectingVerifier, Scope, introspection_credential, token_digest


async def test_a_token_is_shown_once_and_only_its_digest_is_stored(ingest: Ingest) -> None:
    wanted = {"name": "ci", "scopes": ["push", "read"], "assets": ["repo:github.com/acme/*"], "expires_in_days": 90}
    response = await ingest.http.post("/v1/tokens", json=wanted)
    assert response.status_code == 201
    created = response.json()
    assert created["token"].startswith("slu_")
    assert created["expires_at"] is not None
    listed = (await ingest.http.get("/v1/tokens")).json()["items"]
    assert listed[0]["name"] == "ci"
    assert all("token" not in token for token in listed)
    rows = await ingest.sql("SELECT digest, row_to_json(token)::text AS everything FROM token WHERE name = 'ci'")
    assert rows[0]["digest"] == token_digest(created["token"])
    assert created["token"] not in rows[0]["everything"]


async def test_a_revoked_token_is_refused_and_its_name_is_free_again(ingest: Ingest) -> None:
    text = await ingest.token("ci", "push")
    assert (await ingest.push(headers=bearer(text))).status_code == 202
    token_id = (await ingest.http.get("/v1/tokens")).json()["items"][0]["id"]
    assert (await ingest.http.post("/v1/tokens", json={"name": "ci", "scopes": ["push"]})).status_code == 409
    revoked = await ingest.http.delete(f"/v1/tokens/{token_id}")
    assert revoked.status_code == 200
    assert revoked.json()["revoked_at"] is not None
    response = await ingest.push(headers=bearer(text))
    assert (response.status_code, response.json()["code"]) == (401, "bad_token")
    await ingest.token("ci", "push")
    names = [token["name"] for token in (await ingest.http.get("/v1/tokens?revoked=true")).json()["items"]]
    assert names.count("ci") == 2
    unknown = await ingest.http.delete("/v1/tokens/00000000-0000-7000-8000-000000000000")
    assert unknown.json()["code"] == "unknown_token"


async def test_a_revocation_elsewhere_acts_within_five_seconds(ingest: Ingest) -> None:
    text = await ingest.token("ci", "read")

    async def is_refused() -> bool:
        return (await ingest.http.get("/v1/reports", headers=bearer(text))).status_code == 401

    assert not await is_refused()
    await ingest.sql("UPDATE token SET revoked_at = now() WHERE name = 'ci' RETURNING id")
    await until_async(is_refused, within=5)


async def test_the_last_use_is_noted_once_a_minute(ingest: Ingest) -> None:
    text = await ingest.token("ci", "read")
    for _ in range(2):
        await ingest.http.get("/v1/reports", headers=bearer(text))
    first = await ingest.sql("SELECT last_used_at FROM token WHERE name = 'ci'")
    assert first[0]["last_used_at"] is not None


async def test_only_administrators_manage_tokens(ingest: Ingest) -> None:
    text = await ingest.token("writer", "write", "push")
    for method, path in (("POST", "/v1/tokens"), ("GET", "/v1/tokens"), ("DELETE", f"/v1/tokens/{'0' * 32}")):
        response = await ingest.http.request(method, path, headers=bearer(text), json={"name": "x", "scopes": ["read"]})
        assert (response.status_code, response.json()["code"]) == (403, "missing_scope")


async def test_a_wish_that_makes_no_sense_is_explained(ingest: Ingest) -> None:
    for wanted, status in (
        ({"name": "x", "scopes": []}, 422),
        ({"name": "x", "scopes": ["everything"]}, 422),
        ({"name": "", "scopes": ["read"]}, 422),
        ({"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, 422),
        ({"name": "x", "scopes": ["read"], "expires_in_days": 1, "expires_at": "2999-01-01T00:00:00Z"}, 422),
        ({"name": "x", "scopes": ["read"], "expires_in_days": 1e300}, 422),
        ({"name": "x", "scopes": ["read"], "asset": ["repo:*"]}, 422),
        ({"name": "x", "scopes": ["read"], "assets": ["repo:\x00"]}, 422),
    ):
        response = await ingest.http.post("/v1/tokens", json=wanted)
        assert response.status_code == status, wanted
        assert response.json()["detail"]


async def test_other_services_ask_about_tokens(ingest: Ingest) -> None:
    text = await ingest.token("dash", "write", assets=("repo:*",))
    verifier = IntrospectingVerifier(ingest.url, SECRET_KEY)
    principal = await verifier.verify(text)
    assert principal is not None
    assert (principal.name, principal.scopes, principal.assets) == ("dash", {Scope.WRITE}, ("repo:*",))
    assert await verifier.verify("slu_unknown") is None
    await verifier.stop()


async def test_an_expired_token_is_not_active(ingest: Ingest) -> None:
    text = await ingest.token("old", "read", expires_in_days=1)
    await ingest.sql("UPDATE token SET expires_at = now() - interval '1 s' WHERE name = 'old' RETURNING id")
    answer = await ingest.http.post(
        "/v1/tokens/introspect", data={"token": text}, headers=bearer(introspection_credential(SECRET_KEY))
    )
    assert answer.json()["active"] is False


async def test_nobody_else_may_ask_about_tokens(ingest: Ingest) -> None:
    for headers in (bearer(ADMIN), bearer("wrong"), {"Authorization": ""}):
        answer = await ingest.http.post("/v1/tokens/introspect", data={"token": ADMIN}, headers=headers)
        assert answer.status_code == 401


async def test_the_bootstrap_token_is_there_after_every_start_even_when_it_was_revoked(
    make: Callable[..., Settings],
) -> None:
    settings = make()
    for _ in range(2):
        async with running(settings) as ingest:
            tokens = (await ingest.http.get("/v1/tokens")).json()["items"]
            assert [token["scopes"] for token in tokens] == [["admin"]]
            assert (await ingest.http.delete(f"/v1/tokens/{tokens[0]['id']}")).status_code == 200


async def test_without_a_bootstrap_token_nobody_gets_in(make: Callable[..., Settings]) -> None:
    async with running(make(bootstrap_token=None)) as ingest, httpx.AsyncClient(base_url=ingest.url) as http:
        assert (await http.get("/v1/tokens", headers=bearer(ADMIN))).status_code == 401
