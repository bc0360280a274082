"""Who may see which report, and how lists are paged."""

from typing import Any

from tests.integration.ingest.ingest_kit import ASSET, Ingest, Platform, bearer

from sluice_shared.http import encode_cursor

ACME, OTHER = "repo:github.com/acme/api", "repo:github.com/other/api"


async def listed(ingest: Ingest, headers: dict[str, str] | None = None, **params: Any) -> list[str]:
    """The ids of all pages."""
    ids: list[str] = []
    while True:
        response = await ingest.http.get("/v1/reports", params=params, headers=headers)
        assert response.status_code == 200, response.text
        page = response.json()
        ids += [report["report_id"] for report in page["items"]]
        if page["next_cursor"] is None:
            return ids
        params["cursor"] = page["next_cursor"]


async def test_a_list_is_paged_newest_first_without_gap_or_overlap(ingest: Ingest) -> None:
    ids = [await ingest.pushed(b"%d" % number) for number in range(7)]
    assert await listed(ingest, limit=3) == ids[::-1]
    assert await listed(ingest, limit=7) == ids[::-1]


async def test_a_list_is_filtered_by_asset_status_and_scanner(ingest: Ingest, platform: Platform) -> None:
    one = await ingest.pushed(b"one", asset=ACME, scanner="trivy")
    two = await ingest.pushed(b"two", asset=OTHER)
    await platform.settle(two, "rejected", scanner="semgrep")
    await ingest.report(two, wait=5)
    assert await listed(ingest, asset=ACME) == [one]
    assert await listed(ingest, status="rejected") == [two]
    assert await listed(ingest, scanner="semgrep") == [two]
    assert await listed(ingest, scanner="trivy", status="rejected") == []


async def test_a_token_sees_only_the_assets_it_covers(ingest: Ingest) -> None:
    mine, theirs = await ingest.pushed(b"one", asset=ACME), await ingest.pushed(b"two", asset=OTHER)
    reader = bearer(await ingest.token("acme-reader", "read", assets=("repo:github.com/acme/*",)))
    pusher = bearer(await ingest.token("acme-pusher", "push", assets=("repo:*/acme/*", "image:*")))
    assert await listed(ingest, headers=reader) == [mine]
    for headers in (reader, pusher):
        assert (await ingest.http.get(f"/v1/reports/{mine}", headers=headers)).status_code == 200
        assert (await ingest.http.get(f"/v1/reports/{theirs}", headers=headers)).json()["code"] == "unknown_report"
    assert (await ingest.http.get("/v1/reports", headers=pusher)).json()["code"] == "missing_scope"


async def test_the_database_takes_every_glob_that_a_token_may_have(ingest: Ingest) -> None:
    mine = await ingest.pushed(b"one", asset="host:db[7]-a")
    for number, (glob, seen) in enumerate(
        (
            ("host:db[[]?[]]-[!b-z]", True),
            ("host:db[[]7[]]-[z-b]", False),
            ("host:[a-f]b[!x]*", True),
            ("host:*[", False),
            ("*", True),
        )
    ):
        reader = bearer(await ingest.token(f"reader-{number}", "read", assets=(glob,)))
        assert await listed(ingest, headers=reader) == ([mine] if seen else []), glob
        one = await ingest.http.get(f"/v1/reports/{mine}", headers=reader)
        assert one.status_code == (200 if seen else 404), glob


async def test_what_cannot_be_read_is_explained(ingest: Ingest) -> None:
    for path, status, code in (
        ("/v1/reports/00000000-0000-7000-8000-000000000000", 404, "unknown_report"),
        ("/v1/reports/nonsense", 422, "invalid_request"),
        ("/v1/reports?cursor=nonsense", 400, "bad_cursor"),
        ("/v1/reports?status=lost", 422, "invalid_request"),
        ("/v1/reports?limit=0", 422, "invalid_request"),
        ("/v1/reports?asset=a%00b", 422, "invalid_request"),
        (f"/v1/reports?cursor={encode_cursor(2**63)}", 400, "bad_cursor"),
        (f"/v1/reports?cursor={encode_cursor('x')}", 400, "bad_cursor"),
        (f"/v1/reports/{await ingest.pushed()}?wait=61", 422, "invalid_request"),
    ):
        response = await ingest.http.get(path)
        assert (response.status_code, response.json()["code"]) == (status, code), path


async def test_the_openapi_document_tells_how_to_push(ingest: Ingest) -> None:
    document = (await ingest.http.get("/openapi.json")).json()
    push = document["paths"]["/v1/reports"]["post"]
    described = {parameter["name"]: parameter.get("description") for parameter in push["parameters"]}
    names = {"asset", "ref", "commit", "scanner", "category", "complete", "scanned_at", "filename"}
    assert names <= described.keys()
    assert all(described.values())
    assert "multipart/form-data" in push["requestBody"]["content"]
    assert {"HTTPBearer", "HTTPBasic"} <= document["components"]["securitySchemes"].keys()


async def test_metrics_tell_what_was_accepted_and_what_is_due(ingest: Ingest) -> None:
    await ingest.pushed(asset=ASSET, scanner="gitleaks")
    text = (await ingest.http.get("/metrics")).text
    assert 'sluice_reports_total{scanner="gitleaks",status="accepted"}' in text
    assert "sluice_ingest_due_reports 1.0" in text
    assert "sluice_ingest_body_bytes_bucket" in text
