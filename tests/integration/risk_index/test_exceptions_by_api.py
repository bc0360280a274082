"""Exceptions by API: handed in, looked at beforehand, reviewed, withdrawn; and the reminders of reviews."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
import uvicorn
import yaml
from tests.integration.risk_index.risk_kit import (
    SHOP,
    KnownTokens,
    catalogue,
    eventually,
    in_force,
    principal,
    running_app,
    state,
)
from tests.integration.risk_index.test_exceptions import exception, found, hold

from sluice_risk_index.application.apply_exceptions import ApplyExceptions
from sluice_risk_index.application.follow_exceptions import FollowExceptions
from sluice_risk_index.application.remind_reviews import RemindReviews
from sluice_risk_index.domain.catalogue import Team
from sluice_risk_index.domain.exceptions import Exemptions
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.policy import AcceptancePolicy
from sluice_risk_index.main import build
from sluice_risk_index.storage import exception_files, exception_rows
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.auth import Scope
from sluice_shared.contracts.events import AlertRaised

TODAY = datetime.now(UTC).date()


def body(name="fixtures", **given):
    return {
        "id": name,
        "selector": {"path": "tests/**"},
        "reason": "it is not shipped",
        "controls": ["it runs nowhere"],
        "requester": "mira",
        "expires": str(TODAY + timedelta(days=20)),
        **given,
    }


@pytest.fixture
async def client(make_settings, line):
    del line  # only has to have emptied the tables
    people = {
        "writer": principal(Scope.WRITE),
        "narrow": principal(Scope.WRITE, assets=(SHOP,)),
        "admin": principal(Scope.ADMIN),
    }
    async with running_app(build(make_settings()), **people) as client:
        client.headers["Authorization"] = "Bearer writer"
        yield client


async def until(holds, within=15.0):
    for _ in range(int(within / 0.1)):
        if await holds():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come to be in time")


async def test_the_life_of_one(client, line):
    meant, other = found(), state()
    await line.apply(meant, other)
    path = f"/v1/findings/{meant.finding_id}"

    async def is_decided(decision):
        return (await client.get(path)).json()["decision"] == decision

    seen = (await client.post("/v1/exceptions/preview", json=body())).json()
    assert (seen["matched"], seen["covered"], seen["faults"], seen["orphaned"]) == (1, 1, [], False)
    assert seen["by_team"] == {"checkout": 1}
    (sample,) = seen["sample"]
    assert (sample["id"], sample["asset"], sample["class"]) == (
        str(meant.finding_id),
        SHOP,
        next(iter(seen["by_class"])),
    )
    assert (await client.get("/v1/exceptions")).json()["items"] == []

    made = await client.post("/v1/exceptions", json=body())
    assert (made.status_code, made.json()["approver"]) == (201, "tester")
    assert made.json()["created"] == str(TODAY)
    await until(lambda: is_decided("excepted"))
    (item,) = (await client.get("/v1/exceptions", params={"source": "api"})).json()["items"]
    assert (item["source"], item["file"], item["state"], item["findings"]) == ("api", "", "active", 1)
    # Itself in force, it takes nothing away from its own preview; another one would cover nothing.
    assert (await client.post("/v1/exceptions/preview", json=body())).json()["covered"] == 1
    again = (await client.post("/v1/exceptions/preview", json=body("later"))).json()
    assert (again["covered"], again["covered_already"]) == (0, {"fixtures": 1})

    assert (await client.delete("/v1/exceptions/fixtures", params={"reason": "shipped now"})).status_code == 204
    await until(lambda: is_decided("open"))
    assert "reopened" in await line.levels(meant.finding_id)
    assert (await client.delete("/v1/exceptions/fixtures")).json()["code"] == "unknown_exception"
    # Its id stays taken, so that the trail is about one thing.
    assert (await client.post("/v1/exceptions", json=body())).json()["code"] == "exception_known"
    trail = await client.get(
        "/v1/audit", params={"subject": "exception:fixtures"}, headers={"Authorization": "Bearer admin"}
    )
    actions = [(entry["action"], entry["actor"], entry["reason"]) for entry in reversed(trail.json()["items"])]
    assert actions == [
        ("exception:created", "tester", "it is not shipped"),
        ("exception:began", "tester", "it is not shipped"),
        ("exception:withdrawn", "tester", "shipped now"),
        ("exception:ended", "sluice", "the exception was taken away"),
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"requester": "Tester"}, "requester"),
        ({"approver": "Mira"}, "approver"),
        ({"expires": str(TODAY + timedelta(days=400))}, "expires"),
        ({"expires": str(TODAY), "created": str(TODAY - timedelta(days=5))}, "expires"),
        ({"controls": []}, "controls"),
        ({"selector": {"severity_max": "low"}}, "selector"),
        ({"review": str(TODAY + timedelta(days=21))}, "review"),
    ],
)
async def test_the_rules_of_files_hold_and_the_requester_cannot_approve(client, given, field):
    problem = (await client.post("/v1/exceptions", json=body(**given))).json()
    assert (problem["status"], problem["code"]) == (422, "bad_exception")
    assert field in {fault["field"] for fault in problem["faults"]}
    seen = (await client.post("/v1/exceptions/preview", json=body(**given))).json()
    assert seen["faults"] == problem["faults"]
    assert (await client.get("/v1/exceptions")).json()["items"] == []


async def test_a_token_of_some_assets_speaks_of_one_of_them_only(client):
    narrow = {"Authorization": "Bearer narrow"}
    for selector in ({"path": "tests/**"}, {"asset": "repo:*"}, {"asset": "repo:x/y"}):
        refused = await client.post("/v1/exceptions", json=body(selector=selector), headers=narrow)
        assert (refused.status_code, refused.json()["code"]) == (403, "foreign_asset")
    allowed = await client.post("/v1/exceptions", json=body(selector={"asset": SHOP}), headers=narrow)
    assert allowed.status_code == 201
    assert (await client.post("/v1/exceptions", json=body("wide"))).status_code == 201
    assert (await client.delete("/v1/exceptions/wide", headers=narrow)).status_code == 403
    reader = {"Authorization": "Bearer reader"}
    assert (await client.post("/v1/exceptions", json=body("third"), headers=reader)).status_code == 403
    assert (await client.post("/v1/exceptions", json=body("nul", reason="abc\x00"))).status_code == 400


async def test_a_review_sets_the_day_of_the_next_one(client, line):
    assert (await client.post("/v1/exceptions", json=body())).status_code == 201
    day = str(TODAY + timedelta(days=7))
    done = await client.post("/v1/exceptions/fixtures/reviews", json={"reason": "still not shipped", "next": day})
    assert (done.status_code, done.json()["review"]) == (201, day)
    late = {"reason": "still not shipped", "next": str(TODAY + timedelta(days=21))}
    assert (await client.post("/v1/exceptions/fixtures/reviews", json=late)).json()["code"] == "bad_exception"
    rows = await line.rows("SELECT action FROM audit WHERE subject = 'exception:fixtures' ORDER BY id")
    assert [row["action"] for row in rows] == ["exception:created", "exception:reviewed"]


async def test_what_is_exported_is_a_file_of_the_folder(client, tmp_path):
    selector = {"asset": SHOP, "class": ["track"], "path": "tests/**", "identifier": "CVE-2024-1"}
    texts = {"reason": "Grüße: nicht ausgeliefert\nund nie gebaut", "selector": selector}
    for name in ("one", "two"):
        assert (await client.post("/v1/exceptions", json=body(name, **texts))).status_code == 201

    async def both():
        return len((await client.get("/v1/exceptions")).json()["items"]) == 2

    await until(both)
    text = await client.get("/v1/exceptions", params={"format": "yaml", "source": "api"})
    assert text.headers["content-type"].startswith("application/yaml")
    (tmp_path / "exported.yaml").write_text(text.text)
    read = exception_files.load_directory(tmp_path, AcceptancePolicy())
    assert [entry.id for entry in read.entries] == ["one", "two"]
    assert read.entries[0].reason == texts["reason"]
    assert read.entries[0].selector.model_dump(by_alias=True, exclude_none=True, mode="json") == selector
    assert (await client.get("/v1/exceptions", params={"format": "yaml", "source": "file"})).text == ""


async def test_the_command_previews_lints_and_exports(client, line, tmp_path):
    meant = found()
    await line.apply(meant)
    await client.post("/v1/exceptions", json=body("by-api", selector={"path": "elsewhere/**"}))
    good = {"kind": "exception", "created": TODAY, "review": TODAY, "approver": "head", **body()}
    good["expires"] = TODAY + timedelta(days=20)
    gone = {**good, "id": "gone", "selector": {"path": "nowhere/**"}}
    (tmp_path / "exceptions").mkdir()
    file = tmp_path / "exceptions" / "a.yaml"
    file.write_text(yaml.safe_dump_all([good, gone], sort_keys=False))
    async with served(client) as url:
        status, out = await sluice(url, "exceptions", "preview", str(file), "--json")
        seen = json.loads(out)["items"]
        assert (status, [(each["id"], each["matched"]) for each in seen]) == (1, [("fixtures", 1), ("gone", 0)])
        status, out = await sluice(url, "exceptions", "preview", str(file))
        assert "SQL injection" in out
        status, out = await sluice(url, "exceptions", "lint", str(file.parent), "--live")
        assert (status, "a.yaml:" in out, "'gone' means no open finding" in out.replace("\n", " ")) == (1, True, True)
        status, out = await sluice(url, "exceptions", "export", "--source", "api")
        assert (status, yaml.safe_load(out)["id"]) == (0, "by-api")


def served(client):
    """The client's application on a port of its own, for commands."""
    app = client._transport.app
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off"))

    class Serving:
        async def __aenter__(self):
            self.task = asyncio.create_task(server.serve())
            await eventually(lambda: server.started)
            return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

        async def __aexit__(self, *_):
            server.should_exit = True
            await self.task

    assert isinstance(app.state.runtime.verifier, KnownTokens)
    return Serving()


