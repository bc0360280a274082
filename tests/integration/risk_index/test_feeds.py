"""Feeds are followed at their source, refused whole when wrong, and re-score what they touch, no more."""

import asyncio
import gzip
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.integration.risk_index.risk_kit import (
    ago,
    catalogue,
    eventually,
    in_force,
    observation,
    running_app,
    state,
    updated,
)

from sluice_risk_index import metrics
from sluice_risk_index.application.decide import Decide
from sluice_risk_index.application.refresh_feeds import RefreshFeeds, Rescore
from sluice_risk_index.domain.feeds import FeedName, RefusedFeedError
from sluice_risk_index.domain.triage import Decision, Ruling
from sluice_risk_index.main import build
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.auth import Principal, Scope
from sluice_shared.contracts.finding import Identifier, Kind, PackageLocation, Severity
from sluice_shared.errors import Unavailable

LOG4SHELL, OTHER = "CVE-2021-44228", "CVE-2019-11358"
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def epss(day=TODAY, version="v4", **scores):
    rows = "".join(f"CVE-{cve[1:].replace('_', '-')},{score},0.5\n" for cve, score in scores.items())
    return f"#model_version:{version},score_date:{day:%Y-%m-%dT%H:%M:%SZ}\ncve,epss,percentile\n{rows}"


def kev(*cves, day=TODAY):
    entries = [
        {"cveID": cve, "dateAdded": f"{day:%Y-%m-%d}", "dueDate": f"{day + timedelta(days=21):%Y-%m-%d}"}
        for cve in cves
    ]
    return json.dumps({
        "catalogVersion": f"{day:%Y.%m.%d}", "dateReleased": day.isoformat(), "count": len(entries),
        "vulnerabilities": entries,
    })  # fmt: skip


class Publisher:
    """A web server that publishes one document and honours conditional requests."""

    def __init__(self) -> None:
        self.body = b""
        self.etag = '"1"'
        self.status = 200
        self.answers: list[int] = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                same = self.headers.get("If-None-Match") == publisher.etag
                status = 304 if same and publisher.status == 200 else publisher.status
                publisher.answers.append(status)
                self.send_response(status)
                self.send_header("ETag", publisher.etag)
                body = b"" if status == 304 else publisher.body
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/feed"

    def publish(self, text: str) -> None:
        self.body = text.encode()
        self.etag = f'"{hash(text)}"'


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    publisher = Publisher()
    thread = threading.Thread(target=publisher.server.serve_forever, daemon=True)
    thread.start()
    yield publisher
    publisher.server.shutdown()
    publisher.server.server_close()
    thread.join()


def vulnerable(*cves, severity=Severity.MEDIUM, **given):
    seen = observation(
        "vulnerable",
        scanner="trivy",
        severity=severity,
        kind=Kind.SCA,
        location=PackageLocation(name="lib", version="1"),
        identifiers=[Identifier(type="cve", value=cve) for cve in cves],
    )
    return state(seen, **given)


class Feeds:
    def __init__(self, line, publisher):
        self.line = line
        self.publisher = publisher
        self._refresh = RefreshFeeds(line.database, {}, lambda: None, most=100_000)
        self._rescore = Rescore(line.database, FacetBook(), lambda: line.rules, lambda: None)

    async def take(self, name, text):
        self.publisher.publish(text)
        touched = await self._refresh.refresh(name, self.publisher.url)
        while await self._rescore():
            pass
        return touched


@pytest.fixture
def feeds(line, publisher):
    line.rules = in_force(known=catalogue())
    return Feeds(line, publisher)


async def factors(line, finding):
    row = await line.finding(finding.finding_id)
    return {name: (value, source) for name, value, source, *_ in json.loads(row["score_factors"])}


