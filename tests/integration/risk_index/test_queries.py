"""Lists, filters, pages: over the whole service and real data."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

import httpx
import pytest
from tests.integration.risk_index.risk_kit import (
    SHOP,
    ago,
    catalogue,
    in_force,
    observation,
    principal,
    resolved,
    running_app,
    scan,
    state,
    updated,
)

from sluice_risk_index.domain.catalogue import Asset, OwnerRule, Team
from sluice_risk_index.main import build
from sluice_shared.auth import Scope
from sluice_shared.contracts.finding import Identifier, Kind, PackageLocation, Severity
from sluice_shared.http import encode_cursor

BILLING = "repo:github.com/acme/billing"
OTHER = "repo:github.com/other/thing"


class Shelf:
    """A client of the service, and a line that fills its database."""

    def __init__(self, client, line):
        self.client = client
        self.line = line

    async def get(self, path="/v1/findings", answered=200, **params):
        answer = await self.client.get(path, params=params)
        assert answer.status_code == answered, answer.text
        return answer.json()

    async def titles(self, **params):
        return [item["title"] for item in (await self.get(**params))["items"]]

    async def all_ids(self, cursor=None, **params):
        ids = []
        while True:
            page = await self.get(**params, **({"cursor": cursor} if cursor else {}))
            ids += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return ids


@pytest.fixture
async def shelf(line, make_settings):
    # Like the service's own, which has neither policy nor catalogue: the line writes, the service only reads.
    line.rules = in_force(
        known=catalogue(
            teams=(Team(name="checkout"), Team(name="payments")),
            assets=(Asset(key=SHOP, owner="checkout", exposure="internet"), Asset(key=BILLING, owner="payments")),
            rules=(OwnerRule(team="payments", path="pay/**"),),
        )
    )
    settings = make_settings(config_dir=None)
    app = build(settings)
    app.state.runtime.sweepers.clear()
    narrow = principal(Scope.READ, assets=("repo:github.com/acme/*",))
    async with running_app(app, narrow=narrow, pusher=principal(Scope.PUSH)) as client:
        yield Shelf(client, line)


async def fill(line):
    """Five findings that differ in every respect by which lists are filtered."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    injection = observation("SQL injection", severity=Severity.HIGH)
    card = observation(
        "Card number in log",
        severity=Severity.LOW,
        rule_id="py/clear-text",
        location={"type": "code", "path": "pay/log.py"},
    )
    log4j = observation(
        "Log4Shell",
        scanner="trivy",
        kind=Kind.SCA,
        severity=Severity.CRITICAL,
        rule_id="CVE-2021-44228",
        identifiers=[Identifier(type="cve", value="CVE-2021-44228")],
        location=PackageLocation(name="log4j-core", version="2.14"),
    )
    both = [log4j, log4j.model_copy(update={"scanner": "grype"})]
    bucket = observation("Open bucket", scanner="checkov", kind=Kind.IAC, severity=Severity.UNKNOWN, rule_id="S3")
    findings = [
        state(injection, first_seen_at=first, refs=["main"]),
        state(card, first_seen_at=first + timedelta(days=1), refs=["main", "dev"]),
        state(*both, first_seen_at=first + timedelta(days=2), refs=["dev"]),
    ]
    await line.apply(*findings, scans=[scan("main"), scan("dev"), scan("main", scanner="trivy", kinds=[Kind.SCA])])
    await line.apply(state(bucket, first_seen_at=first + timedelta(days=3)), asset=BILLING)
    gone = state(observation("Old XSS", severity=Severity.MEDIUM), first_seen_at=first - timedelta(days=9))
    await line.apply(gone, asset=BILLING)
    await line.apply(resolved(gone), asset=BILLING)
    return findings


ALL_OPEN = {"SQL injection", "Card number in log", "Log4Shell", "Open bucket"}


