"""The gate judges what a ref adds to its base."""

from datetime import timedelta

import pytest
from tests.integration.risk_index.risk_kit import (
    SHOP,
    ago,
    catalogue,
    in_force,
    observation,
    principal,
    running_app,
    scan,
    state,
)

from sluice_risk_index.application.decide import Decide
from sluice_risk_index.application.judge_gate import JudgeGate
from sluice_risk_index.domain.catalogue import Asset
from sluice_risk_index.domain.policy import Counted, GatePolicy, Policy, ScanRules, Thresholds
from sluice_risk_index.domain.triage import Decision, Ruling
from sluice_risk_index.errors import UnknownAssetError
from sluice_risk_index.main import build
from sluice_risk_index.storage.facets import FacetBook
from sluice_risk_index.transport.gate_markdown import as_markdown
from sluice_shared.auth import Scope
from sluice_shared.contracts.finding import Kind, Severity

REFS = ("main", "feature")


def found(severity, *refs, title="SQL injection"):
    return state(observation(title, severity=severity), refs=list(refs))


async def judge(line, ref="feature", base=None, asset=SHOP, **given):
    gate = JudgeGate(line.database, lambda: line.rules)
    return await gate(principal(Scope.READ), asset=asset, ref=ref, base=base, **given)


def by_policy(**gate):
    return in_force(Policy(gate=GatePolicy(**gate)))


async def apply(line, *findings, scanned=REFS):
    await line.apply(*findings, scans=[scan(ref) for ref in scanned])


@pytest.mark.parametrize(
    ("severity", "verdict"),
    [
        (Severity.CRITICAL, "fail"),
        (Severity.HIGH, "fail"),
        (Severity.MEDIUM, "warn"),
        (Severity.UNKNOWN, "warn"),
        (Severity.LOW, "pass"),
        (Severity.INFO, "pass"),
    ],
)
async def test_new_findings_by_severity(line, severity, verdict):
    await apply(line, found(severity, "feature"), found(Severity.CRITICAL, "main", "feature"))
    report = await judge(line)
    assert report.answer.verdict == verdict
    assert report.answer.counts == {severity: 1}
    assert report.answer.reasons


async def test_what_the_base_has_already_stops_nobody(line):
    await apply(line, found(Severity.CRITICAL, "main", "feature"), found(Severity.CRITICAL, "main"))
    assert (await judge(line)).answer.verdict == "pass"


async def test_of_a_ref_that_was_never_scanned_the_scan_is_missing(line):
    await apply(line, found(Severity.CRITICAL, "main"), scanned=["main"])
    report = await judge(line, ref="feature")
    assert report.answer.verdict == "missing"
    assert "no successful scan" in report.answer.reasons[0]


async def test_a_failed_scan_is_no_scan(line):
    await line.apply(scans=[scan("main"), scan("feature", successful=False)])
    assert (await judge(line)).answer.verdict == "missing"


async def test_against_a_base_that_was_never_scanned_everything_is_new(line):
    await apply(line, found(Severity.HIGH, "feature"), scanned=["feature"])
    report = await judge(line)
    assert report.answer.verdict == "fail"
    assert "never been scanned" in report.answer.reasons[0]


async def test_the_base_may_be_named(line):
    await apply(line, found(Severity.HIGH, "feature", "release"), scanned=("main", "feature", "release"))
    assert (await judge(line)).answer.verdict == "fail"
    assert (await judge(line, base="release")).answer.verdict == "pass"


async def test_a_tier_has_its_own_thresholds(line):
    line.rules = in_force(known=catalogue(assets=(Asset(key=SHOP, owner="checkout", tier="onboarding"),)))
    await apply(line, found(Severity.HIGH, "feature"))
    report = await judge(line)
    assert (report.tier, report.answer.verdict) == ("onboarding", "warn")


async def test_an_unknown_asset_is_an_error(line):
    with pytest.raises(UnknownAssetError):
        await judge(line, asset="repo:github.com/acme/none")


async def test_as_markdown_what_scanners_said_is_no_markup(line):
    await apply(line, found(Severity.HIGH, "feature", title="<script>alert(1)</script> | @everyone\n# big"))
    text = as_markdown(await judge(line))
    assert text.startswith("## Sluice gate: ❌ fail")
    assert "<script>" not in text
    assert "\\| \\@everyone \\# big" in text
    assert len([row for row in text.splitlines() if row.startswith("| ")]) == 2


async def test_a_scan_that_is_too_old_is_stale_whatever_else_would_warn(line):
    await line.apply(found(Severity.MEDIUM, "feature"), scans=[scan("main"), scan("feature", scanned_at=ago(days=8))])
    report = await judge(line)
    assert report.answer.verdict == "stale"
    (said,) = [reason for reason in report.answer.reasons if "scan again" in reason]
    assert "the last sast scan of 'feature' (semgrep, " in said
    assert "commit c0ffee) is 8d old, and tier standard allows 7d" in said
    assert "stale" in as_markdown(report)
    assert "Scanned: sast 8d ago by semgrep" in as_markdown(report)


