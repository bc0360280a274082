"""A plan tells beforehand what applying a policy does, and writes nothing; owners are told of it once."""

from collections import Counter

import httpx
import pytest
from tests.integration.risk_index.risk_kit import (
    SHOP,
    ago,
    catalogue,
    in_force,
    observation,
    principal,
    running_app,
    state,
)

from sluice_risk_index.application.plan_policy import PlanPolicy
from sluice_risk_index.domain.calendars import CalendarPolicy
from sluice_risk_index.domain.catalogue import Asset, OwnerRule, Team
from sluice_risk_index.domain.change import DueChange, Tally, change_of
from sluice_risk_index.domain.policy import (
    ClassRow,
    Condition,
    PausePolicy,
    Policy,
    Requirement,
    ScorePolicy,
    SlaPolicy,
    Weights,
)
from sluice_risk_index.main import build
from sluice_risk_index.storage.findings import SELECTED, as_finding
from sluice_shared.auth import Scope
from sluice_shared.contracts.finding import CodeLocation, Identifier, Kind, PackageLocation, Severity

BILLING = "repo:github.com/acme/billing"


def requirements(**within):
    return tuple(Requirement(risk_class=name, within=time) for name, time in within.items())


PROPOSALS = {
    "shorter": Policy(sla=SlaPolicy(requirements=requirements(act="1d", attend="5d", track_star="10d"))),
    "longer, and some for the first time": Policy(sla=SlaPolicy(requirements=requirements(act="60d", track="60d"))),
    "in business days": Policy(
        sla=SlaPolicy(requirements=requirements(act="2bd", attend="9bd")),
        calendars={"berlin": CalendarPolicy(timezone="Europe/Berlin", holidays=("12-25",))},
        default_calendar="berlin",
    ),
    "another table": Policy(
        classes=(ClassRow(risk_class="act", when=Condition(min_score=50), because="it scores high"),)
    ),
    "another row": Policy(
        classes=(
            ClassRow(
                risk_class="act", when=Condition(severity={"high"}, fix_available=True), because="it can be fixed"
            ),
            *Policy().classes,
        )
    ),
    "other weights": Policy(score=ScorePolicy(weights=Weights(severity=90, age=0))),
    "waiting for vendors": Policy(sla=SlaPolicy(pause=PausePolicy(no_fix={"attend", "track_star"}))),
    "as it is": Policy(),
}
KNOWN = catalogue(
    teams=(Team(name="checkout", tier="advanced", onboarded="2025-01-01"), Team(name="payments")),
    assets=(
        Asset(key=SHOP, owner="checkout", exposure="internet", criticality="high"),
        Asset(key=BILLING, owner="payments", tier="advanced"),
    ),
    rules=(OwnerRule(team="payments", path="pay/**"),),
)
OTHER = catalogue(teams=tuple(KNOWN.teams.values()), rules=(OwnerRule(team="payments", package="lib-*"),))


def found(number):
    """A finding; of all sorts by its number."""
    severity = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)[number % 4]
    if number % 3 == 0:
        seen = observation(severity=severity, location=CodeLocation(path=("pay/a.py", "web/b.py")[number % 2]))
    else:
        fixed = ["2.0"] if number % 2 else []
        location = PackageLocation(purl=f"pkg:npm/lib-{number}@1.0", name=f"lib-{number}", fixed_versions=fixed)
        cve = Identifier(type="cve", value=f"CVE-2026-{1000 + number}")
        seen = observation(
            scanner="trivy", kind=Kind.SCA, severity=severity, location=location, identifiers=[cve], rule_id=cve.value
        )
    return state(seen, first_seen_at=ago(days=1 + number % 7 * 6))


async def filled(line, *, walked):
    line.rules = in_force(known=KNOWN, version="v1")
    await line.apply(*(found(number) for number in range(60)))
    await line.apply(*(found(number) for number in range(60)), asset=BILLING)
    if walked:
        await line.recalculate()
    while await line.sweep():
        pass


async def states(line):
    rows = await line.rows(f"SELECT {SELECTED} FROM finding")  # noqa: S608
    return {row["id"]: as_finding(list(row.values())) for row in rows}


def tallied(before, after):
    tally = Tally()
    for name, finding in before.items():
        tally.add(change_of(finding, after[name]))
    return tally


@pytest.mark.parametrize("walked", [True, False], ids=["by-known-rules", "by-unknown-rules"])
@pytest.mark.parametrize("name", PROPOSALS)
async def test_applying_does_what_the_plan_says(line, name, walked):
    await filled(line, walked=walked)
    before = await states(line)
    proposed = in_force(PROPOSALS[name], KNOWN, "v2")
    plan = await PlanPolicy(line.database, lambda: line.rules)(proposed)
    assert await states(line) == before
    line.rules = proposed
    await line.recalculate()
    made = tallied(before, await states(line))
    assert (plan.tally.seen, plan.tally.counts) == (120, made.counts)
    assert (plan.tally.changed > 0) == (name != "as it is")


async def test_a_change_of_owners_is_planned_with_the_catalogue(line):
    await filled(line, walked=True)
    before = await states(line)
    proposed = in_force(Policy(), OTHER, "v2")
    plan = await PlanPolicy(line.database, lambda: line.rules)(proposed)
    line.rules = proposed
    await line.recalculate()
    assert plan.tally.counts == tallied(before, await states(line)).counts
    assert plan.tally.moves("was_team", "team")["checkout", "payments"] > 0


