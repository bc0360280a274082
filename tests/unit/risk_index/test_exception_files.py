"""Exceptions as files: what they may say, and what is said about mistakes."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from jsonschema import Draft202012Validator

from sluice_risk_index.domain.exceptions import Exemption, Exemptions
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.policy import AcceptancePolicy, RiskClass
from sluice_risk_index.storage import config, exception_files
from sluice_shared.config import ConfigError
from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.finding import Kind, Severity

ROOT = Path(__file__).parents[3]
SHOP = "repo:github.com/acme/shop"
GOOD = """\
kind: exception
id: one
selector: {asset: "repo:github.com/acme/*", class: [track]}
reason: it is not shipped
requester: mira
approver: head-of-security
created: 2026-11-01
review: 2026-12-01
expires: 2027-01-01
"""


@pytest.fixture
def problems(tmp_path):
    def of(*texts):
        for number, text in enumerate(texts):
            (tmp_path / f"{number}.yaml").write_text(text)
        return exception_files.lint(tmp_path, AcceptancePolicy())

    return of


def test_a_good_one_has_no_mistake(problems):
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("approver: head-of-security", "approver: Mira", 6, "approver and requester are the same"),
        ("expires: 2027-01-01", "expires: 2028-01-01", 9, "the policy allows 365d at most"),
        ("expires: 2027-01-01", "expires: 2026-10-01", 9, "ends before it begins"),
        ("review: 2026-12-01", "review: 2027-02-01", 8, "review is not while it holds"),
        ("[track]", "[track, attend]", 1, "compensating controls"),
        ('asset: "repo:github.com/acme/*", ', "", 3, "does not say which findings"),
        ("reason: it is not shipped", "reasons: it is not shipped", 4, "reasons"),
        ("reason: it is not shipped\n", "", 1, "reason"),
        ("created: 2026-11-01", "created: soon", 7, "created"),
        ("kind: exception", "kind: excuse", 1, "not an exception"),
        ("[track]", "[trak]", 3, "trak"),
        ("id: one", "id: [", 4, "expected"),
    ],
)
def test_each_mistake_is_named_with_its_line(problems, old, new, line, said):
    found = problems(GOOD.replace(old, new))
    assert [problem for problem in found if problem.line == line and said in str(problem)], found


def test_without_classes_the_strictest_limit_holds(problems):
    found = problems(GOOD.replace(", class: [track]", ""))
    assert {problem.path for problem in found} == {"expires", "controls"}
    assert any("30d at most" in problem.message for problem in found)


def test_one_id_twice_is_a_mistake_also_over_files(problems):
    (found,) = problems(GOOD, GOOD)
    assert "already in 0.yaml, line 2" in found.message
    assert found.file.name == "1.yaml"


def test_the_configuration_check_includes_them(tmp_path):
    (tmp_path / "exceptions").mkdir()
    (tmp_path / "exceptions" / "a.yaml").write_text(GOOD.replace("365", "").replace("mira", "head-of-security"))
    assert [problem.path for problem in config.check(tmp_path)] == ["approver"]
    (tmp_path / "policy.yaml").write_text("acceptance: {maximum: {act: 1d, attend: 1d, track_star: 1d, track: 1d}}")
    assert {problem.path for problem in config.check(tmp_path)} == {"approver", "expires"}


def test_the_examples_load():
    assert len(exception_files.load(ROOT / "deploy" / "config", AcceptancePolicy()).entries) == 2


def test_the_lint_command_ends_with_1_and_names_file_and_line(tmp_path):
    (tmp_path / "a.yaml").write_text(GOOD.replace("approver: head-of-security", "approver: mira"))
    command = [sys.executable, "-m", "sluice_cli.main", "exceptions", "lint", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert f"{tmp_path / 'a.yaml'}:6:" in result.stdout
    result = subprocess.run([*command[:-1], str(tmp_path / "none")], capture_output=True, text=True, check=False)
    assert result.returncode == 2


def test_the_published_schema_is_the_codes_own_and_takes_the_examples():
    check = [sys.executable, "-m", "sluice_cli.docs", "--check", "docs"]
    result = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "exception" not in result.stderr
    schema = json.loads((ROOT / "docs" / "schemas" / exception_files.SCHEMA_FILE).read_text())
    Draft202012Validator.check_schema(schema)
    for path in (ROOT / "deploy" / "config" / "exceptions").glob("*.yaml"):
        for document in yaml.safe_load_all(path.read_text()):
            Draft202012Validator(schema).validate(json.loads(json.dumps(document, default=str)))
    with pytest.raises(ConfigError):
        exception_files.load_directory(ROOT / "deploy" / "config" / "catalog", AcceptancePolicy())


NOW = datetime(2026, 11, 20, tzinfo=UTC)


def finding(**given):
    values = {
        "asset_id": uuid4(), "id": uuid4(), "version": 1, "status": FindingStatus.OPEN, "severity": Severity.MEDIUM,
        "severity_rank": 3, "kind": Kind.SCA, "title": "t", "rule_id": "CVE-2024-1", "scanners": ["trivy"],
        "identifiers": ["CVE-2024-1"], "cwes": [], "refs": ["main"], "package": "log4j", "purl": "pkg:maven/log4j@1",
        "path": "tests/a.py", "location": None, "fix_action": None, "terms": "", "facts": "{}", "published_at": None,
        "first_seen_at": NOW, "opened_at": NOW, "resolved_at": None, "clock": 0,
    }  # fmt: skip
    return Finding(**{**values, **given})


def covers(selector, found=None, now=NOW, asset=SHOP, **given):
    entry = Exemption.model_validate({**yaml.safe_load(GOOD), "selector": selector, **given})
    return Exemptions([entry]).of_asset(asset, AcceptancePolicy()).covering(found or finding(), now) == "one"


@pytest.mark.parametrize(
    "selector",
    [
        {"asset": "repo:*"},
        {"rule": "CVE-2024-*"},
        {"identifier": "CVE-2024-1"},
        {"path": "tests/**"},
        {"package": "pkg:maven/*"},
        {"scanner": "trivy", "severity_max": "medium"},
        {"asset": SHOP, "class": ["track"], "path": "*.py"},
    ],
)
def test_what_a_selector_means(selector):
    assert covers(selector)


@pytest.mark.parametrize(
    "selector",
    [
        {"asset": "image:*"},
        {"rule": "CVE-2023-*"},
        {"identifier": "CVE-2024-10"},
        {"path": "src/**"},
        {"package": "pkg:npm/*"},
        {"scanner": "grype"},
        {"scanner": "trivy", "severity_max": "low"},
        {"asset": SHOP, "class": ["attend"]},
        {"findings": [str(uuid4())]},
        {"asset": SHOP, "path": "src/**"},
    ],
)
def test_what_a_selector_does_not_mean(selector):
    assert not covers(selector)


def test_a_severity_that_nobody_could_tell_is_not_covered_by_a_limit():
    assert not covers({"asset": SHOP, "severity_max": "critical"}, finding(severity=Severity.UNKNOWN, severity_rank=0))


def test_it_holds_from_its_first_day_to_its_end_and_never_longer_than_the_policy_allows():
    whole = {"selector": {"asset": SHOP}, "controls": ["a firewall"]}
    begin, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    assert [covers(**whole, now=at) for at in (begin - tick, begin, end - tick, end)] == [False, True, True, False]
    act = finding(risk_class=RiskClass.ACT)
    thirty = begin + timedelta(days=30)
    assert [covers(**whole, found=act, now=at) for at in (thirty - tick, thirty)] == [True, False]
    assert not covers({"asset": SHOP}, act, now=begin)
