import random
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.integration.normaliser.scan_kit import T0, problem

from sluice_normaliser.application.tidy_refs import Tidied, Tidying, tidy_refs
from sluice_shared.contracts.events import ReportReceived


async def test_a_repeated_scan_writes_no_finding_row(line):
    assert await line.scan(0, problem("a"), problem("b")) == {"new": 2}
    before = await line.rows("SELECT ctid, xmin, * FROM finding WHERE asset_id = $1 ORDER BY id")
    assert await line.scan(1, problem("b"), problem("a")) == {"unchanged": 2}
    assert await line.rows("SELECT ctid, xmin, * FROM finding WHERE asset_id = $1 ORDER BY id") == before


async def test_a_scan_without_one_finding_resolves_exactly_that_one(line):
    await line.scan(0, problem("a"), problem("b"))
    assert await line.scan(1, problem("a")) == {"resolved": 1, "unchanged": 1}
    assert await line.open_names() == ["a"]


async def test_a_finding_that_returns_is_the_same_one_reopened(line):
    await line.scan(0, problem("a"))
    (before,) = await line.rows()
    await line.scan(1)
    assert await line.scan(2, problem("a", line=7)) == {"reopened": 1}
    (after,) = await line.rows()
    assert (after["id"], after["status"], after["reopen_count"]) == (before["id"], "open", 1)
    assert after["first_seen_at"] == before["first_seen_at"]
    assert after["opened_at"] == T0 + timedelta(days=2)


async def test_a_late_scan_neither_resolves_nor_reopens(line):
    await line.scan(0, problem("a"))
    await line.scan(5, problem("b"))
    assert await line.scan(3, problem("a"), problem("c")) == {"new": 1, "resolved": 1, "unchanged": 1}
    assert await line.open_names() == ["b"]


async def test_a_partial_scan_opens_but_resolves_nothing(line):
    await line.scan(0, problem("a"))
    assert await line.scan(1, problem("b"), complete=False) == {"new": 1}
    assert await line.open_names() == ["a", "b"]


async def test_a_finding_on_two_refs_is_one_and_closes_with_the_last(line):
    await line.scan(0, problem("a"), ref="main")
    assert await line.scan(1, problem("a"), ref="feature") == {"unchanged": 1}
    await line.scan(2, ref="main")
    assert await line.open_names() == ["a"]
    assert await line.scan(3, ref="feature") == {"resolved": 1}
    assert len(await line.rows()) == 1


async def test_two_scanners_meet_and_both_must_stop_seeing_it(line):
    await line.scan(0, problem("bandit words", shared="cwe-89 db.py"), scanner="bandit")
    assert await line.scan(1, problem("semgrep words", shared="cwe-89 db.py"), scanner="semgrep") == {"unchanged": 1}
    assert len(await line.rows()) == 1
    await line.scan(2, scanner="bandit")
    assert (await line.rows())[0]["status"] == "open"
    await line.scan(3, scanner="semgrep")
    assert (await line.rows())[0]["status"] == "resolved"


async def test_one_scanner_s_empty_scan_does_not_touch_another_s_findings(line):
    await line.scan(0, problem("a"), scanner="bandit")
    assert await line.scan(1, scanner="semgrep") == {}
    assert await line.open_names() == ["a"]


async def test_severity_is_the_highest_that_a_present_source_gives(line):
    await line.scan(0, problem("a", shared="x", severity=2), scanner="bandit")
    await line.scan(1, problem("b", shared="x", severity=5), scanner="semgrep")
    assert (await line.rows())[0]["severity"] == 5
    await line.scan(2, scanner="semgrep")
    assert (await line.rows())[0]["severity"] == 2


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_of_arrival_leads_to_the_state_of_the_newest_complete_scan(line, seed):
    """Reports arrive out of order and twice; what is open is what the newest complete scan and later ones showed."""
    rng = random.Random(seed)
    history = [(day, {n for n in "abcdefgh" if rng.random() < 0.5}, rng.random() < 0.75) for day in range(8)]
    arrivals = history + rng.sample(history, 3)
    rng.shuffle(arrivals)
    for day, names, complete in arrivals:
        await line.scan(day, *(problem(n, line=rng.randrange(3)) for n in sorted(names)), complete=complete)
    newest_complete = max((day for day, _, complete in history if complete), default=-1)
    expected = set().union(*(names for day, names, _ in history if day >= newest_complete))
    assert await line.open_names() == sorted(expected)
    rows = await line.rows()
    assert len(rows) == len(set().union(*(names for _, names, _ in history)))


async def test_a_sudden_loss_waits_for_a_second_scan(line):
    names = [problem(f"p{n}") for n in range(30)]
    await line.scan(0, *names)
    await line.scan(1)
    assert len(await line.open_names()) == 30
    assert await line.scan(2) == {"resolved": 30}


async def test_a_sudden_loss_that_was_an_error_leaves_no_trace(line):
    names = [problem(f"p{n}") for n in range(30)]
    await line.scan(0, *names)
    await line.scan(1)
    assert await line.scan(2, *names) == {"unchanged": 30}


async def test_a_branch_that_nobody_scans_any_more_is_tidied_away(line):
    await line.scan(0, problem("a"), problem("b"), ref="feature")
    await line.scan(0, problem("a"), ref="main")
    tidying = Tidying(timedelta(days=30), ("main", "release/*"))
    event = ReportReceived(
        report_id=uuid4(),
        sequence=99,
        asset=line.asset,
        received_at=T0 + timedelta(days=31),
        body_ref="",
        body_bytes=0,
        body_sha256="",
    )
    async with line.database.transaction() as tx:
        tidied = await tidy_refs(tx, tidying, line.id, ref="main", now=event.received_at, report=event)
    assert tidied == Tidied(resolved=1, changed=2)
    assert await line.open_names() == ["a"]
