"""The index follows what the normaliser publishes, in whatever order and however often it arrives."""

import asyncio
import itertools
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.integration.risk_index.risk_kit import (
    SHOP,
    ago,
    catalogue,
    event,
    eventually,
    in_force,
    observation,
    reopened,
    resolved,
    scan,
    state,
    updated,
)

from sluice_risk_index.domain.catalogue import OwnerRule
from sluice_risk_index.domain.observed import FindingsChunk, UnreadableObservationError
from sluice_shared.contracts.events import ReportCounts
from sluice_shared.contracts.finding import (
    Fix,
    Identifier,
    Kind,
    PackageLocation,
    Rating,
    RatingMethod,
    SecretDetail,
    Severity,
)


async def test_a_new_finding_is_described_scored_classed_owned_and_timed(line):
    log4shell = observation(
        "Log4Shell",
        scanner="trivy",
        severity=Severity.CRITICAL,
        kind=Kind.SCA,
        rule_id="CVE-2021-44228",
        identifiers=[Identifier(type="cve", value="CVE-2021-44228", source="nvd")],
        cwes=[502],
        location=PackageLocation(
            name="log4j-core", namespace="org.apache.logging.log4j", version="2.14.0", fixed_versions=["2.17.1"]
        ),
        ratings=[Rating(source="nvd", method=RatingMethod.CVSS_V31, score=10.0)],
        fix=Fix(fixed_versions=["2.17.1"]),
    )
    found = state(log4shell, refs=["main", "release"])
    await line.apply(found)
    row = await line.finding(found.finding_id)
    assert row["title"] == "Log4Shell"
    assert row["package"] == "org.apache.logging.log4j/log4j-core"
    assert row["location"] == "org.apache.logging.log4j/log4j-core@2.14.0"
    assert row["fix_action"] == "upgrade org.apache.logging.log4j/log4j-core to 2.17.1"
    assert row["identifiers"] == ["CVE-2021-44228"]
    assert row["refs"] == ["main", "release"]
    assert row["score"] > 60
    assert (row["risk_class"], row["team"], row["tier"]) == ("act", "checkout", "standard")
    assert row["due_at"] - row["opened_at"] == timedelta(hours=48)
    assert row["sla_state"] == "ok"
    assert await line.history(found.finding_id) == ["opened"]


