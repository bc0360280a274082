"""From a push to a receipt."""

from tests.integration.ingest.ingest_kit import ASSET, Ingest, Platform, until


async def test_a_pushed_report_is_stored_handed_on_and_settled_by_its_receipt(
    ingest: Ingest, platform: Platform
) -> None:
    response = await ingest.push(b'{"results": [1]}', ref="main", commit="abc123", scanner="trivy", category="api")
    assert response.status_code == 202
    accepted = response.json()
    report_id = accepted["report_id"]
    assert accepted == {"report_id": report_id, "status_url": f"/v1/reports/{report_id}", "duplicate": False}
    assert response.headers["location"] == accepted["status_url"]

    report = await ingest.report(report_id)
    assert (report["status"], report["asset"], report["ref"], report["commit"]) == ("accepted", ASSET, "main", "abc123")

    await until(lambda: platform.times(report_id) == 1)
    event = platform.received[0]
    assert (event.asset, event.ref, event.scanner, event.category, event.complete) == (
        ASSET,
        "main",
        "trivy",
        "api",
        True,
    )
    assert event.body_ref == f"bodies/{event.body_sha256[:2]}/{event.body_sha256}.zst"
    blobs = ingest.app.state.runtime.blobs
    assert await blobs.get(event.body_ref, max_bytes=1000) == b'{"results": [1]}'

    await platform.settle(report_id)
    report = await ingest.report(report_id, wait=5)
    assert report["status"] == "indexed"
    assert report["counts"]["new"] == 2
    assert report["finished_at"] is not None
