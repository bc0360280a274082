"""The line as an outside client sees it: reports in over HTTP, findings and alerts out."""

import concurrent.futures
import gzip
import json
import time
import uuid

import pytest


def asset():
    return f"repo:github.com/acme/{uuid.uuid4().hex[:12]}"


def sarif(*names, tool="LineTool", level="warning", at=None, shift=0, successful=True):
    """A SARIF report with one result a name; the name is in the rule, the path and the snippet."""
    results = [
        {
            "ruleId": f"rule/{name}",
            "level": level,
            "message": {"text": f"{name} is a problem"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": f"src/{name}.py"},
                        "region": {"startLine": 10 + shift, "snippet": {"text": f"call_{name}()"}},
                    }
                }
            ],
        }
        for name in names
    ]
    invocation = {"executionSuccessful": successful, **({"endTimeUtc": at} if at else {})}
    run = {"tool": {"driver": {"name": tool, "version": "1.0"}}, "invocations": [invocation], "results": results}
    return {"version": "2.1.0", "runs": [run]}


def changes(report):
    assert report["status"] == "indexed", report
    return {
        k: v for k, v in report["counts"].items() if v and k in {"new", "reopened", "resolved", "updated", "unchanged"}
    }


def rules(findings):
    return sorted(f["rule_id"].removeprefix("rule/") for f in findings)


def test_new_findings_are_indexed_scored_and_owned(platform):
    shop = asset()
    report = platform.push(sarif("a", "b"), shop)
    assert changes(report) == {"new": 2}
    assert report["counts"]["observations"] == 2
    findings = platform.findings(shop)
    assert rules(findings) == ["a", "b"]
    assert all(0 < f["score"] <= 100 and f["team"] and f["class"] for f in findings)
    with platform.client("risk-index") as index:
        whole = index.get(f"/v1/findings/{findings[0]['id']}").json()
    assert {"score_factors", "keys", "history", "observations"} <= whole.keys()


def test_the_same_report_twice_changes_nothing(platform):
    shop = asset()
    platform.push(sarif("a", "b"), shop)
    assert changes(platform.push(sarif("a", "b"), shop)) == {"unchanged": 2}
    assert len(platform.findings(shop, status="open,resolved")) == 2


def test_a_report_without_one_finding_resolves_exactly_that_one(platform):
    shop = asset()
    platform.push(sarif("a", "b", "c"), shop)
    assert changes(platform.push(sarif("a", "c"), shop)) == {"resolved": 1, "unchanged": 2}
    assert rules(platform.findings(shop)) == ["a", "c"]
    assert rules(platform.findings(shop, status="resolved")) == ["b"]


def test_a_finding_that_returns_is_reopened_with_its_history(platform):
    shop = asset()
    platform.push(sarif("a"), shop)
    (before,) = platform.findings(shop)
    platform.push(sarif(), shop)
    assert changes(platform.push(sarif("a", shift=7), shop)) == {"reopened": 1}
    (after,) = platform.findings(shop)
    assert after["id"] == before["id"]
    assert after["first_seen_at"] == before["first_seen_at"]


def test_a_shifted_line_is_the_same_finding(platform):
    shop = asset()
    platform.push(sarif("a"), shop)
    assert changes(platform.push(sarif("a", shift=7), shop)) == {"updated": 1}


def test_an_older_scan_that_arrives_late_changes_nothing_that_is_open(platform):
    shop = asset()
    platform.push(sarif("new", at="2026-03-02T00:00:00Z"), shop)
    platform.push(sarif("old", at="2026-03-01T00:00:00Z"), shop)
    assert rules(platform.findings(shop)) == ["new"]


def test_a_failed_scan_resolves_nothing(platform):
    shop = asset()
    platform.push(sarif("a", "b"), shop)
    assert "resolved" not in changes(platform.push(sarif("a", successful=False), shop))
    assert rules(platform.findings(shop)) == ["a", "b"]


def test_a_partial_scan_resolves_nothing(platform):
    shop = asset()
    platform.push(sarif("a", "b"), shop)
    assert changes(platform.push(sarif("c"), shop, complete="false")) == {"new": 1}
    assert rules(platform.findings(shop)) == ["a", "b", "c"]


def test_another_scanner_resolves_nothing(platform):
    shop = asset()
    platform.push(sarif("a"), shop)
    platform.push(sarif(tool="OtherTool"), shop)
    assert rules(platform.findings(shop)) == ["a"]


def test_a_delivery_that_comes_twice_is_one_report(platform):
    body, shop, key = json.dumps(sarif("a")), asset(), str(uuid.uuid4())

    def deliver(_):
        with platform.client("ingest") as ingest:
            answer = ingest.post("/v1/reports", params={"asset": shop}, content=body, headers={"Idempotency-Key": key})
            assert answer.status_code == 202
            return answer.json()["report_id"]

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(deliver, range(8)))
    assert len(ids) == 1
    with platform.client("ingest") as ingest:
        report = platform.await_report(ingest, ids.pop())
    assert changes(report) == {"new": 1}


