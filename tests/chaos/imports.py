"""A flush of Redis in the middle of a large import."""

import asyncio
import time

import asyncpg
import httpx
from tests.chaos.mix import sarif
from tests.chaos.platform import TOKEN, Platform
from tests.chaos.receiver import Receiver
from tests.chaos.run import Result

ASSET = "repo:git.example/import/monolith"
_WITHIN = 600.0
_POLL = 0.02
_INDEXED = "SELECT count(*), count(*) FILTER (WHERE status = 'open'), count(DISTINCT rule_id) FROM risk_index.finding"


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
    body = sarif("chaos-alpha", list(range(findings)))
    connection = await asyncpg.connect(platform.postgres.url)
    headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": "import"}
    try:
        async with httpx.AsyncClient(base_url=platform.urls["ingest"], headers=headers, timeout=60) as http:
            began = time.monotonic()
            accepted = await http.post("/v1/reports", params={"asset": ASSET}, content=body)
            accepted.raise_for_status()
            indexed_before = await _some_indexed(connection, findings)
            flushed = time.monotonic()
            await asyncio.to_thread(platform.flush)
            report = await _await_final(http, accepted.json()["report_id"])
            ended = time.monotonic()
        total, opened, distinct = await connection.fetchrow(_INDEXED)
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
    }
    differences = []
    if report["status"] != "indexed":
        differences.append(f"the report is {report['status']}: {report['reason']}")
    if (total, opened, distinct) != (findings, findings, findings):
        differences.append(f"{total} findings, {opened} of them open, {distinct} different: {findings} were pushed")
    if report["counts"]["new"] != findings:
        differences.append(f"the receipt says {report['counts']['new']} new ones")
    return Result(figures, differences)


async def _some_indexed(connection: asyncpg.Connection, findings: int) -> int:
    """Wait until the index has a tenth of the findings; return how many it has."""
    deadline = time.monotonic() + _WITHIN
    while True:
        count: int = await connection.fetchval("SELECT count(*) FROM risk_index.finding")
        if count >= findings / 10:
            return count
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {count} findings were indexed")
        await asyncio.sleep(_POLL)


async def _await_final(http: httpx.AsyncClient, report_id: str) -> dict:
    deadline = time.monotonic() + _WITHIN
    while time.monotonic() < deadline:
        answer = (await http.get(f"/v1/reports/{report_id}", params={"wait": 5})).json()
        if answer["status"] != "accepted":
            break
    return answer
