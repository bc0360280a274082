"""``sluice identity`` over the running platform: an asset is renamed, and a change of keys is planned."""

import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

from tests.e2e.test_line import sarif


def identity(platform, *arguments, as_json=True):
    return subprocess.run(
        [Path(sys.executable).with_name("sluice"), "identity", *arguments, *(["--json"] if as_json else [])],
        env={**os.environ, "SLUICE_URL": platform.urls["ingest"], "SLUICE_TOKEN": platform.token},
        capture_output=True,
        text=True,
        check=False,
    )


def told(platform, *arguments):
    done = identity(platform, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def new_key():
    return f"repo:github.com/acme/{uuid.uuid4().hex[:12]}"


def shown(platform, asset, called):
    """The findings of an asset, once they are shown under a key."""
    for _ in range(100):
        items = platform.findings(asset)
        if items and {item["asset"] for item in items} == {called}:
            return {item["id"]: item["status"] for item in items}
        time.sleep(0.1)
    raise AssertionError(f"{asset} is not called {called} after ten seconds")


def test_given_a_renamed_asset_then_reports_and_questions_under_both_keys_are_about_the_same_findings(platform):
    old, new = new_key(), new_key()
    platform.push(sarif("a", "b"), old, ref="main")
    before = shown(platform, old, old)
    renamed = told(platform, "rename", old, new, "--reason", "the repository moved")
    assert (renamed["asset"], renamed["aliases"], renamed["absorbed"]) == (new, [old], None)
    assert shown(platform, new, new) == shown(platform, old, new) == before
    for key in (new, old):
        counts = platform.push(sarif("a", "b", shift=3), key, ref="main")["counts"]
        assert (counts["new"], counts["resolved"]) == (0, 0)
    assert shown(platform, new, new) == before
    with platform.client("risk-index") as index:
        gates = [index.get("/v1/gate", params={"asset": key, "ref": "main"}).json() for key in (old, new)]
    assert [gate["verdict"] for gate in gates] == ["pass", "pass"]
    asked = told(platform, "asset", old)
    assert [(row["was"], row["now"], row["reason"]) for row in asked["renames"]] == [(old, new, "the repository moved")]


def test_what_cannot_be_renamed_is_told_in_one_sentence(platform):
    old, new = new_key(), new_key()
    for arguments, sentence in (
        ((old, new), f"no report has spoken of an asset '{old}'"),
        ((old, "image:registry.acme.io/shop"), "are assets of two types"),
        ((old, "shop"), "'shop' is no asset key"),
    ):
        done = identity(platform, "rename", *arguments, "--reason", "moved")
        assert done.returncode == 3
        assert sentence in done.stderr


def test_a_change_of_keys_is_planned_over_one_asset_and_over_all(platform):
    asset = new_key()
    platform.push(sarif("a", "b"), asset)
    one = told(platform, "plan", "--off", "snippet/1", "--asset", asset)
    assert (one["off"], one["counts"]["assets"], one["counts"]["results"]) == (["snippet/1"], 1, 2)
    assert (one["counts"]["joins"], one["counts"]["parts"]) == (0, 0)
    everything = told(platform, "plan", "--off", "snippet/1")
    assert everything["counts"]["assets"] >= 1
    done = identity(platform, "plan", "--off", "snippet/1", "--asset", asset, as_json=False)
    assert done.returncode == 0, done.stderr
    assert "switched off  snippet/1" in done.stdout
    nothing = identity(platform, "plan")
    assert nothing.returncode == 3
    assert "no key algorithm is on trial" in nothing.stderr
    unknown = identity(platform, "plan", "--on", "snippet/9")
    assert "'snippet/9' is no key algorithm; there are vendor/1" in unknown.stderr
    with platform.client("normaliser") as normaliser:
        states = {row["algorithm"]: row["state"] for row in normaliser.get("/v1/identity/algorithms").json()}
    assert set(states.values()) == {"on"}
    assert "shared-control/1" in states
