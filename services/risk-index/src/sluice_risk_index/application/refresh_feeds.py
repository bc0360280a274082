"""Take over new editions of the feeds, and score again what they touch."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

from sluice_risk_index import metrics
from sluice_risk_index.application.revise import reassess_all, write_revisions
from sluice_risk_index.application.writing import Writer
from sluice_risk_index.domain.feeds import (
    EpssFeed,
    FeedName,
    KevFeed,
    RefusedFeedError,
    check_progress,
    parse_epss,
    parse_kev,
    unpack,
)
from sluice_risk_index.storage import feed_source, feeds
from sluice_risk_index.storage.feed_source import Fetched
from sluice_shared.db import Database, Record, Tx
from sluice_shared.errors import Unavailable
from sluice_shared.logging import get_logger

BATCH = 500

log = get_logger(__name__)


class RefreshFeeds:
    """Each call asks every feed whether there is a new edition. What cannot be used leaves the last good one in force.

    ``urls`` says where each feed is; ``queued`` is called when findings wait to be scored again; ``most`` is how many
    bytes a feed may have.
    """

    def __init__(
        self, database: Database, urls: Mapping[FeedName, str], queued: Callable[[], None], *, most: int
    ) -> None:
        self._database = database
        self._urls = urls
        self._queued = queued
        self._most = most

    async def __call__(self) -> int:
        """Return 0: there is nothing more to do before the next round. Raises Unavailable when the database is away."""
        for name, url in self._urls.items():
            try:
                await self.refresh(name, url)
            except RefusedFeedError as refused:
                metrics.FEED_REFUSALS.labels(name, refused.reason).inc()
                log.warning(
                    "feed refused, the last good one stays", feed=name, reason=refused.reason, why=refused.detail
                )
            except Unavailable as away:
                if away.what != "feed":
                    raise
                metrics.FEED_REFUSALS.labels(name, "away").inc()
                log.warning("feed cannot be had, the last good one stays", feed=name, why=away.detail)
        await self.measure()
        return 0

    async def refresh(self, name: FeedName, url: str) -> int | None:
        """Return how many findings have to be scored again; None when there is no new edition.

        Raises RefusedFeedError, and Unavailable with ``what`` = "feed" when it cannot be had.
        """
        async with self._database.transaction(read_only=True) as tx:
            known = await feeds.known_feed(tx, name)
        fetched = await feed_source.fetch(
            url,
            etag=known.etag if known else None,
            last_modified=known.last_modified if known else None,
            most=self._most,
        )
        if fetched is None:
            return None
        feed = await asyncio.to_thread(_parse, name, fetched.body, self._most)
        touched = await self._database.run(partial(_take, name=name, feed=feed, fetched=fetched))
        if touched is not None:
            log.info("feed taken over", feed=name, version=feed.edition.version, findings=touched)
        if touched:
            self._queued()
        return touched

    async def measure(self) -> None:
        """Set the metrics of the feeds. Raises Unavailable."""
        for row in await self.editions():
            metrics.FEED_AGE.labels(row["name"]).set(row["age"])
            metrics.FEED_ENTRIES.labels(row["name"]).set(row["entries"])

    async def editions(self) -> list[Record]:
        """Return the editions in use. Raises Unavailable."""
        async with self._database.transaction(read_only=True) as tx:
            return await feeds.all_feeds(tx)


class Rescore(Writer):
    """Scores a batch of the findings that a feed touched; any replica may go on."""

    async def __call__(self) -> int:
        """Return how many were taken off the queue. Raises Unavailable."""
        return await self._commit(self._batch)

    async def _batch(self, tx: Tx) -> tuple[int, list[str]]:
        held, taken = await feeds.hold_queued(tx, BATCH)
        in_force = self._in_force()
        now = await tx.fetchval("SELECT now()")
        revisions = await reassess_all(tx, in_force, held, now)
        _, raised = await write_revisions(tx, self._facets, in_force, revisions, now)
        return taken, raised


def _parse(name: FeedName, body: bytes, most: int) -> EpssFeed | KevFeed:
    unpacked = unpack(body, most)
    return parse_epss(unpacked) if name is FeedName.EPSS else parse_kev(unpacked)


async def _take(tx: Tx, name: FeedName, feed: EpssFeed | KevFeed, fetched: Fetched) -> int | None:
    await tx.lock("feed", name)
    known = await feeds.known_feed(tx, name)
    entries = len(feed.scores) if isinstance(feed, EpssFeed) else len(feed.entries)
    now = await tx.fetchval("SELECT now()")
    new = check_progress(feed.edition, entries, known.edition if known else None, known.entries if known else 0, now)
    await feeds.note_feed(tx, name, feed.edition, entries, etag=fetched.etag, last_modified=fetched.last_modified)
    if not new:
        return None
    if isinstance(feed, EpssFeed):
        return await feeds.take_epss(tx, feed)
    return await feeds.take_kev(tx, feed, news=known is not None)