def test_a_compressed_report_is_taken(platform):
    body = gzip.compress(json.dumps(sarif("a")).encode())
    with platform.client("ingest") as ingest:
        answer = ingest.post(
            "/v1/reports", params={"asset": asset()}, content=body, headers={"Content-Encoding": "gzip"}
        )
        assert platform.await_report(ingest, answer.json()["report_id"])["counts"]["new"] == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"this is no report", "malformed"),
        (b'{"version": "2.1.0", "runs": [{"tool"', "truncated"),
        (b'{"hello": "world"}', "unknown_format"),
        (b"\x00\x01\x02\x03" * 64, "not_text"),
    ],
)
def test_what_only_parsing_can_tell_is_rejected_with_a_reason(platform, body, reason):
    report = platform.push(body, asset())
    assert report["status"] == "rejected"
    assert report["reason"]["code"] in {reason, "unknown_format"}
    assert report["reason"]["detail"]


def test_a_rejected_report_resolves_nothing(platform):
    shop = asset()
    platform.push(sarif("a"), shop)
    platform.push(b"{", shop)
    assert rules(platform.findings(shop)) == ["a"]


def test_a_report_with_no_findings_is_no_error(platform):
    assert platform.push(sarif(), asset())["counts"]["observations"] == 0


def test_the_gate_tells_what_a_branch_adds(platform):
    shop = asset()
    platform.push(sarif("a", level="error"), shop, ref="main")
    platform.push(sarif("a", "b", level="error"), shop, ref="feature")
    with platform.client("risk-index") as index:
        gate = index.get("/v1/gate", params={"asset": shop, "ref": "feature", "base": "main"}).json()
        same = index.get("/v1/gate", params={"asset": shop, "ref": "main", "base": "main"}).json()
        never = index.get("/v1/gate", params={"asset": shop, "ref": "never-scanned", "base": "main"}).json()
    assert gate["verdict"] == "fail"
    assert same["verdict"] == "pass"
    assert never["verdict"] == "missing"


def test_a_pipeline_asks_the_gate(platform, tmp_path):
    shop, log = asset(), tmp_path / "new.sarif"
    platform.push(sarif("a", level="error"), shop, ref="main")
    platform.push(sarif("a", "b", level="error"), shop, ref="feature")
    failed = platform.sluice("gate", "--asset", shop, "--ref", "feature", "--base", "main", "--sarif", log, "--json")
    assert (failed.returncode, json.loads(failed.stdout)["verdict"]) == (1, "fail")
    (run,) = json.loads(log.read_text())["runs"]
    assert [(result["ruleId"], result["baselineState"]) for result in run["results"]] == [("linetool/rule/b", "new")]
    assert platform.sluice("gate", "--asset", shop, "--ref", "main").returncode == 0
    missing = platform.sluice("gate", "--asset", shop, "--ref", "never", "--markdown")
    assert missing.returncode == 4
    assert "missing" in missing.stdout
    platform.push(sarif("a", at="2020-01-01T00:00:00Z"), shop, ref="old")
    stale = platform.sluice("gate", "--asset", shop, "--ref", "old")
    assert stale.returncode == 4
    assert "scan again" in stale.stdout
    everything = platform.sluice("gate", "--asset", shop, "--ref", "main", "--count", "total")
    assert everything.returncode == 1
    nowhere = platform.sluice("gate", "--asset", shop, "--ref", "main", "--sarif", tmp_path / "no" / "folder")
    assert nowhere.returncode == 2


def test_a_deadline_warns_then_breaks_and_each_alert_arrives_once(platform):
    shop = asset()
    platform.push(sarif("late", level="error"), shop)
    (finding,) = platform.findings(shop)

    def levels():
        return [a["level"] for a in platform.receiver.alerts() if a["finding_id"] == finding["id"]]

    end = time.monotonic() + 40
    while not {"warned", "breached"} <= set(levels()):
        assert time.monotonic() < end, levels()
        time.sleep(0.2)
    time.sleep(2)
    assert sorted(levels()) == ["breached", "warned"]
    assert [f["sla_state"] for f in platform.findings(shop)] == ["breached"]


def test_every_service_shows_its_metrics(platform):
    for service in platform.urls:
        with platform.client(service) as client:
            text = client.get("/metrics").text
        assert "sluice_http_requests_total" in text
    with platform.client("ingest") as ingest:
        assert 'sluice_reports_total{scanner="linetool",status="indexed"}' in ingest.get("/metrics").text


def test_a_token_may_push_only_its_own_assets(platform):
    with platform.client("ingest") as ingest:
        made = ingest.post(
            "/v1/tokens", json={"name": "narrow", "scopes": ["push"], "assets": ["repo:github.com/acme/*"]}
        )
        assert made.status_code == 201
        headers = {"Authorization": f"Bearer {made.json()['token']}"}
        foreign = ingest.post("/v1/reports", params={"asset": "repo:github.com/evil/x"}, content=b"{}", headers=headers)
        assert foreign.status_code == 403
        assert foreign.headers["content-type"] == "application/problem+json"
        unknown = ingest.post(
            "/v1/reports", params={"asset": asset()}, content=b"{}", headers={"Authorization": "Bearer slu_nobody"}
        )
        assert unknown.status_code == 401