async def sluice(url, *arguments):
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("sluice"),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "SLUICE_RISK_INDEX_URL": url, "SLUICE_TOKEN": "writer", "NO_PROXY": "*", "COLUMNS": "200"},
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode()


async def test_one_in_a_file_counts_before_one_of_the_same_id_and_the_latter_waits_for_all_replicas(line):
    follow = FollowExceptions(line.database, lambda: None)
    base: InForce = line.rules
    files = Exemptions([exception("same", reason="from the file")], {"same": "a.yaml"})
    async with line.database.transaction() as tx:
        for name in ("same", "own"):
            assert await exception_rows.insert(tx, exception(name, reason="by api"), by="tester")
    assert follow.with_files(files) is files
    await follow()
    merged = follow.with_files(files)
    assert follow.with_files(files) is merged
    assert [(e.id, e.reason) for e in merged.entries] == [("own", "by api"), ("same", "from the file")]
    finding = found()
    await line.apply(finding)
    line.rules = base.with_exemptions(Exemptions([e for e in merged.entries if e.id == "own"], {}, merged.since))
    apply = ApplyExceptions(line.database, FacetBook(), lambda: line.rules, lambda: None)
    assert await apply() == 0
    async with line.database.transaction() as tx:
        await tx.execute("UPDATE exception SET changed_at = now() - interval '4 seconds'")
    await follow()
    since = follow.with_files(Exemptions()).since
    line.rules = base.with_exemptions(Exemptions([e for e in merged.entries if e.id == "own"], {}, since))
    assert await apply() == 1


