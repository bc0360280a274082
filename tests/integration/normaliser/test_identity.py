"""A person splits and merges findings, and later scans leave it so."""

from uuid import uuid4

import pytest
from tests.integration.normaliser.scan_kit import problem

from sluice_normaliser.application.change_identity import ChangeIdentity
from sluice_normaliser.application.explain_identity import ExplainIdentity
from sluice_normaliser.application.publish_actions import PublishActions
from sluice_normaliser.application.publish_changes import Publisher
from sluice_normaliser.errors import IdentityConflictError, NoSuchFindingError


@pytest.fixture
def change(database, bus):
    return ChangeIdentity(database, PublishActions(database, bus, Publisher(database, bus)))


async def joined(line):
    """One finding that bandit and semgrep both see."""
    await line.scan(0, problem("bandit words", shared="x"), scanner="bandit")
    await line.scan(0, problem("semgrep words", shared="x"), scanner="semgrep")
    (finding,) = await line.rows()
    return finding["id"]


async def test_a_split_finding_stays_split(line, change):
    first = await joined(line)
    second = await change.split(first, scanner="semgrep", actor="lead", reason="not the same call")
    for day in (1, 2):
        await line.scan(day, problem("bandit words", shared="x", line=day), scanner="bandit")
        await line.scan(day, problem("semgrep words", shared="x", line=day), scanner="semgrep")
    assert {row["id"] for row in await line.rows()} == {first, second}
    assert [row["status"] for row in await line.rows()] == ["open", "open"]
    await line.scan(3, scanner="semgrep")
    assert {row["id"]: row["status"] for row in await line.rows()} == {first: "open", second: "resolved"}
    await line.scan(4, problem("semgrep words", shared="x"), scanner="semgrep")
    assert {row["id"]: row["status"] for row in await line.rows()} == {first: "open", second: "open"}


async def test_merged_findings_stay_merged(line, change):
    await line.scan(0, problem("bandit words"), scanner="bandit")
    await line.scan(0, problem("semgrep words"), scanner="semgrep")
    one, other = (row["id"] for row in await line.rows())
    assert await change.merge(other, into=one, actor="lead", reason="the same call") == one
    await line.scan(1, problem("bandit words", line=3), scanner="bandit")
    await line.scan(1, problem("semgrep words", line=3), scanner="semgrep")
    assert {row["id"]: row["status"] for row in await line.rows()} == {one: "open", other: "resolved"}
    await line.scan(2, scanner="bandit")
    assert (await line.rows())[0]["status"] == "open"
    await line.scan(2, scanner="semgrep")
    assert [row["status"] for row in await line.rows()] == ["resolved", "resolved"]


async def test_what_a_scan_shows_side_by_side_cannot_be_merged(line, change):
    await line.scan(0, problem("a"), problem("b"))
    one, other = (row["id"] for row in await line.rows())
    with pytest.raises(IdentityConflictError, match="shows both on main"):
        await change.merge(other, into=one, actor="lead", reason="look alike")


async def test_what_one_scanner_alone_reports_cannot_be_split(line, change):
    await line.scan(0, problem("a"))
    (finding,) = await line.rows()
    with pytest.raises(IdentityConflictError, match="nothing to part"):
        await change.split(finding["id"], scanner="s", actor="lead", reason="because")
    with pytest.raises(IdentityConflictError, match="says nothing"):
        await change.split(finding["id"], scanner="zap", actor="lead", reason="because")


async def test_an_unknown_finding_is_told(change):
    with pytest.raises(NoSuchFindingError):
        await change.merge(uuid4(), into=uuid4(), actor="lead", reason="because")


async def test_identity_is_explained(line, database, change):
    finding = await joined(line)
    await line.scan(1, problem("bandit words", shared="x", line=9), scanner="bandit")
    told = await ExplainIdentity(database)(finding)
    assert told["asset"] == line.asset
    assert {o["scanner"] for o in told["observations"]} == {"bandit", "semgrep"}
    assert [(e["what"], e["scanner"], e["matched_by"]) for e in told["events"]] == [
        ("joined", "semgrep", "shared-code/1"),
        ("joined", "bandit", "message/1"),
    ]
    await change.split(finding, scanner="bandit", actor="lead", reason="a good reason")
    told = await ExplainIdentity(database)(finding)
    assert (told["events"][-1]["what"], told["events"][-1]["actor"]) == ("split", "lead")