async def test_an_edition_scores_what_it_touches_again_and_nothing_else(line, feeds):
    touched, felt_not, plain = vulnerable(LOG4SHELL), vulnerable(OTHER), state()
    await line.apply(touched, felt_not, plain)
    first = epss(day=TODAY - timedelta(days=1), C2021_44228=0.5, C2019_11358=0.02)
    assert await feeds.take(FeedName.EPSS, first) == 2
    kept = await line.rows("SELECT xmin::text FROM finding WHERE id = $1", felt_not.finding_id)
    assert await feeds.take(FeedName.EPSS, epss(C2021_44228=0.9, C2019_11358=0.0203)) == 1
    assert await line.rows("SELECT xmin::text FROM finding WHERE id = $1", felt_not.finding_id) == kept
    value, source = (await factors(line, touched))["epss"]
    assert value == 0.9
    assert source == f"FIRST EPSS v4 of {TODAY:%Y-%m-%d}: {LOG4SHELL}, percentile 50.00"
    assert (await factors(line, plain))["epss"] == (0.0, "not known")


async def test_small_moves_add_up(line, feeds):
    finding = vulnerable(LOG4SHELL)
    await line.apply(finding)
    for number in range(4):
        await feeds.take(FeedName.EPSS, epss(TODAY - timedelta(days=4 - number), C2021_44228=0.5 + 0.0003 * number))
    value, _ = (await factors(line, finding))["epss"]
    assert value == pytest.approx(0.5006)


async def test_new_findings_are_scored_by_the_feeds_at_once(line, feeds):
    await feeds.take(FeedName.EPSS, epss(C2021_44228=0.9))
    await feeds.take(FeedName.KEV, kev(LOG4SHELL))
    finding = vulnerable(LOG4SHELL, severity=Severity.HIGH)
    await line.apply(finding)
    known = await factors(line, finding)
    assert known["epss"][0] == 0.9
    assert known["exploit"][0] == 1.0
    assert f"CISA KEV {TODAY:%Y.%m.%d}: {LOG4SHELL} added {TODAY:%Y-%m-%d}" in known["exploit"][1]
    row = await line.finding(finding.finding_id)
    assert (row["risk_class"], row["known_exploited"]) == ("act", True)


async def test_entering_kev_is_told_once_and_what_was_in_it_from_the_first_is_no_news(line, feeds):
    old, new = vulnerable(OTHER), vulnerable(LOG4SHELL)
    await line.apply(old, new)
    await feeds.take(FeedName.KEV, kev(OTHER, day=TODAY - timedelta(days=2)))
    assert await line.levels(old.finding_id) == []
    assert (await line.finding(old.finding_id))["risk_class"] == "attend"
    await feeds.take(FeedName.KEV, kev(OTHER, LOG4SHELL, day=TODAY - timedelta(days=1)))
    await feeds.take(FeedName.KEV, kev(OTHER, LOG4SHELL, day=TODAY))
    assert await line.levels(new.finding_id) == ["exploited"]
    assert await line.levels(old.finding_id) == []


async def test_an_import_before_the_rescoring_does_not_swallow_the_alert(line, publisher, feeds):
    await feeds.take(FeedName.KEV, kev(OTHER, day=TODAY - timedelta(days=1)))
    finding = vulnerable(LOG4SHELL)
    await line.apply(finding)
    publisher.publish(kev(OTHER, LOG4SHELL))
    await feeds._refresh.refresh(FeedName.KEV, publisher.url)
    await line.apply(updated(finding, refs=["main", "dev"]))
    await feeds._rescore()
    assert await line.levels(finding.finding_id) == ["exploited"]


@pytest.mark.parametrize(("decision", "told"), [("mitigated", ["exploited"]), ("false_positive", [])])
async def test_whoever_lives_with_a_risk_hears_that_it_is_exploited(line, feeds, decision, told):
    await feeds.take(FeedName.KEV, kev(OTHER, day=TODAY - timedelta(days=1)))
    finding = vulnerable(LOG4SHELL)
    await line.apply(finding)
    decide = Decide(line.database, FacetBook(), lambda: line.rules, lambda: None)
    writer = Principal(finding.finding_id, "tester", frozenset({Scope.WRITE}), ())
    await decide.one(writer, finding.finding_id, Ruling(Decision(decision), "a reason"))
    await feeds.take(FeedName.KEV, kev(OTHER, LOG4SHELL))
    assert await line.levels(finding.finding_id) == told
    assert (await line.finding(finding.finding_id))["decision"] == decision


