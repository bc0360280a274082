from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI, Form, Request, Response
from httpx import ASGITransport, AsyncClient

from sluice_shared.auth import (
    IntrospectingVerifier,
    Principal,
    Scope,
    constant_time_equal,
    introspection_credential,
    new_token,
    token_digest,
)
from sluice_shared.errors import Unavailable

ID = UUID("6f1c3c0e-2b1a-4a53-9a51-2f1f5c1f9d10")
KEY = "the key that all services share"


class Ingest:
    """Ingest's introspection endpoint over ASGI, with what it knows and how often it was asked."""

    def __init__(self):
        self.known = {"good": {"active": True, "token_id": str(ID), "name": "ci", "scopes": ["push"], "assets": []}}
        self.asked = 0
        self.status = 200
        self.app = FastAPI()
        self.app.post("/v1/tokens/introspect")(self.introspect)

    async def introspect(self, request: Request, response: Response, token: str = Form()):
        self.asked += 1
        if request.headers["authorization"] != f"Bearer {introspection_credential(KEY)}":
            response.status_code = 401
            return None
        response.status_code = self.status
        return self.known.get(token, {"active": False})


@pytest.fixture
def ingest():
    return Ingest()


@pytest.fixture
def seconds():
    return [1000.0]


@pytest.fixture
def verifier(ingest, seconds):
    return IntrospectingVerifier(
        "http://ingest/", KEY, client=AsyncClient(transport=ASGITransport(ingest.app)), clock=lambda: seconds[0]
    )


async def test_a_known_token_is_whose_it_is(verifier):
    principal = await verifier.verify("good")
    assert principal == Principal(ID, "ci", frozenset({Scope.PUSH}))


async def test_a_good_answer_is_remembered_for_30_seconds(verifier, ingest, seconds):
    await verifier.verify("good")
    ingest.known.clear()
    seconds[0] += 29.9
    assert await verifier.verify("good")
    assert ingest.asked == 1
    seconds[0] += 0.2
    assert await verifier.verify("good") is None


async def test_a_bad_answer_is_remembered_for_5_seconds(verifier, ingest, seconds):
    assert await verifier.verify("new") is None
    ingest.known["new"] = ingest.known["good"]
    seconds[0] += 4.9
    assert await verifier.verify("new") is None
    assert ingest.asked == 1
    seconds[0] += 0.2
    assert await verifier.verify("new")


async def test_a_token_is_not_remembered_beyond_its_expiry(verifier, ingest, seconds):
    ingest.known["good"]["expires_at"] = (datetime.now(UTC) + timedelta(seconds=10)).isoformat()
    assert await verifier.verify("good")
    seconds[0] += 10.1
    await verifier.verify("good")
    assert ingest.asked == 2


async def test_an_expired_token_is_good_for_nothing(verifier, ingest):
    ingest.known["good"]["expires_at"] = "2020-01-01T00:00:00"
    assert await verifier.verify("good") is None


async def test_what_was_asked_lately_still_works_while_ingest_is_away(verifier, ingest):
    await verifier.verify("good")
    ingest.status = 500
    assert await verifier.verify("good")
    with pytest.raises(Unavailable, match="it answered 500"):
        await verifier.verify("other")


async def test_another_secret_key_is_told_from_a_bad_token(ingest):
    verifier = IntrospectingVerifier("http://ingest", "wrong", client=AsyncClient(transport=ASGITransport(ingest.app)))
    with pytest.raises(Unavailable, match="SLUICE_SECRET_KEY must be the same"):
        await verifier.verify("good")


async def test_guessing_neither_grows_without_bound_nor_pushes_out_what_is_good(verifier, ingest, monkeypatch):
    monkeypatch.setattr("sluice_shared.auth._CACHE_SIZE", 3)
    await verifier.verify("good")
    for guess in range(10):
        await verifier.verify(f"guess {guess}")
    assert len(verifier._bad) == 3
    asked = ingest.asked
    assert await verifier.verify("good")
    assert ingest.asked == asked


async def test_no_token_is_kept_in_memory_as_it_is(verifier):
    await verifier.verify("good")
    assert list(verifier._good) == [token_digest("good")]


async def test_an_endless_token_is_refused_without_asking(verifier, ingest):
    assert await verifier.verify("x" * 10_000) is None
    assert ingest.asked == 0


def test_a_new_token_has_the_known_form_and_only_its_digest_is_stored():
    token, digest = new_token()
    assert token.startswith("slu_")
    assert len(token) == 4 + 43
    assert digest == token_digest(token)
    assert new_token()[0] != token


def test_the_credential_between_services_depends_on_the_key_alone():
    assert introspection_credential("a") == introspection_credential(b"a")
    assert introspection_credential("a") != introspection_credential("b")
    assert len(introspection_credential("a")) == 64


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.PUSH, {Scope.PUSH}),
        (Scope.READ, {Scope.READ}),
        (Scope.WRITE, {Scope.WRITE, Scope.READ}),
        (Scope.ADMIN, set(Scope)),
    ],
)
def test_a_scope_allows_what_it_includes(scope, allowed):
    principal = Principal(ID, "x", frozenset({scope}))
    assert {s for s in Scope if principal.allows(s)} == allowed


def test_a_token_pushes_only_assets_its_globs_name_and_case_counts():
    principal = Principal(ID, "x", frozenset({Scope.PUSH}), ("repo:github.com/acme/*", "image:shop"))
    assert principal.may_push("repo:github.com/acme/shop")
    assert principal.may_push("image:shop")
    assert not principal.may_push("repo:github.com/ACME/shop")
    assert not principal.may_push("repo:github.com/other/shop")


def test_a_token_for_reading_pushes_nothing():
    assert not Principal(ID, "x", frozenset({Scope.WRITE})).may_push("repo:github.com/acme/shop")


def test_secrets_are_compared_as_text_or_bytes():
    assert constant_time_equal("ä", "ä".encode())
    assert not constant_time_equal("a", "b")