FILTERS = [
    ({}, ALL_OPEN),
    ({"status": "resolved"}, {"Old XSS"}),
    ({"status": "open,resolved"}, {*ALL_OPEN, "Old XSS"}),
    ({"severity": "critical,high"}, {"SQL injection", "Log4Shell"}),
    ({"severity": ["critical", "low"]}, {"Log4Shell", "Card number in log"}),
    ({"severity": "unknown"}, {"Open bucket"}),
    ({"class": "track_star"}, {"Open bucket"}),
    ({"class": "attend,track_star"}, {"SQL injection", "Log4Shell", "Open bucket"}),
    ({"kind": "sca,iac"}, {"Log4Shell", "Open bucket"}),
    ({"team": "payments"}, {"Card number in log", "Open bucket"}),
    ({"team": "payments", "severity": "low"}, {"Card number in log"}),
    ({"team": "payments", "status": "resolved"}, {"Old XSS"}),
    ({"team": "nobody"}, set()),
    ({"asset": SHOP}, {"SQL injection", "Card number in log", "Log4Shell"}),
    ({"asset": f"{SHOP},{BILLING}", "kind": "iac"}, {"Open bucket"}),
    ({"asset": "repo:github.com/acme/none"}, set()),
    ({"ref": "dev"}, {"Card number in log", "Log4Shell"}),
    ({"ref": "main", "asset": SHOP}, {"SQL injection", "Card number in log"}),
    ({"ref": "nowhere"}, set()),
    ({"scanner": "grype"}, {"Log4Shell"}),
    ({"scanner": "grype,checkov"}, {"Log4Shell", "Open bucket"}),
    ({"identifier": "CVE-2021-44228"}, {"Log4Shell"}),
    ({"identifier": "CWE-89", "severity": "low"}, {"Card number in log"}),
    ({"sla": "none"}, {"Card number in log"}),
    ({"sla": "none,ok"}, ALL_OPEN),
    ({"q": "inject"}, {"SQL injection"}),
    ({"q": "LOG4J core"}, {"Log4Shell"}),
    ({"q": "cve-2021"}, {"Log4Shell"}),
    ({"q": "log"}, {"Card number in log", "Log4Shell"}),
    ({"q": "bucket injection"}, set()),
    ({"q": "'); DROP TABLE finding; --"}, set()),
    ({"tier": "standard"}, ALL_OPEN),
    ({"tier": "advanced"}, set()),
]


async def test_filters(shelf):
    await fill(shelf.line)
    answers = [(filters, set(await shelf.titles(**filters))) for filters, _ in FILTERS]
    assert answers == FILTERS


async def test_orders(shelf):
    await fill(shelf.line)
    by_score = (await shelf.get())["items"]
    assert by_score[0]["title"] == "Log4Shell"
    assert [item["score"] for item in by_score] == sorted((item["score"] for item in by_score), reverse=True)
    first_seen = ["SQL injection", "Card number in log", "Log4Shell", "Open bucket"]
    assert await shelf.titles(sort="first_seen") == first_seen
    assert await shelf.titles(sort="-first_seen") == first_seen[::-1]
    due = [item["due_at"] for item in (await shelf.get(sort="due"))["items"]]
    assert due[-1] is None
    assert due[:-1] == sorted(due[:-1])


async def test_an_item_says_what_a_reader_needs(shelf):
    (_, _, log4j) = await fill(shelf.line)
    item = (await shelf.get(scanner="grype"))["items"][0]
    due = item.pop("due_at")
    assert datetime.fromisoformat(due) == log4j.opened_at + timedelta(days=30)
    score = item.pop("score")
    assert 0 < score <= 100
    assert item == {
        "id": str(log4j.finding_id),
        "asset": SHOP,
        "title": "Log4Shell",
        "kind": "sca",
        "severity": "critical",
        "class": "attend",
        "status": "open",
        "team": "checkout",
        "tier": "standard",
        "scanners": ["grype", "trivy"],
        "rule_id": "CVE-2021-44228",
        "identifiers": ["CVE-2021-44228"],
        "cwes": [],
        "package": "log4j-core",
        "location": "log4j-core@2.14",
        "fix_action": None,
        "refs": ["dev"],
        "first_seen_at": "2026-01-03T00:00:00Z",
        "opened_at": "2026-01-03T00:00:00Z",
        "resolved_at": None,
        "sla_state": "ok",
        "decision": "open",
        "decided_until": None,
        "exception_id": None,
        "known_exploited": False,
    }