async def test_what_is_accepted_stays_so_and_pauses(line):
    await filled(line, walked=True)
    async with line.database.transaction() as tx:
        await tx.execute("UPDATE finding SET decided = 'accepted', decision = 'accepted', paused_at = now(),"
                         " sla_state = 'paused', next_timer_at = NULL")  # fmt: skip
    plan = await PlanPolicy(line.database, lambda: line.rules)(in_force(PROPOSALS["shorter"], KNOWN, "v2"))
    assert plan.tally.breached == 0
    assert plan.tally.due()[""][DueChange.EARLIER] > 0


async def test_each_owner_is_told_once_and_nobody_of_single_findings(line):
    await filled(line, walked=True)
    before = await line.rows("SELECT id FROM alert")
    proposed = in_force(PROPOSALS["shorter"], KNOWN, "v2")
    plan = await PlanPolicy(line.database, lambda: line.rules)(proposed)
    line.rules = proposed
    await line.recalculate()
    while await line.sweep():
        pass
    raised = await line.rows(
        "SELECT team, level, payload->'labels'->>'digest' AS digest, payload->'finding'->>'title' AS title FROM alert"
        " WHERE id <> ALL($1)",
        [row["id"] for row in before],
    )
    told = {digest.team: digest for digest in plan.tally.digests()}
    assert {row["team"] for row in raised} == told.keys() == {"checkout", "payments"}
    assert Counter((row["level"], row["digest"]) for row in raised) == {("breached", "policy"): 2}
    for row in raised:
        assert row["title"].startswith(told[row["team"]].sentence("v2"))
        assert f"{told[row['team']].breached} overdue at once" in row["title"]
    # The next walk is for age alone, and a change that takes nobody time is told to nobody.
    line.rules = in_force(PROPOSALS["longer, and some for the first time"].model_copy(), KNOWN, "v3")
    await line.recalculate()
    assert await line.rows("SELECT team FROM digest") == []


async def test_a_change_that_gives_time_tells_nobody(line):
    await filled(line, walked=True)
    before = await line.rows("SELECT count(*) AS number FROM alert")
    slow = Policy(sla=SlaPolicy(requirements=requirements(act="90d", attend="120d", track_star="200d")))
    line.rules = in_force(slow, KNOWN, "v2")
    await line.recalculate()
    assert await line.rows("SELECT count(*) AS number FROM alert") == before


async def test_reasons_alone_are_written_without_a_history_and_numbers_alone_not_at_all(line):
    await filled(line, walked=True)
    before = await line.rows("SELECT ctid, * FROM finding ORDER BY id")
    never = ClassRow(risk_class="act", when=Condition(environment={"nowhere"}), because="never")
    rows = Policy().classes
    line.rules = in_force(Policy(classes=(never, *rows)), KNOWN, "v2")
    await line.recalculate()
    assert await line.rows("SELECT ctid, * FROM finding ORDER BY id") == before
    reworded = tuple(row.model_copy(update={"because": f"because {row.because}"}) for row in rows)
    line.rules = in_force(Policy(classes=reworded), KNOWN, "v3")
    await line.recalculate()
    after = {row["id"]: row for row in await line.rows("SELECT * FROM finding")}
    for row in before:
        assert after[row["id"]]["class_reason"] == row["class_reason"].replace(": ", ": because ", 1)
        assert (after[row["id"]]["due_at"], after[row["id"]]["policy_version"]) == (row["due_at"], "v3")
    assert await line.rows("SELECT 1 FROM finding_history WHERE event = 'class'") == []


TEAM = "kind: team\nname: payments\naliases: ['@acme/pay']\n"
POLICY = "version: next\nsla:\n  requirements:\n    - {class: attend, within: 1d}\n"


async def test_the_route_plans_files_and_names_mistakes_with_their_lines(line, make_settings):
    line.rules = in_force(version="v1")
    await line.apply(*(found(number) for number in range(8)))
    app = build(make_settings())
    async with running_app(app, boss=principal(Scope.ADMIN), writer=principal(Scope.WRITE)) as client:
        boss = {"Authorization": "Bearer boss"}
        files = {"files": {"policy.yaml": POLICY}}
        answer = await client.post("/v1/policy/plan", json=files, headers=boss)
        assert answer.status_code == httpx.codes.OK, answer.text
        body = answer.json()
        assert (body["findings"], body["proposed"].split("+")[0]) == (8, "next")
        assert body["changed"] >= sum(body["due"].values()) > 0
        for counts in (body["due_by_team"], body["due_by_class"], body["due_by_tier"]):
            assert sum(sum(moves.values()) for moves in counts.values()) == sum(body["due"].values())
        wrong = {"files": {"policy.yaml": POLICY + "    - {class: attend, within: soon}\n"}}
        refused = await client.post("/v1/policy/plan", json=wrong, headers=boss)
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_policy")
        assert refused.json()["problems"][0].startswith("policy.yaml:5:")
        owned = {"files": {"catalog/teams.yaml": TEAM, "catalog/codeowners/repo/github.com/acme/shop": "* @acme/pay"}}
        moved = await client.post("/v1/policy/plan", json=owned, headers=boss)
        assert "payments" in {owner["now"] for owner in moved.json()["owners"]}, moved.text
        for name in ("../policy.yaml", "catalog/codeowners/../teams.yaml", "catalog/codeowners/.hidden"):
            outside = await client.post("/v1/policy/plan", json={"files": {name: POLICY}}, headers=boss)
            assert outside.status_code == 422
        denied = await client.post("/v1/policy/plan", json=files, headers={"Authorization": "Bearer writer"})
        assert denied.status_code == httpx.codes.FORBIDDEN
