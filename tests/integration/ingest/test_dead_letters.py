"""Events that were set apart, over HTTP and by the command line; every service has the same routes."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import httpx
from tests.integration.ingest.ingest_kit import ADMIN, Ingest, Platform, bearer, until_async

from sluice_shared.contracts.topics import REPORT_RECEIPTS

NONSENSE = b'{"report_id": "no id"}'


async def set_apart(ingest: Ingest) -> dict[str, Any]:
    """Have a receipt that nobody can read, and return its dead letter."""
    await until_async(lambda: _has_bus(ingest))
    await ingest.app.state.runtime.bus.publish(REPORT_RECEIPTS, NONSENSE, key="k")
    await until_async(lambda: _count(ingest, 1))
    (letter,) = (await ingest.http.get("/v1/dead-letters")).json()["items"]
    return dict(letter)


async def test_a_dead_letter_is_listed_shown_replayed_and_dropped(ingest: Ingest) -> None:
    letter = await set_apart(ingest)
    assert (letter["topic"], letter["group"], letter["reason"]) == ("report-receipts", "ingest", "undecodable")
    path = f"/v1/dead-letters/{letter['topic']}/{letter['id']}"
    shown = (await ingest.http.get(path)).json()
    assert shown["event"] == json.loads(NONSENSE)
    assert shown["attempts"] == 1

    assert (await ingest.http.post(path)).status_code == 202
    await until_async(lambda: _is_another(ingest, letter["id"]))
    (again,) = (await ingest.http.get("/v1/dead-letters", params={"topic": "report-receipts"})).json()["items"]
    assert (await ingest.http.get("/v1/dead-letters", params={"topic": "reports"})).json()["items"] == []

    assert (await ingest.http.delete(f"/v1/dead-letters/report-receipts/{again['id']}")).status_code == 204
    assert (await ingest.http.get("/v1/dead-letters")).json()["items"] == []
    for path in (f"/v1/dead-letters/report-receipts/{again['id']}", "/v1/dead-letters/report-receipts/first"):
        for method in ("GET", "POST", "DELETE"):
            answer = await ingest.http.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_dead_letter")
    assert (await ingest.http.get("/v1/dead-letters/nowhere/1-0")).json()["code"] == "unknown_topic"


async def test_dead_letters_are_for_administrators(ingest: Ingest) -> None:
    reader = await ingest.token("reader", "read", "write", "push")
    async with httpx.AsyncClient(base_url=ingest.url, headers=bearer(reader)) as http:
        for method, path in (
            ("GET", ""),
            ("GET", "/reports/1-0"),
            ("POST", "/reports/1-0"),
            ("DELETE", "/reports/1-0"),
        ):
            answer = await http.request(method, f"/v1/dead-letters{path}")
            assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


async def test_the_command_line_lists_shows_replays_and_drops(ingest: Ingest) -> None:
    letter = await set_apart(ingest)
    name = f"{letter['topic']}/{letter['id']}"
    status, out = await sluice(ingest, "replay", "--dead-letters", "list", "--json")
    assert (status, json.loads(out)["items"][0]["id"]) == (0, letter["id"])
    status, out = await sluice(ingest, "replay", "--dead-letters", "show", name, "--json")
    assert (status, json.loads(out)["event"]) == (0, json.loads(NONSENSE))
    status, out = await sluice(ingest, "replay", "--dead-letters", "replay", name)
    assert (status, out) == (0, f"{name} is replayed\n")
    await until_async(lambda: _is_another(ingest, letter["id"]))
    (again,) = (await ingest.http.get("/v1/dead-letters")).json()["items"]
    status, _ = await sluice(ingest, "replay", "--dead-letters", "drop", f"report-receipts/{again['id']}")
    assert status == 0
    status, out = await sluice(ingest, "replay", "--dead-letters", "list")
    assert (status, out) == (0, "nothing was set apart\n")
    status, _ = await sluice(ingest, "replay", "--dead-letters", "drop", name)
    assert status == 3


async def test_the_command_line_replays_a_report(ingest: Ingest, platform: Platform) -> None:
    report_id = await ingest.pushed()
    await platform.settle(report_id, "stuck")
    await ingest.report(report_id, wait=5)
    status, _ = await sluice(ingest, "replay", report_id)
    assert (status, (await ingest.report(report_id))["status"]) == (0, "accepted")


async def test_the_command_line_says_what_is_wrong_with_what_was_asked(ingest: Ingest) -> None:
    for arguments in ([], ["shop"], ["--stuck", "--dead-letters", "list"], ["--dead-letters", "drop"]):
        status, _ = await sluice(ingest, "replay", *arguments)
        assert status == 2, arguments


async def sluice(ingest: Ingest, *arguments: str) -> tuple[int, str]:
    """Run the command as a user would; return its exit status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("sluice"),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "SLUICE_URL": ingest.url, "SLUICE_TOKEN": ADMIN},
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def _has_bus(ingest: Ingest) -> bool:
    readiness = (await ingest.http.get("/readyz")).json()
    return bool(readiness["checks"]["bus"]["status"] == "ok")


async def _count(ingest: Ingest, count: int) -> bool:
    return len((await ingest.http.get("/v1/dead-letters")).json()["items"]) == count


async def _is_another(ingest: Ingest, letter_id: str) -> bool:
    items = (await ingest.http.get("/v1/dead-letters")).json()["items"]
    return [item["id"] != letter_id for item in items] == [True]
