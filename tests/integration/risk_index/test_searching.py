"""Searches for common words: another way to the same pages."""

import random
from uuid import UUID

import pytest
from tests.integration.risk_index.risk_kit import SHOP, ago, catalogue, in_force, observation, principal, state

from sluice_risk_index.application.list_findings import ListFindings
from sluice_risk_index.domain.catalogue import OwnerRule
from sluice_risk_index.domain.criteria import Criteria, Sort, SortKey
from sluice_risk_index.storage import searching
from sluice_shared.auth import Scope
from sluice_shared.contracts.assets import asset_id
from sluice_shared.contracts.finding import CodeLocation, Identifier, Severity

READER = principal(Scope.READ)
WORDS = ("injection", "traversal", "redirect")
SORTS = [Sort(key, descending=way) for key in SortKey for way in (True, False)]
CRITERIA = [
    Criteria(statuses=("open",), words=("injection",)),
    Criteria(statuses=("open",), words=("inj", "request")),
    Criteria(statuses=("open",), words=("cwe-89",)),
    Criteria(statuses=("open",), words=("request",), severities=("high", "low")),
    Criteria(statuses=("open",), words=("request",), teams=("checkout", "payments")),
    Criteria(statuses=("open", "resolved"), words=("request",), refs=("main",)),
    Criteria(statuses=("open",), refs=("main",), severities=("medium",)),
    Criteria(statuses=("open",), assets=(asset_id(SHOP),), identifiers=("CWE-22",)),
    Criteria(statuses=("open",), words=("nowhere",)),
]


@pytest.fixture
async def many(line):
    chance = random.Random(7)
    line.rules = in_force(known=catalogue(rules=(OwnerRule(team="payments", path="src/pay/**"),)))
    found = [
        state(
            observation(
                f"{chance.choice(WORDS)} in request {number}",
                severity=chance.choice(list(Severity)),
                location=CodeLocation(path=f"src/{chance.choice(('pay', 'shop'))}/{number}.py"),
                identifiers=[Identifier(type="cwe", value=chance.choice(("CWE-89", "CWE-22")))],
            ),
            first_seen_at=ago(hours=chance.randint(1, 3000)),
        )
        for number in range(600)
    ]
    await line.apply(*found)
    async with line.database.transaction() as tx:
        await tx.execute("ANALYZE finding")
    return line


async def walk(line, criteria, sort, limit):
    """Return the ids of all pages."""
    ids, after = [], None
    while True:
        rows, after = await ListFindings(line.database)(READER, criteria, sort, after, limit)
        ids += [row["id"] for row in rows]
        if after is None:
            return ids


async def everything(line):
    return [await walk(line, criteria, sort, 100) for sort in SORTS for criteria in CRITERIA]


async def test_every_way_leads_to_the_same_pages(many, monkeypatch):
    expected = await everything(many)
    assert len(expected[0]) > 100
    assert expected[-1] == []
    monkeypatch.setattr(searching, "FEW_MATCHES", 0)
    monkeypatch.setattr(searching, "_SCATTERED", 0)
    monkeypatch.setattr(searching, "SAMPLED", 200)
    for most_read in (0, 300, 10_000):
        monkeypatch.setattr(searching, "MOST_READ", most_read)
        assert await everything(many) == expected


def sample(matching, total=1_000, scale=100.0):
    """A sample of which these rows match."""
    rows = [
        searching.Sampled(searching.Place(str(number), UUID(int=number)), meets=True, hit=number in matching)
        for number in range(total)
    ]
    return searching.Sample(rows, scale)


def places(sampled):
    return [place and place.value for place in sampled.places(101)]


def test_it_reads_down_to_where_a_page_is_to_be_expected():
    assert places(sample(set(range(0, 1_000, 10)))) == ["31", "50"]
    assert places(sample(set(range(20, 120)))) == ["31", "25"][:1]
    assert places(sample(set(range(900, 1_000)))) == ["31"]
    assert places(sample({1}, total=100)) == [None]
    assert places(sample(set())) == []


async def test_a_small_table_is_not_sampled(line):
    await line.apply(state(observation("injection")))
    async with line.database.transaction() as tx:
        await tx.execute("ANALYZE finding")
        wanted = Criteria(statuses=("open",), words=("injection",))
        ways = await searching.ways(tx, wanted, Sort(SortKey.SCORE, descending=True), None, 100)
    assert list(ways) == []