async def many(line, number=120):
    random = Random(7)
    severities, kinds = list(Severity), [Kind.SAST, Kind.IAC, Kind.SCA]
    findings = [
        state(
            observation(f"f{i}", severity=random.choice(severities), kind=random.choice(kinds)),
            # Ties on purpose.
            first_seen_at=ago(days=random.randrange(1, 12)).replace(hour=0, minute=0, second=0, microsecond=0),
        )
        for i in range(number)
    ]
    await line.apply(*findings)
    return findings


@pytest.mark.parametrize(
    "filters", [{}, {"asset": SHOP}, {"team": "checkout"}, {"severity": "high,low,info", "kind": "sca"}]
)
async def test_pages_together_are_the_whole_list_in_order(shelf, filters):
    await many(shelf.line)
    for sort in ("-score", "score", "due", "-due", "first_seen", "-first_seen"):
        whole = await shelf.all_ids(sort=sort, limit=500, **filters)
        assert len(whole) == len(set(whole)) > 10
        assert await shelf.all_ids(sort=sort, limit=7, **filters) == whole
        if sort.startswith("-"):
            assert await shelf.all_ids(sort=sort[1:], limit=50, **filters) == whole[::-1]


async def test_a_page_keeps_its_place_while_findings_come_and_go(shelf):
    findings = await many(shelf.line)
    page = await shelf.get(sort="first_seen", limit=40)
    shown = {item["id"] for item in page["items"]}
    gone = [f for f in findings if str(f.finding_id) in shown][:20]
    await shelf.line.apply(*(resolved(f) for f in gone), *(state(first_seen_at=ago(days=90)) for _ in range(15)))
    rest = await shelf.all_ids(sort="first_seen", limit=40, cursor=page["next_cursor"])
    assert not shown & set(rest)
    assert shown | set(rest) == {str(f.finding_id) for f in findings}


async def test_a_finding_on_its_own_page(shelf):
    (first, *_) = await fill(shelf.line)
    await shelf.line.apply(updated(first, severity=Severity.CRITICAL))
    whole = await shelf.get(f"/v1/findings/{first.finding_id}")
    total = sum(factor["contribution"] for factor in whole["score_factors"])
    assert min(100, round(total, 2)) == whole["score"]
    assert {"severity", "exploit", "epss", "exposure", "criticality", "fix", "age"} <= {
        factor["name"] for factor in whole["score_factors"]
    }
    assert whole["keys"] == {"content/1": "ab" * 16}
    assert [(entry["event"], entry["was"], entry["now"]) for entry in whole["history"]] == [
        ("opened", None, None),
        ("severity", "high", "critical"),
    ]
    assert whole["observations"][0]["location"]["path"] == "src/shop/cart.py"
    assert whole["sla"]["due_at"] == whole["due_at"]
    assert (whole["version"], whole["owner_reason"]) == (2, "owner of the asset in the catalogue")
    assert whole["last_scan_at"] is not None


async def test_what_does_not_exist_is_a_problem_document(shelf):
    problem = await shelf.get(f"/v1/findings/{uuid4()}", answered=404)
    assert problem["code"] == "unknown_finding"


@pytest.mark.parametrize(
    ("params", "answered", "code"),
    [
        ({"severity": "terrible"}, 400, "unknown_value"),
        ({"sort": "title"}, 400, "unknown_sort"),
        ({"cursor": "rubbish"}, 400, "bad_cursor"),
        ({"limit": 501}, 422, "invalid_request"),
    ],
)
async def test_wrong_questions_are_answered_with_what_to_write(shelf, params, answered, code):
    problem = await shelf.get(answered=answered, **params)
    assert problem["detail"]
    assert problem["code"] == code


