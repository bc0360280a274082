"""The gate judges what a ref adds to its base."""

import pytest
from tests.integration.risk_index.risk_kit import SHOP, catalogue, in_force, observation, principal, scan, state

from sluice_risk_index.application.judge_gate import JudgeGate
from sluice_risk_index.domain.catalogue import Asset
from sluice_risk_index.errors import UnknownAssetError
from sluice_risk_index.transport.gate_markdown import as_markdown
from sluice_shared.auth import Scope
from sluice_shared.contracts.finding import Severity

REFS = ("main", "feature")


def found(severity, *refs, title="SQL injection"):
    return state(observation(title, severity=severity), refs=list(refs))


async def judge(line, ref="feature", base=None, asset=SHOP):
    gate = JudgeGate(line.database, lambda: line.rules)
    return await gate(principal(Scope.READ), asset=asset, ref=ref, base=base)


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


async def test_a_ref_that_was_never_scanned_is_unknown_not_passed(line):
    await apply(line, found(Severity.CRITICAL, "main"), scanned=["main"])
    report = await judge(line, ref="feature")
    assert report.answer.verdict == "unknown"
    assert "no successful scan" in report.answer.reasons[0]


async def test_a_failed_scan_is_no_scan(line):
    await line.apply(scans=[scan("main"), scan("feature", successful=False)])
    assert (await judge(line)).answer.verdict == "unknown"


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
