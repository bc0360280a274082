"""A flush of Redis in the middle of a large import, while small reports want their answer as ever."""

import asyncio
import time
from typing import Any

import asyncpg
import httpx
from tests.chaos.mix import sarif
from tests.chaos.platform import TOKEN, Platform
from tests.chaos.receiver import Receiver
from tests.chaos.run import Result

ASSET = "repo:git.example/import/monolith"
BESIDE = "repo:git.example/import/small"
RULES = 40
_WITHIN = 600.0
_POLL = 0.02
_BESIDE_EVERY = 0.5
_INDEXED = """
SELECT count(*), count(*) FILTER (WHERE status = 'open'), count(DISTINCT path)
FROM risk_index.finding JOIN risk_index.asset USING (asset_id) WHERE key = $1
"""


def flushed_import(findings: int, *, keep: bool = False) -> Result:
    """Import a report of so many findings, flush Redis once some of them are indexed, and wait for its end."""
    receiver = Receiver(0)
    receiver.start()
    try:
        with Platform(receiver, keep=keep) as platform:
            return asyncio.run(_import(platform, findings))
    finally:
        receiver.stop()


async def _import(platform: Platform, findings: int) -> Result:
    body = sarif("chaos-alpha", list(range(findings)), rules_at_most=RULES)
    connection = await asyncpg.connect(platform.postgres.url)
    small: list[float] = []
    try:
        async with _client(platform) as http:
            began = time.monotonic()
            report_id = await _push(http, ASSET, body)
            beside = asyncio.create_task(_push_beside(http, small))
            indexed_before = await _some_indexed(connection, findings)
            flushed = time.monotonic()
            await asyncio.to_thread(platform.flush)
            report = await _final(http, report_id)
            ended = time.monotonic()
            beside.cancel()
            await asyncio.wait({beside})
        total, opened, distinct = await connection.fetchrow(_INDEXED, ASSET)
    finally:
        await connection.close()
    figures = {
        "findings": findings,
        "report_mebibytes": round(len(body) / 2**20, 1),
        "indexed_when_flushed": indexed_before,
        "seconds_until_the_flush": round(flushed - began, 1),
        "seconds_from_flush_to_indexed": round(ended - flushed, 1),
        "seconds_in_all": round(ended - began, 1),
        "publications": report["attempts"],
        "status": report["status"],
        "counts": {name: count for name, count in report["counts"].items() if count},
        "small_reports_beside_it": len(small),
        "seconds_until_one_was_indexed": {
            "median": round(sorted(small)[len(small) // 2], 2) if small else None,
            "at most": round(max(small), 2) if small else None,
        },
    }
    differences = []
    if report["status"] != "indexed":
        differences.append(f"the report is {report['status']}: {report['reason']}")
    if (total, opened, distinct) != (findings, findings, findings):
        differences.append(f"{total} findings, {opened} of them open, {distinct} different: {findings} were pushed")
    if report["counts"]["new"] != findings:
        differences.append(f"the receipt says {report['counts']['new']} new ones")
    return Result(figures, differences)


def _client(platform: Platform) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.AsyncClient(base_url=platform.urls["ingest"], headers=headers, timeout=60)


async def _push(http: httpx.AsyncClient, asset: str, body: bytes) -> str:
    accepted = await http.post("/v1/reports", params={"asset": asset}, content=body)
    accepted.raise_for_status()
    return str(accepted.json()["report_id"])


async def _push_beside(http: httpx.AsyncClient, seconds: list[float]) -> None:
    """Push a small report, wait until it is indexed, note how long that took, and so on until cancelled."""
    number = 0
    while True:
        number += 1
        began = time.monotonic()
        await _final(http, await _push(http, BESIDE, sarif("chaos-alpha", [number % 5])))
        seconds.append(time.monotonic() - began)
        await asyncio.sleep(_BESIDE_EVERY)


async def _some_indexed(connection: asyncpg.Connection, findings: int) -> int:
    """Wait until the index has a tenth of the findings; return how many it has."""
    deadline = time.monotonic() + _WITHIN
    while True:
        count: int = (await connection.fetchrow(_INDEXED, ASSET))[0]
        if count >= findings / 10:
            return count
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {count} findings were indexed")
        await asyncio.sleep(_POLL)


async def _final(http: httpx.AsyncClient, report_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + _WITHIN
    while True:
        answer: dict[str, Any] = (await http.get(f"/v1/reports/{report_id}", params={"wait": 5})).json()
        if answer["status"] != "accepted" or time.monotonic() > deadline:
            return answer