async def test_no_parameter_reaches_the_database_unfit(shelf):
    nul = "a\x00b"
    for name in ("team", "scanner", "identifier", "ref", "q", "tier", "asset"):
        assert (await shelf.get(answered=400, **{name: nul}))["code"] == "bad_character"
    assert (await shelf.get("/v1/gate", answered=400, asset=SHOP, ref=nul))["code"] == "bad_character"
    assert (await shelf.get("/v1/assets", answered=400, cursor=encode_cursor(nul)))["code"] == "bad_character"
    for sort, value in (("due", "soon"), ("due", "2026-01-01"), ("-score", 1e300), ("-score", "1"), ("due", 5)):
        cursor = encode_cursor(sort, value, uuid4())
        assert (await shelf.get(answered=400, sort=sort, cursor=cursor))["code"] == "bad_cursor"


async def test_a_cursor_of_another_order_is_refused(shelf):
    await fill(shelf.line)
    page = await shelf.get(limit=2)
    assert (await shelf.get(answered=400, sort="due", cursor=page["next_cursor"]))["code"] == "bad_cursor"


async def test_a_token_sees_the_assets_it_is_good_for(shelf):
    (first, *_) = await fill(shelf.line)
    foreign = state()
    await shelf.line.apply(foreign, asset=OTHER)
    headers = {"Authorization": "Bearer narrow"}
    listed = (await shelf.client.get("/v1/findings", headers=headers)).json()
    assert {item["asset"] for item in listed["items"]} == {SHOP, BILLING}
    assert (await shelf.client.get(f"/v1/findings/{first.finding_id}", headers=headers)).status_code == 200
    for path in (f"/v1/findings/{foreign.finding_id}", f"/v1/gate?asset={OTHER}&ref=main"):
        assert (await shelf.client.get(path, headers=headers)).status_code == httpx.codes.NOT_FOUND
    assert (await shelf.client.get("/v1/index", headers=headers)).json()["open"] == 4
    assets = (await shelf.client.get("/v1/assets", headers=headers)).json()["items"]
    assert [asset["asset"] for asset in assets] == [BILLING, SHOP]


async def test_without_a_good_token_nothing_is_shown(shelf):
    for token, status in (("nobody", 401), ("pusher", 403)):
        answer = await shelf.client.get("/v1/findings", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


async def test_assets_show_counts_and_coverage(shelf):
    await fill(shelf.line)
    page = await shelf.get("/v1/assets", limit=1)
    (billing,) = page["items"]
    assert (billing["asset"], billing["open"], billing["by_class"]) == (BILLING, 1, {"track_star": 1})
    (shop,) = (await shelf.get("/v1/assets", limit=1, cursor=page["next_cursor"]))["items"]
    assert (shop["asset"], shop["team"], shop["open"]) == (SHOP, "checkout", 3)
    assert {(c["scanner"], c["kind"], c["ref"]) for c in shop["coverage"]} == {
        ("semgrep", "sast", "main"),
        ("semgrep", "sast", "dev"),
        ("trivy", "sca", "main"),
    }
    assert shop["last_scan_at"] is not None
    assert [a["asset"] for a in (await shelf.get("/v1/assets", team="payments"))["items"]] == [BILLING]


async def test_the_index_adds_up(shelf):
    await fill(shelf.line)
    await shelf.line.apply(state(), asset=OTHER)
    index = await shelf.get("/v1/index")
    assert (index["open"], index["assets"], index["unowned"]) == (5, 3, 1)
    assert index["by_severity"] == {"critical": 1, "high": 2, "low": 1, "unknown": 1}
    assert sum(index["by_class"].values()) == sum(index["by_sla"].values()) == 5
    teams = (await shelf.get("/v1/teams"))["items"]
    assert teams == index["teams"]
    assert {team["team"]: team["open"] for team in teams} == {"checkout": 2, "payments": 2, "triage": 1}
    assert abs(sum(team["index"] for team in teams) - index["index"]) < 0.05
    assert [team["index"] for team in teams] == sorted((team["index"] for team in teams), reverse=True)