async def test_what_stops_a_change_stops_it_on_an_old_scan_too(line):
    await line.apply(found(Severity.HIGH, "feature"), scans=[scan("main"), scan("feature", scanned_at=ago(days=8))])
    assert (await judge(line)).answer.verdict == "fail"


async def test_practices_have_their_own_ages(line):
    line.rules = by_policy(scans=ScanRules(practices={Kind.SAST: timedelta(days=30)}))
    await line.apply(scans=[scan("main"), scan("feature", scanned_at=ago(days=8))])
    assert (await judge(line)).answer.verdict == "pass"


async def test_a_later_scan_that_finds_nothing_of_a_kind_keeps_its_practice_fresh(line):
    old = scan("feature", scanned_at=ago(days=20))
    await line.apply(scans=[scan("main"), old, scan("feature", kinds=[])])
    assert (await judge(line)).answer.verdict == "pass"


async def test_a_required_practice_that_nobody_scanned_for_is_missing(line):
    line.rules = by_policy(scans=ScanRules(required={Kind.SECRET, Kind.SAST}))
    await apply(line, found(Severity.MEDIUM, "feature"))
    report = await judge(line)
    assert report.answer.verdict == "missing"
    assert any("no successful secret scan of 'feature'" in reason for reason in report.answer.reasons)
    # A scanner that found nothing here is known for what it found elsewhere.
    await line.apply(scans=[scan("main", scanner="gitleaks", kinds=[Kind.SECRET])], asset="repo:github.com/acme/other")
    await line.apply(scans=[scan("feature", scanner="gitleaks", kinds=[])])
    assert (await judge(line)).answer.verdict == "warn"


async def test_a_tier_has_its_own_scans_and_count(line):
    strict = Thresholds(count=Counted.TOTAL, scans=ScanRules(max_age=timedelta(hours=1)))
    line.rules = by_policy(tiers={"standard": strict})
    await line.apply(scans=[scan("main"), scan("feature", scanned_at=ago(hours=3))])
    report = await judge(line)
    assert (report.answer.verdict, report.counted) == ("stale", "total")
    assert "is 3h old" in report.answer.reasons[-1]


async def test_a_secret_stops_a_change_whatever_its_severity_unless_it_is_excused(line):
    line.rules = by_policy(tiers={"standard": Thresholds(fail=frozenset(), warn=frozenset())})
    leaked = state(observation("A key", severity=Severity.LOW, kind=Kind.SECRET), refs=["main", "feature"])
    await apply(line, leaked, found(Severity.CRITICAL, "main", "feature"))
    assert (await judge(line)).answer.verdict == "pass"
    total = await judge(line, count=Counted.TOTAL)
    assert (total.answer.verdict, total.findings[0]["id"]) == ("fail", leaked.finding_id)
    assert any("leaked secret" in reason for reason in total.answer.reasons)
    decide = Decide(line.database, FacetBook(), lambda: line.rules, lambda: None)
    await decide.one(principal(Scope.WRITE), leaked.finding_id, Ruling(Decision.FALSE_POSITIVE, "made up for a test"))
    total = await judge(line, count=Counted.TOTAL)
    assert (total.answer.verdict, total.excused) == ("pass", {"false_positive": 1})


async def test_in_total_what_the_base_has_counts_as_well(line):
    await apply(line, found(Severity.CRITICAL, "main", "feature"), found(Severity.LOW, "feature"))
    report = await judge(line, count=Counted.TOTAL)
    assert (report.answer.verdict, report.answer.counts) == ("fail", {Severity.CRITICAL: 1, Severity.LOW: 1})
    assert [finding["is_new"] for finding in report.findings] == [False, True]


async def test_more_than_is_shown_is_counted(line, monkeypatch):
    monkeypatch.setattr("sluice_risk_index.application.judge_gate.SHOWN", 3)
    await apply(line, *(found(Severity.LOW, "feature") for _ in range(5)), found(Severity.HIGH, "feature"))
    report = await judge(line)
    assert report.answer.counts == {Severity.HIGH: 1, Severity.LOW: 5}
    assert [finding["severity"] for finding in report.findings] == ["high", "low", "low"]
    assert "and 3 more" in as_markdown(report)


@pytest.mark.parametrize("how", [{"params": {"format": "sarif"}}, {"headers": {"accept": "application/sarif+json"}}])
async def test_as_sarif_it_is_what_is_new(line, make_settings, how):
    await apply(line, found(Severity.HIGH, "feature", title="New one"), found(Severity.HIGH, "main", "feature"))
    app = build(make_settings(config_dir=None))
    app.state.runtime.sweepers.clear()
    async with running_app(app) as client:
        asked = {"asset": SHOP, "ref": "feature", **how.get("params", {})}
        answer = await client.get("/v1/gate", params=asked, headers=how.get("headers"))
        assert answer.headers["content-type"].startswith("application/sarif+json")
        (run,) = answer.json()["runs"]
        assert [(r["message"]["text"], r["baselineState"]) for r in run["results"]] == [("New one", "new")]
        assert run["properties"]["sluice"]["verdict"] == "fail"
        whole = (await client.get("/v1/gate", params={"asset": SHOP, "ref": "feature", "count": "total"})).json()
        assert (whole["count"], len(whole["new"]), whole["scans"][0]["practice"]) == ("total", 2, "sast")
