"""Bodies are kept for a time, and reports can be worked on again from them."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.ingest.ingest_kit import Ingest, Platform, bearer, running, until, until_async

from sluice_ingest.application.expire_bodies import ExpireBodies
from sluice_ingest.domain.report import body_key
from sluice_ingest.settings import Settings
from sluice_ingest.storage import bodies, reports

LONG_AGO = "UPDATE report SET received_at = received_at - interval '31 days' WHERE id::text = $1 RETURNING id"


async def expire(ingest: Ingest) -> int:
    runtime = ingest.app.state.runtime
    return await ExpireBodies(runtime.database, runtime.blobs, timedelta(days=30), lambda: datetime.now(UTC))()


@pytest.mark.parametrize("status", ["indexed", "rejected"])
async def test_a_final_report_is_worked_on_again(ingest: Ingest, platform: Platform, status: str) -> None:
    report_id = await ingest.pushed()
    await platform.settle(report_id, status)
    await ingest.report(report_id, wait=5)

    response = await ingest.http.post(f"/v1/reports/{report_id}/replay")
    assert response.status_code == 202
    assert response.json()["status"] == "accepted"
    await until(lambda: platform.times(report_id) == 2)
    # What went before no longer counts: a rejection now stands.
    await platform.settle(report_id, "rejected", reason="malformed")
    assert (await ingest.report(report_id, wait=5))["status"] == "rejected"


async def test_a_stuck_report_begins_anew(make: Callable[..., Settings], platform: Platform) -> None:
    async with running(make(first_republish_seconds=0.2, max_publications=1)) as ingest:
        report_id = await ingest.pushed()
        assert (await ingest.report(report_id, wait=10))["status"] == "stuck"
        await ingest.http.post(f"/v1/reports/{report_id}/replay")
        await until(lambda: platform.times(report_id) == 2)
        await platform.settle(report_id)
        await until_async(lambda: _is_indexed(ingest, report_id))


async def test_replaying_takes_the_scope_write(ingest: Ingest) -> None:
    report_id = await ingest.pushed()
    for scope in ("read", "push"):
        token = await ingest.token(scope, scope)
        response = await ingest.http.post(f"/v1/reports/{report_id}/replay", headers=bearer(token))
        assert response.status_code == 403
    token = await ingest.token("writer", "write")
    assert (await ingest.http.post(f"/v1/reports/{report_id}/replay", headers=bearer(token))).status_code == 202
    unknown = "/v1/reports/00000000-0000-7000-8000-000000000000/replay"
    assert (await ingest.http.post(unknown)).json()["code"] == "unknown_report"


async def test_a_body_goes_after_its_time_and_the_report_stays(ingest: Ingest, platform: Platform) -> None:
    old, young = await ingest.pushed(b"old"), await ingest.pushed(b"young")
    for report_id in (old, young):
        await platform.settle(report_id)
        await ingest.report(report_id, wait=5)
    await ingest.sql(LONG_AGO, old)
    assert len(ingest.bodies) == 2
    assert await expire(ingest) == 1
    assert len(ingest.bodies) == 1
    assert (await ingest.report(old))["status"] == "indexed"
    response = await ingest.http.post(f"/v1/reports/{old}/replay")
    assert (response.status_code, response.json()["code"]) == (410, "body_gone")
    assert await expire(ingest) == 0


async def test_a_body_stays_while_a_report_is_due_or_a_younger_one_shares_it(
    ingest: Ingest, platform: Platform
) -> None:
    due = await ingest.pushed(b"due")
    old = await ingest.pushed(b"shared", ref="a")
    young = await ingest.pushed(b"shared", ref="b")
    for report_id in (old, young):
        await platform.settle(report_id)
        await ingest.report(report_id, wait=5)
    await ingest.sql(LONG_AGO, due)
    await ingest.sql(LONG_AGO, old)
    assert await expire(ingest) == 0
    assert len(ingest.bodies) == 2


async def test_bodies_in_use_do_not_hide_those_that_are_not(ingest: Ingest, platform: Platform) -> None:
    for body, refs in ((b"the same every night", "abcd"), (b"alone", "a")):
        for ref in refs:
            report_id = await ingest.pushed(body, ref=ref)
            await platform.settle(report_id)
            await ingest.report(report_id, wait=5)
            if ref != "d":
                await ingest.sql(LONG_AGO, report_id)
    async with ingest.database.transaction() as tx:
        before = datetime.now(UTC) - timedelta(days=30)
        assert await bodies.expired(tx, before=before, limit=1) == [hashlib.sha256(b"alone").hexdigest()]


async def test_a_body_that_comes_again_after_it_was_deleted_is_stored_again(ingest: Ingest, platform: Platform) -> None:
    old = await ingest.pushed(b"again")
    await platform.settle(old)
    await ingest.report(old, wait=5)
    await ingest.sql(LONG_AGO, old)
    assert await expire(ingest) == 1
    new = await ingest.pushed(b"again")
    assert new != old
    assert len(ingest.bodies) == 1
    assert (await ingest.http.post(f"/v1/reports/{old}/replay")).status_code == 202


async def test_a_body_pushed_while_the_sweep_deletes_it_is_stored_again(ingest: Ingest, platform: Platform) -> None:
    old = await ingest.pushed(b"contested")
    await platform.settle(old)
    await ingest.report(old, wait=5)
    runtime = ingest.app.state.runtime
    sha256 = hashlib.sha256(b"contested").hexdigest()
    async with runtime.database.transaction() as tx:
        await reports.lock_body(tx, sha256)
        pushing = asyncio.create_task(ingest.pushed(b"contested"))
        await asyncio.sleep(0.5)
        assert not pushing.done()
        await runtime.blobs.delete(body_key(sha256))
        await bodies.mark_deleted(tx, sha256, at=datetime.now(UTC))
    await pushing
    assert await runtime.blobs.get(body_key(sha256), max_bytes=100) == b"contested"


async def test_a_report_is_replayed_beside_one_under_way_that_repeats_it(ingest: Ingest, platform: Platform) -> None:
    old = await ingest.pushed(b"same")
    await platform.settle(old)
    await ingest.report(old, wait=5)
    new = await ingest.pushed(b"same")
    assert (await ingest.http.post(f"/v1/reports/{old}/replay")).status_code == 202
    await until(lambda: platform.times(old) == 2 and platform.times(new) == 1)


async def _is_indexed(ingest: Ingest, report_id: str) -> bool:
    return bool((await ingest.report(report_id))["status"] == "indexed")
