"""A repository moves: its asset is called otherwise, and everything else stays."""

import asyncio
from uuid import uuid4

import pytest
from tests.integration.normaliser.scan_kit import Line, problem

from sluice_normaliser.application.publish_actions import PublishActions
from sluice_normaliser.application.publish_changes import Publisher
from sluice_normaliser.application.rename_asset import RenameAsset
from sluice_normaliser.domain.algorithms import RELEASED
from sluice_normaliser.domain.lifecycle import Hold
from sluice_normaliser.errors import NoSuchAssetError, RenameConflictError
from sluice_shared.contracts.assets import AssetKeyError, asset_id


@pytest.fixture
def rename(database, bus):
    use_case = RenameAsset(
        database, PublishActions(database, bus, Publisher(database, bus)), hold=Hold(), force=RELEASED
    )

    async def call(old, new):
        return await use_case(old, new, actor="lead", reason="the repository moved")

    call.use_case = use_case
    return call


@pytest.fixture
def new():
    return f"repo:github.com/acme-group/{uuid4().hex}"


async def states(line):
    return {row["id"]: row["status"] for row in await line.rows()}


async def test_reports_under_the_old_and_the_new_key_go_to_one_asset(line, rename, new):
    await line.scan(0, problem("a"), problem("b"))
    before = await states(line)
    renamed = await rename(line.asset, new)
    assert (renamed.asset_id, renamed.name.key, renamed.name.aliases) == (line.id, new, (line.asset,))
    assert await line.scan(1, problem("a"), problem("b"), asset=new) == {"unchanged": 2}
    assert await line.scan(2, problem("a"), asset=line.asset) == {"unchanged": 1, "resolved": 1}
    assert await line.scan(3, problem("a"), problem("b"), asset=new) == {"unchanged": 1, "reopened": 1}
    assert await states(line) == before


async def test_a_new_name_is_published_with_the_former_ones(line, rename, new, published):
    await line.scan(0, problem("a"))
    renamed = await rename(line.asset, new)
    (event,) = await published(renamed.action_id)
    assert (event.asset, event.asset_id, event.aliases, event.renames) == (new, line.id, [line.asset], 1)
    assert event.findings == []


async def test_what_was_reported_under_the_new_key_before_is_matched_and_its_own_findings_end(
    database, line, rename, new, published
):
    await line.scan(0, problem("stays"), problem("fixed"), scanner="bandit")
    await line.scan(0, problem("other tool"), scanner="semgrep")
    old = await states(line)
    early = Line(database)
    early.asset, early.id = new, asset_id(new)
    renamed_away = early.id
    await early.scan(5, problem("stays"), problem("new"), scanner="bandit")
    renamed = await rename(line.asset, new)
    assert renamed.absorbed == renamed_away
    after = await states(line)
    # Bandit's complete scan under the new key no longer showed what was fixed, and showed something new.
    assert old.keys() < after.keys()
    assert sorted(after.values()) == ["open", "open", "open", "resolved"]
    assert await line.open_names() == ["new", "other tool", "stays"]
    assert set((await states(early)).values()) == {"resolved"}
    assert await line.scan(9, problem("stays"), problem("new"), scanner="bandit", asset=new) == {"unchanged": 2}
    events = await published(renamed.action_id, chunks=2)
    assert {event.asset_id: event.asset for event in events} == {
        line.id: new, renamed_away: f"{new}~{renamed_away.hex[:8]}"
    }  # fmt: skip
    by_asset = {event.asset_id: {state.change.value for state in event.findings} for event in events}
    assert by_asset[renamed_away] == {"resolved"}


async def test_a_clean_scan_under_the_new_key_counts_too(line, rename, new):
    await line.scan(0, problem("fixed"))
    await line.scan(5, asset=new)
    await rename(line.asset, new)
    assert set((await states(line)).values()) == {"resolved"}


async def test_renaming_back_and_on_and_the_same_twice(line, rename, new):
    await line.scan(0, problem("a"))
    await rename(line.asset, new)
    assert (await rename(line.asset, new)).action_id is None
    back = await rename(new, line.asset)
    assert (back.name.key, back.name.aliases, back.name.renames) == (line.asset, (new,), 2)
    third = f"{new}-3"
    await rename(line.asset, third)
    for key in (line.asset, new, third):
        assert await line.scan(1, problem("a"), asset=key) == {"unchanged": 1}
    told = await rename.use_case.describe(new)
    assert (told["asset"], told["aliases"]) == (third, sorted([line.asset, new]))
    assert [(row["was"], row["now"], row["actor"]) for row in told["renames"]] == [
        (line.asset, third, "lead"), (new, line.asset, "lead"), (line.asset, new, "lead")
    ]  # fmt: skip


async def test_scans_under_both_keys_while_the_asset_is_renamed_make_one_set_of_findings(database, line, rename, new):
    await line.scan(0, *(problem(f"p{n}") for n in range(5)))
    others = [Line(database) for _ in range(6)]
    for day, other in enumerate(others, 1):
        other.asset, other.id = (line.asset, new)[day % 2], line.id
    scans = [other.scan(day, *(problem(f"p{n}") for n in range(5))) for day, other in enumerate(others, 1)]
    await asyncio.gather(*scans[:3], rename(line.asset, new), *scans[3:])
    assert await line.open_names() == [f"p{n}" for n in range(5)]
    assert len(await line.rows()) == 5
    assert await line.scan(9, *(problem(f"p{n}") for n in range(5)), asset=new) == {"unchanged": 5}


async def test_what_cannot_be_renamed_is_told(database, line, rename, new):
    with pytest.raises(NoSuchAssetError, match="no report has spoken"):
        await rename(line.asset, new)
    await line.scan(0, problem("a"))
    with pytest.raises(RenameConflictError, match="two types"):
        await rename(line.asset, "image:registry.acme.io/shop")
    with pytest.raises(AssetKeyError, match="is no asset key"):
        await rename(line.asset, "shop")
    await rename(line.asset, new)
    with pytest.raises(RenameConflictError, match=f"called {new} now"):
        await rename(line.asset, f"{new}-2")
    other = Line(database)
    await other.scan(0, problem("a"))
    with pytest.raises(RenameConflictError, match=f"former key of {new}"):
        await rename(other.asset, line.asset)
    assert await other.open_names() == ["a"]