async def test_what_leaves_kev_is_exploited_no_longer(line, feeds):
    finding = vulnerable(LOG4SHELL)
    await line.apply(finding)
    many = [f"CVE-2020-{1000 + number}" for number in range(9)]
    await feeds.take(FeedName.KEV, kev(LOG4SHELL, *many, day=TODAY - timedelta(days=1)))
    assert (await line.finding(finding.finding_id))["known_exploited"]
    await feeds.take(FeedName.KEV, kev(*many))
    assert not (await line.finding(finding.finding_id))["known_exploited"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (epss(day=TODAY - timedelta(days=9), C2021_44228=0.5), "older"),
        (epss(C2021_44228=1.5), "impossible"),
        (epss(), "empty"),
        (epss(C2021_44228=0.5)[:-3], "truncated"),
        ("x" * 200_000, "too_large"),
    ],
)
async def test_a_refused_edition_leaves_the_last_good_one(line, feeds, text, reason):
    finding = vulnerable(LOG4SHELL)
    await line.apply(finding)
    await feeds.take(FeedName.EPSS, epss(day=TODAY - timedelta(days=1), C2021_44228=0.7))
    with pytest.raises(RefusedFeedError) as refused:
        await feeds.take(FeedName.EPSS, text)
    assert refused.value.reason == reason
    assert (await factors(line, finding))["epss"][0] == 0.7
    assert await line.rows("SELECT score FROM epss") == [{"score": 0.7}]


async def test_what_has_not_changed_is_asked_for_by_its_tag_and_not_sent(feeds, publisher):
    text = epss(C2021_44228=0.7)
    assert await feeds.take(FeedName.EPSS, text) == 0
    assert await feeds.take(FeedName.EPSS, text) is None
    assert publisher.answers == [200, 304]
    publisher.status = 500
    with pytest.raises(Unavailable):
        await feeds.take(FeedName.EPSS, text)


async def test_files_are_read_too_zipped_or_not(line, feeds, tmp_path):
    file = tmp_path / "epss.csv.gz"
    file.write_bytes(gzip.compress(epss(C2021_44228=0.7).encode()))
    assert await feeds._refresh.refresh(FeedName.EPSS, file.as_uri()) == 0
    assert await feeds._refresh.refresh(FeedName.EPSS, file.as_uri()) is None
    with pytest.raises(Unavailable):
        await feeds._refresh.refresh(FeedName.KEV, (tmp_path / "none").as_uri())
    assert await line.rows("SELECT cve FROM epss") == [{"cve": LOG4SHELL}]


async def test_the_service_follows_its_feeds_and_shows_how_old_they_are(line, make_settings, tmp_path):
    (tmp_path / "kev.json").write_text(kev(LOG4SHELL, day=TODAY - timedelta(days=3)))
    (tmp_path / "epss.csv").write_text("broken")
    finding = vulnerable(LOG4SHELL, first_seen_at=ago(hours=1))
    await line.apply(finding)
    settings = make_settings(
        config_dir=None, kev_url=(tmp_path / "kev.json").as_uri(), epss_url=(tmp_path / "epss.csv").as_uri(),
        feed_interval=1.0,
    )  # fmt: skip
    refused = metrics.FEED_REFUSALS.labels("epss", "malformed")
    async with running_app(build(settings)) as client:
        async with asyncio.timeout(10):
            while not (await client.get("/v1/findings")).json()["items"][0]["known_exploited"]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert refused._value.get() >= 1
        (feed,) = (await client.get("/v1/feeds")).json()["items"]
        assert (feed["name"], feed["entries"]) == ("kev", 1)
        await eventually(lambda: metrics.FEED_AGE.labels("kev")._value.get() > 2 * 86_400)
