"""The same request twice is one report; the same report again later is a new scan."""

import asyncio

from tests.integration.ingest.ingest_kit import Ingest, Platform, bearer

KEY = {"Idempotency-Key": "build-42"}
BODY = b'{"results": [1]}'


async def count(ingest: Ingest) -> int:
    return int((await ingest.sql("SELECT count(*) FROM report"))[0][0])


async def test_the_same_key_and_body_is_the_same_report(ingest: Ingest) -> None:
    first = (await ingest.push(BODY, headers=KEY)).json()
    again = await ingest.push(BODY, headers=KEY)
    assert again.status_code == 202
    assert again.json() == {**first, "duplicate": True}
    assert await count(ingest) == 1


async def test_the_same_key_is_the_same_report_even_after_it_is_final(ingest: Ingest, platform: Platform) -> None:
    report_id = await ingest.pushed(BODY, headers=KEY)
    await platform.settle(report_id)
    await ingest.report(report_id, wait=5)
    assert (await ingest.push(BODY, headers=KEY)).json()["report_id"] == report_id


async def test_a_key_that_was_used_for_something_else_is_refused(ingest: Ingest) -> None:
    report_id = await ingest.pushed(BODY, headers=KEY)
    for response in (
        await ingest.push(b"another body", headers=KEY),
        await ingest.push(BODY, headers=KEY, ref="main"),
        await ingest.push(BODY, headers=KEY, complete="false"),
    ):
        assert response.status_code == 409
        assert response.json()["code"] == "key_reused"
        assert response.json()["report_id"] == report_id
    assert await count(ingest) == 1


async def test_keys_of_two_tokens_do_not_meet(ingest: Ingest) -> None:
    other = await ingest.token("other", "push")
    first = await ingest.pushed(BODY, headers=KEY)
    second = await ingest.pushed(b"another body", headers={**KEY, **bearer(other)})
    assert first != second


async def test_ten_requests_at_once_under_one_key_are_one_report(ingest: Ingest) -> None:
    responses = await asyncio.gather(*(ingest.push(BODY, headers=KEY) for _ in range(10)))
    assert {response.status_code for response in responses} == {202}
    assert len({response.json()["report_id"] for response in responses}) == 1
    assert sorted(response.json()["duplicate"] for response in responses) == [False] + [True] * 9
    assert await count(ingest) == 1


async def test_two_bodies_at_once_under_one_key_are_one_report_and_one_conflict(ingest: Ingest) -> None:
    for number in range(5):
        key = {"Idempotency-Key": f"key-{number}"}
        responses = await asyncio.gather(*(ingest.push(body, headers=key) for body in (b"one", b"two")))
        assert sorted(response.status_code for response in responses) == [202, 409]


async def test_ten_equal_requests_at_once_without_a_key_are_one_report(ingest: Ingest) -> None:
    responses = await asyncio.gather(*(ingest.push(BODY) for _ in range(10)))
    assert len({response.json()["report_id"] for response in responses}) == 1
    assert await count(ingest) == 1


async def test_another_scope_or_time_is_another_report_over_the_same_stored_body(ingest: Ingest) -> None:
    ids = {
        await ingest.pushed(BODY),
        await ingest.pushed(BODY, ref="main"),
        await ingest.pushed(BODY, category="web"),
        await ingest.pushed(BODY, scanner="trivy"),
        await ingest.pushed(BODY, complete="false"),
        await ingest.pushed(BODY, scanned_at="2025-01-01T00:00:00Z"),
        await ingest.pushed(BODY, asset="repo:github.com/acme/other"),
    }
    assert len(ids) == 7
    assert len(ingest.bodies) == 1


async def test_a_final_report_that_is_pushed_again_is_a_new_scan(ingest: Ingest, platform: Platform) -> None:
    first = await ingest.pushed(BODY)
    await platform.settle(first)
    await ingest.report(first, wait=5)
    response = (await ingest.push(BODY)).json()
    assert response["duplicate"] is False
    assert response["report_id"] != first
    assert (await ingest.report(response["report_id"]))["duplicate_of"] == first
    assert len(ingest.bodies) == 1
