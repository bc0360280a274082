"""The normaliser says that an asset is called otherwise now: its findings, owner's rules and answers follow."""

import pytest
from tests.integration.risk_index.risk_kit import (
    SHOP,
    catalogue,
    event,
    in_force,
    observation,
    principal,
    scan,
    state,
)

from sluice_risk_index.application.judge_gate import JudgeGate
from sluice_risk_index.application.list_findings import ListFindings
from sluice_risk_index.domain.catalogue import Asset
from sluice_risk_index.domain.criteria import Sort, SortKey
from sluice_risk_index.errors import UnknownAssetError
from sluice_risk_index.transport.filters import FindingFilter
from sluice_shared.auth import Scope

NEW = "repo:github.com/acme-group/shop"
NEWEST = "repo:github.com/acme-group/store"


def renamed(key, *aliases, renames):
    """An event about the shop as it is called after so many renames."""
    return event(scans=[]).model_copy(update={"asset": key, "aliases": list(aliases), "renames": renames})


async def listed(line, asset):
    wanted = FindingFilter(asset=[asset]).criteria()
    rows, _ = await ListFindings(line.database)(
        principal(Scope.READ), wanted, Sort(SortKey.SCORE, descending=True), None, 10
    )
    return [(row["id"], row["asset"]) for row in rows]


async def test_a_renamed_asset_answers_to_all_its_keys_and_shows_the_present_one(line):
    found = state(observation(), refs=["main"])
    await line.apply(found, scans=[scan("main")])
    await line.deliver(renamed(NEW, SHOP, renames=1))
    await line.deliver(renamed(NEWEST, SHOP, NEW, renames=2))
    gate = JudgeGate(line.database, lambda: line.rules)
    for key in (SHOP, NEW, NEWEST):
        assert await listed(line, key) == [(found.finding_id, NEWEST)]
        report = await gate(principal(Scope.READ), asset=key, ref="main", base=None)
        assert report.answer.verdict == "pass"
    with pytest.raises(UnknownAssetError):
        await gate(principal(Scope.READ), asset="repo:github.com/acme/other", ref="main", base=None)


async def test_a_late_event_brings_no_former_key_back(line):
    found = state(observation())
    await line.apply(found)
    await line.deliver(renamed(NEW, SHOP, renames=1))
    await line.apply(state(observation("Another")), asset=SHOP)
    assert await listed(line, NEW) == await listed(line, SHOP)
    assert {key for _, key in await listed(line, SHOP)} == {NEW}


async def test_the_catalogue_speaks_by_the_new_key(line):
    line.rules = in_force(known=catalogue(assets=(Asset(key=SHOP, owner="checkout"), Asset(key=NEW, owner="payments"))))
    found = state(observation())
    await line.apply(found)
    assert (await line.finding(found.finding_id))["team"] == "checkout"
    await line.recalculate()
    await line.deliver(renamed(NEW, SHOP, renames=1))
    await line.recalculate()
    assert (await line.finding(found.finding_id))["team"] == "payments"