async def test_the_same_event_twice_changes_nothing(line):
    found = state()
    sent = await line.apply(found)
    before = await line.rows("SELECT xmin, ctid, * FROM finding")
    await line.deliver(sent)
    assert await line.rows("SELECT xmin, ctid, * FROM finding") == before
    assert await line.history(found.finding_id) == ["opened"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_states_may_arrive_in_any_order(line, order):
    first = state(first_seen_at=ago(hours=5))
    gone = resolved(first, resolved_at=ago(hours=3))
    back = reopened(gone, opened_at=ago(hours=2))
    gone_again = resolved(back, resolved_at=ago(hours=1))
    states = [first, gone, back, gone_again]
    for number in order:
        await line.apply(states[number])
    row = await line.finding(first.finding_id)
    assert (row["version"], row["status"], row["clock"]) == (4, "resolved", 1)
    assert row["resolved_at"] == gone_again.resolved_at
    assert await line.history(first.finding_id) == ["opened", "resolved", "reopened", "resolved"]


async def test_a_finding_twice_in_a_chunk_is_taken_as_its_newest_state(line):
    first = state()
    await line.apply(resolved(first), first)
    assert (await line.finding(first.finding_id))["status"] == "resolved"


async def test_a_state_without_observations_keeps_the_description(line):
    first = state(observation("Path traversal"))
    await line.apply(first)
    await line.apply(resolved(first, observations=[]))
    row = await line.finding(first.finding_id)
    assert (row["title"], row["status"]) == ("Path traversal", "resolved")
    (detail,) = await line.rows("SELECT observations::text FROM finding_detail")
    assert "Path traversal" in detail["observations"]


async def test_changes_of_severity_class_and_owner_are_in_the_history(line):
    line.rules = in_force(known=catalogue(rules=(OwnerRule(team="payments", path="pay/**"),)))
    first = state(observation(severity=Severity.LOW))
    await line.apply(first)
    moved = observation(severity=Severity.CRITICAL, location={"type": "code", "path": "pay/card.py"})
    await line.apply(updated(first, observations=[moved], severity=Severity.CRITICAL))
    changes = await line.rows("SELECT event, was, now FROM finding_history WHERE was IS NOT NULL ORDER BY event")
    assert [tuple(change.values()) for change in changes] == [
        ("class", "track", "act"),
        ("owner", "checkout", "payments"),
        ("severity", "low", "critical"),
    ]


async def test_what_scanners_write_may_hold_any_character(line):
    found = state(observation("nul \x00 quote ' backslash \\ {brace} ünïcode 𝄞", rule_id="r\x00"))
    await line.apply(found)
    row = await line.finding(found.finding_id)
    assert row["title"] == "nul  quote ' backslash \\ {brace} ünïcode 𝄞"


async def test_an_observation_out_of_form_is_refused_with_its_place(line):
    sent = event(state()).model_dump(mode="json")
    sent["findings"][0]["observations"][0]["kind"] = "nonsense"
    with pytest.raises(UnreadableObservationError, match=r"observations\.0\.kind"):
        await line.apply_chunk(FindingsChunk.model_validate(sent))
    assert await line.rows("SELECT 1 FROM finding") == []


async def test_a_report_is_indexed_once_every_chunk_is_in_whatever_their_order(line):
    counts = ReportCounts(observations=3, findings=3, new=3)
    same = {"report_id": uuid4(), "emission_id": uuid4(), "chunks": 3, "counts": counts}
    await line.apply(state(), chunk=2, **same)
    await line.apply(state(), chunk=0, asset="repo:github.com/acme/other", **same)
    await line.apply(state(), chunk=0, asset="repo:github.com/acme/other", **same)
    assert line.receipts == []
    await line.apply(state(), chunk=1, **same)
    await eventually(lambda: len(line.receipts) == 1)
    (receipt,) = line.receipts
    assert (receipt.report_id, receipt.status, receipt.counts) == (same["report_id"], "indexed", counts)
    assert receipt.scanner == "semgrep"


async def test_chunks_of_two_emissions_do_not_make_one(line):
    report = uuid4()
    await line.apply(state(), chunk=0, chunks=2, report_id=report)
    await line.apply(state(), chunk=1, chunks=2, report_id=report)
    sent = await line.apply(state())
    await eventually(lambda: bool(line.receipts))
    assert [receipt.report_id for receipt in line.receipts] == [sent.report_id]


async def test_a_repeated_chunk_of_a_complete_emission_sends_the_receipt_again(line):
    sent = await line.apply()
    await line.deliver(sent)
    await eventually(lambda: len(line.receipts) == 2)


async def test_a_report_that_changed_nothing_covers_its_asset(line):
    await line.apply(scans=[scan("main"), scan("feature", successful=False)])
    rows = await line.rows(
        "SELECT key, scanner, kind, ref, commit, c.last_scan_at IS NOT NULL AS covered"
        " FROM coverage c JOIN asset USING (asset_id) ORDER BY ref"
    )
    assert [tuple(row.values()) for row in rows] == [
        (SHOP, "semgrep", "sast", "feature", "c0ffee", False),
        (SHOP, "semgrep", "sast", "main", "c0ffee", True),
    ]


async def test_a_failed_scan_does_not_take_coverage_away(line):
    good, bad = scan(scanned_at=ago(hours=3)), scan(scanned_at=ago(hours=1), successful=False)
    await line.apply(scans=[bad])
    await line.apply(scans=[good, bad])
    await line.apply(scans=[bad])
    (row,) = await line.rows("SELECT last_scan_at FROM coverage")
    assert row["last_scan_at"] == good.scanned_at


async def test_an_older_scan_does_not_turn_coverage_back(line):
    new, old = scan(scanned_at=ago(hours=1)), scan(scanned_at=ago(hours=9))
    await line.apply(scans=[new])
    await line.apply(scans=[old])
    (row,) = await line.rows(
        "SELECT c.last_scan_at, a.last_scan_at AS asset FROM coverage c JOIN asset a USING (asset_id)"
    )
    assert row["last_scan_at"] == row["asset"] == new.scanned_at


async def test_openings_of_alerted_classes_are_alerted_and_so_is_their_end(line):
    leak = observation("AWS key", kind=Kind.SECRET, secret=SecretDetail(verified=True), severity=Severity.CRITICAL)
    urgent, dull = state(leak), state(observation(severity=Severity.LOW))
    await line.apply(urgent, dull)
    await line.apply(resolved(urgent), resolved(dull))
    assert await line.levels(urgent.finding_id) == ["opened", "resolved"]
    assert await line.levels(dull.finding_id) == []
    await line.apply(reopened(resolved(urgent)))
    assert await line.levels(urgent.finding_id) == ["opened", "resolved", "reopened"]


async def test_a_finding_that_rises_into_an_alerted_class_is_alerted_once(line):
    first = state(observation(severity=Severity.LOW))
    await line.apply(first)
    worse = updated(first, observations=[observation(severity=Severity.CRITICAL)], severity=Severity.CRITICAL)
    await line.apply(worse)
    await line.apply(updated(worse, refs=["main", "feature"]))
    assert await line.levels(first.finding_id) == ["opened"]


async def test_replicas_may_apply_the_same_events_at_once(line):
    found = [state() for _ in range(60)]
    later = [updated(finding, refs=["main", "dev"]) for finding in found]
    gone = [resolved(finding) for finding in later]
    events = [
        event(*chunk, asset=asset)
        for states in (found, later, gone)
        for asset, chunk in ((SHOP, states[:40]), ("repo:github.com/acme/other", states[40:]))
    ]
    shuffled = [*events, *reversed(events), *events[::2], *events[1::2]]
    await asyncio.gather(*(line.deliver(sent) for sent in shuffled))
    counted = await line.rows("SELECT version, status, count(*) AS number FROM finding GROUP BY 1, 2")
    assert [tuple(row.values()) for row in counted] == [(3, "resolved", 60)]
    counted = await line.rows("SELECT event, count(*) AS number FROM finding_history GROUP BY 1 ORDER BY 1")
    assert [tuple(row.values()) for row in counted] == [("opened", 60), ("resolved", 60)]
