"""Evidence as an outside client pushes it: it moves findings, excuses them, and proves that a practice is followed."""

import json
import time

import pytest
from tests.e2e.test_line import asset, sarif
from tests.e2e.test_replay import sluice

PAD = "pkg:npm/left-pad@1.3.0"


def bill(*cves):
    """A bill of materials with one vulnerable package."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "metadata": {"timestamp": "2026-01-01T00:00:00Z"},
        "components": [
            {"bom-ref": "pad", "type": "library", "name": "left-pad", "version": "1.3.0", "purl": PAD},
        ],
        "vulnerabilities": [
            {"id": cve, "ratings": [{"severity": "high"}], "affects": [{"ref": "pad"}]} for cve in cves
        ],
    }


def statement(cve, status="not_affected", at="2026-01-02T00:00:00Z", name="1"):
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": f"https://acme.io/vex/{name}",
        "author": "Acme PSIRT",
        "timestamp": at,
        "version": 1,
        "statements": [{"vulnerability": {"name": cve}, "products": [{"@id": PAD}], "status": status}],
    }


def push(platform, tmp_path, kind, content, key):
    file = tmp_path / "evidence"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    done = sluice(platform, "push", str(file), "--asset", key, "--evidence", kind, "--wait")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def decided(platform, key):
    return {name: f["decision"] for f in platform.findings(key) for name in f["identifiers"]}


def eventually(holds):
    for _ in range(100):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to be within ten seconds")


def test_codeowners_give_findings_to_their_team(platform, tmp_path):
    shop = asset()
    platform.push(sarif("a", "b"), shop)
    code, seen = push(platform, tmp_path, "codeowners", "/src/a.py @acme/pay\n/src/ @acme/nobody\n", shop)
    assert (code, seen["status"], seen["counts"]["unused"]) == (0, "indexed", 1)
    push(platform, tmp_path, "codeowners", "/src/ @acme/nobody\n/src/a.py @acme/pay\n", shop)

    def owners():
        return {f["rule_id"]: f["team"] for f in platform.findings(shop)}

    eventually(lambda: owners() == {"rule/a": "payments", "rule/b": "triage"})


@pytest.mark.parametrize("way", ["evidence", "report"])
def test_vex_excuses_findings_and_a_newer_word_reverts_it(platform, tmp_path, way):
    shop = asset()
    platform.push(bill("CVE-2024-1111", "CVE-2024-2222"), shop)
    if way == "evidence":
        assert push(platform, tmp_path, "vex", statement("CVE-2024-1111"), shop)[1]["status"] == "indexed"
    else:
        assert platform.push(statement("CVE-2024-1111"), shop)["status"] == "indexed"
    eventually(lambda: decided(platform, shop) == {"CVE-2024-1111": "excepted", "CVE-2024-2222": "open"})
    newer = statement("CVE-2024-1111", "under_investigation", "2026-01-03T00:00:00Z", "2")
    push(platform, tmp_path, "vex", newer, shop)
    eventually(lambda: decided(platform, shop) == {"CVE-2024-1111": "open", "CVE-2024-2222": "open"})


def test_what_cannot_be_taken_is_rejected_with_a_reason(platform, tmp_path):
    code, seen = push(platform, tmp_path, "vex", "{}", asset())
    assert (code, seen["status"], seen["reason"]["code"]) == (1, "rejected", "unknown_format")
    wrong = sluice(platform, "push", str(tmp_path / "evidence"), "--asset", asset(), "--evidence", "vex", "--partial")
    assert wrong.returncode == 2


def test_a_bill_of_materials_is_a_proof(platform, tmp_path):
    code, seen = push(platform, tmp_path, "sbom", bill(), asset())
    assert (code, seen["counts"]["entries"]) == (0, 1)