@pytest.fixture
def remind(line):
    return RemindReviews(line.database, lambda: line.rules, lambda: None)


async def reminders(line):
    rows = await line.rows("SELECT payload FROM alert WHERE level = 'review' ORDER BY team")
    return [orjson.loads(row["payload"]) for row in rows]


async def test_a_review_is_reminded_of_once_whoever_does_it(line, remind):
    teams = (Team(name="checkout", contact={"email": "c@acme.io"}), Team(name="risk", aliases=("head-of-security",)))
    line.rules = in_force(known=catalogue(teams=teams))
    hold(
        line, exception(days=9, review=TODAY - timedelta(days=1)), exception("later", review=TODAY + timedelta(days=1))
    )
    await line.apply(found(), found())
    other = RemindReviews(line.database, lambda: line.rules, lambda: None)
    await asyncio.gather(remind(), other())
    await remind()
    raised = await reminders(line)
    assert [alert["team"] for alert in raised] == ["checkout", "risk"]
    mine = AlertRaised.model_validate(raised[0])
    assert mine.finding.title.startswith("Exception fixtures covers 2 findings until ")
    assert (mine.contact.email, mine.labels["approver"]) == ("c@acme.io", "head-of-security")
    assert mine.finding.due_at.date() == TODAY + timedelta(days=9)


async def test_it_comes_again_a_quarter_later_and_when_the_day_is_moved(line, remind):
    await line.apply(found())
    selector = {"path": "tests/**", "class": ["track", "track_star", "attend", "act"]}
    line.rules.rules.policy.acceptance.maximum.update(
        dict.fromkeys(line.rules.rules.policy.acceptance.maximum, timedelta(days=400))
    )
    for review in (TODAY - timedelta(days=5), TODAY - timedelta(days=96), TODAY):
        hold(line, exception(since=100, days=100, review=review, selector=selector))
        await line.apply(found())
        await remind()
    rows = await line.rows("SELECT due, told FROM exception_review ORDER BY due")
    # The second one's next review, 91 days after its first, is the day of the first one's.
    assert [(row["due"], row["told"]) for row in rows] == [(TODAY - timedelta(days=5), True), (TODAY, True)]
    assert len(await reminders(line)) == 2


async def test_one_that_covers_nothing_reminds_nobody(line, remind):
    hold(line, exception())
    await remind()
    assert await reminders(line) == []
    (row,) = await line.rows("SELECT exception_id, told FROM exception_review")
    assert tuple(row.values()) == ("fixtures", False)
