import json

import pytest
from tests.unit.shared.contracts.export_samples import AT, ID, cve, finding, golden, observation

from sluice_shared.contracts.events import ChangeType, FindingState, FindingStatus
from sluice_shared.contracts.exported import of_observation, of_state
from sluice_shared.contracts.finding import Compliance, Kind, ObservationStatus, ResourceLocation, Severity
from sluice_shared.contracts.ocsf import ocsf_event

BASE = {"activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid", "finding_info"}
REQUIRED = {2002: BASE | {"vulnerabilities"}, 2003: BASE | {"compliance"}, 2004: BASE, 2007: BASE}
"""Attributes that OCSF requires of each class, its base event and its finding included."""

POSTURE_NEEDS_ONE = {"application", "compliance", "remediation", "vulnerabilities"}


def check(event):
    """Assert what the schema requires of a finding's class and of the objects in it."""
    assert event.keys() >= REQUIRED[event["class_uid"]]
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert event["category_uid"] == event["class_uid"] // 1000
    assert isinstance(event["time"], int)
    assert event["severity_id"] in range(6)
    assert event["metadata"].keys() >= {"product", "version"}
    assert event["metadata"]["product"]["vendor_name"]
    assert event["finding_info"]["uid"]
    assert event["finding_info"]["title"]
    if event["class_uid"] == 2007:
        assert event.keys() & POSTURE_NEEDS_ONE
    if event["class_uid"] == 2003:
        assert event["compliance"]["standards"]
    for each in event.get("vulnerabilities", []):
        assert each.keys() & {"advisory", "cve", "cwe"}
        assert all(each[name]["uid"] for name in ("advisory", "cve", "cwe") if name in each)
        assert all({"base_score", "version"} <= score.keys() for score in each.get("cve", {}).get("cvss", []))
        assert all({"name", "version"} <= package.keys() for package in each.get("affected_packages", []))
        assert all({"name", "type_id"} <= code["file"].keys() for code in each.get("affected_code", []))
    assert all(each.keys() & {"name", "uid"} for each in event.get("resources", []))
    assert all(each["desc"] for each in [event.get("remediation")] if each)
    return event


def test_what_every_scanner_says_has_all_that_its_class_requires():
    seen = set()
    for each in golden():
        event = check(ocsf_event(each, at=AT))
        assert json.loads(json.dumps(event)) == event
        seen.add(event["class_uid"])
    assert seen == set(REQUIRED)


@pytest.mark.parametrize(
    ("kind", "class_uid", "name"),
    [
        (Kind.SCA, 2002, "Vulnerability Finding"),
        (Kind.CSPM, 2003, "Compliance Finding"),
        (Kind.MALWARE, 2004, "Detection Finding"),
        (Kind.SAST, 2007, "Application Security Posture Finding"),
        (Kind.SECRET, 2007, "Application Security Posture Finding"),
    ],
)
def test_the_kind_gives_the_class(kind, class_uid, name):
    event = ocsf_event(finding(observation(kind=kind)), at=AT)
    assert (event["class_uid"], event["class_name"]) == (class_uid, name)


def test_every_kind_has_a_class():
    for kind in Kind:
        check(ocsf_event(of_observation(observation(kind=kind, identifiers=[], cwes=[])), at=AT))


def test_a_vulnerability_keeps_its_scores_and_its_advisory():
    event = ocsf_event(finding(cve(7.5)), at=AT)
    (vulnerability,) = event["vulnerabilities"]
    assert vulnerability["cve"]["uid"] == "CVE-2024-1"
    assert vulnerability["cve"]["cvss"][0]["base_score"] == 7.5
    assert vulnerability["cve"]["cvss"][0]["version"] == "3.1"
    assert vulnerability["advisory"] == {"uid": "GHSA-A"}
    assert vulnerability["affected_code"][0]["file"]["path"] == "src/a b.py"


def test_a_check_names_its_standards_and_its_resource():
    checked = observation(
        kind=Kind.CSPM,
        compliance=[Compliance(standard="CIS 1.4", control="2.1"), Compliance(standard="CIS 1.4", control="2.2")],
        location=ResourceLocation(resource="arn:aws:s3:::logs", region="eu-west-1", account="1", provider="aws"),
    )
    event = ocsf_event(finding(checked), at=AT)
    assert event["compliance"]["standards"] == ["CIS 1.4"]
    assert event["compliance"]["requirements"] == ["2.1", "2.2"]
    assert event["compliance"]["status"] == "Fail"
    assert event["resources"][1]["uid"] == "arn:aws:s3:::logs"


def test_a_resolved_finding_closes():
    event = ocsf_event(finding(status=FindingStatus.RESOLVED, resolved_at=AT), at=AT)
    assert (event["activity_name"], event["status"], event["type_uid"]) == ("Close", "Resolved", 200703)
    assert event["time"] == 1772359200000


def test_the_state_of_a_finding_is_exported_with_the_worst_that_is_said():
    low, high = observation(severity=Severity.LOW, scanner="bandit"), observation()
    state = FindingState(
        finding_id=ID,
        version=1,
        change=ChangeType.OPENED,
        status=FindingStatus.OPEN,
        severity=Severity.HIGH,
        first_seen_at=AT,
        opened_at=AT,
        observations=[low, high],
    )
    exported = of_state(state, "repo:acme/shop")
    assert exported is not None
    event = check(ocsf_event(exported, at=AT))
    assert event["finding_info"]["uid"] == ID
    assert event["finding_info"]["data_sources"] == ["bandit", "semgrep"]
    assert event["finding_info"]["product"]["uid"] == "semgrep"
    assert of_state(state.model_copy(update={"observations": []}), "a") is None


def test_what_is_no_finding_yet_has_an_id_that_stays():
    one, again = (ocsf_event(of_observation(observation()), at=AT) for _ in range(2))
    other = ocsf_event(of_observation(observation(rule_id="x")), at=AT)
    assert one["finding_info"]["uid"] == again["finding_info"]["uid"] != other["finding_info"]["uid"]


def test_what_is_suppressed_says_so():
    event = ocsf_event(of_observation(observation(status=ObservationStatus.SUPPRESSED)), at=AT)
    assert event["status"] == "Suppressed"
