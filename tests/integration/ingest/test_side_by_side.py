"""A sender does not wait while a large report comes in."""

import asyncio
import os

from tests.integration.ingest.ingest_kit import Ingest


async def test_small_reports_are_accepted_while_a_large_one_comes_in(ingest: Ingest) -> None:
    large = asyncio.create_task(ingest.pushed(os.urandom(1 << 20) * 60, ref="import"))
    await asyncio.sleep(0)
    accepted_meanwhile = 0
    while not large.done():
        await ingest.pushed(b"small report %d" % accepted_meanwhile)
        accepted_meanwhile += not large.done()
    await large
    assert accepted_meanwhile > 0
