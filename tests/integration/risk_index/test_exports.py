"""Findings in formats of others, over the whole service and real data."""

import pytest
from tests.integration.risk_index.risk_kit import SHOP, in_force, observation, principal, running_app, state

from sluice_risk_index.main import build
from sluice_shared.auth import Scope
from sluice_shared.contracts.finding import Severity

SARIF = {"accept": "application/sarif+json"}


@pytest.fixture
async def client(line, make_settings):
    line.rules = in_force()
    app = build(make_settings(config_dir=None))
    app.state.runtime.sweepers.clear()
    async with running_app(app, pusher=principal(Scope.PUSH)) as client:
        yield client


async def test_a_list_becomes_a_sarif_log_page_by_page(client, line):
    findings = [state(observation(f"Hole {n}")) for n in range(3)]
    await line.apply(*findings, state(observation("Small", severity=Severity.LOW)))
    path, ids = "/v1/findings?severity=high&limit=2&sort=first_seen", []
    while path:
        answer = await client.get(path, headers=SARIF)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/sarif+json")
        (run,) = answer.json()["runs"]
        assert len(run["results"]) <= 2
        ids += [each["fingerprints"]["sluice/findingId/v1"] for each in run["results"]]
        path = answer.links.get("next", {}).get("url")
    assert sorted(ids) == sorted(str(each.finding_id) for each in findings)


async def test_a_result_says_what_sluice_knows(client, line):
    await line.apply(state(observation()))
    answer = await client.get("/v1/findings", headers=SARIF)
    (result,) = answer.json()["runs"][0]["results"]
    assert result["ruleId"] == "semgrep/py/sql-injection"
    assert result["level"] == "error"
    assert result["fingerprints"]["content/1"] == "ab" * 16
    assert result["properties"]["asset"] == SHOP
    assert result["rank"] > 0


async def test_without_asking_for_it_the_list_stays_as_it_is(client, line):
    await line.apply(state(observation()))
    answer = await client.get("/v1/findings", headers={"accept": "text/html, */*;q=0.8"})
    assert len(answer.json()["items"]) == 1


async def test_a_finding_becomes_an_ocsf_event(client, line):
    found = state(observation())
    await line.apply(found)
    event = (await client.get(f"/v1/findings/{found.finding_id}", params={"format": "ocsf"})).json()
    assert (event["class_uid"], event["activity_name"], event["severity"]) == (2007, "Create", "High")
    assert event["finding_info"]["uid"] == str(found.finding_id)
    assert event["application"] == {"name": SHOP}
    wrong = await client.get(f"/v1/findings/{found.finding_id}", params={"format": "xml"})
    assert wrong.status_code in {400, 422}
