"""The corpus command: it believes the raw file, and it does not let a difference pass unexplained."""

import json

import pytest

from sluice_normaliser import corpus, golden
from sluice_normaliser.corpus.facts import Facts
from sluice_normaliser.corpus.said import Said
from sluice_shared.contracts.finding import Observation


@pytest.fixture
def folder(tmp_path):
    """A corpus of one report, with room for what is expected of it."""
    (tmp_path / "reports" / "bandit").mkdir(parents=True)
    source = golden.folder("bandit") / "samples" / "findings.json"
    (tmp_path / "reports" / "bandit" / "findings.json").write_bytes(source.read_bytes())

    def expect(**changes):
        entry = {
            "tool": "bandit",
            "file": "bandit/findings.json",
            "kind": "report",
            "occurrences": 4,
            "reference_count": 4,
            "cves": [],
            "other_vuln_ids": [],
            "cwes": [78, 327],
            "components": [],
            "paths": ["app/shop.py"],
            "path_lines": ["app/shop.py:8"],
            "hosts": [],
            **changes,
        }
        other = {**entry, "tool": "no_such_tool"}
        (tmp_path / "expectations.json").write_text(json.dumps([entry, other]))
        return tmp_path

    return expect


def test_a_report_that_is_read_whole_passes(folder, capsys):
    assert corpus.main([str(folder())]) == 0
    shown = capsys.readouterr().out
    assert "not implemented (1 tools, 1 reports): no_such_tool" in shown
    assert "bandit" in shown


def test_a_count_that_differs_fails(folder, capsys):
    assert corpus.main([str(folder(occurrences=5))]) == 1
    assert "4 observations instead of 5" in capsys.readouterr().out


def test_what_is_missed_is_told_but_does_not_fail(folder, capsys):
    assert corpus.main([str(folder(cwes=[78, 327], path_lines=["app/shop.py:3"]))]) == 0
    shown = capsys.readouterr().out
    assert "misses lines: app/shop.py:3" in shown


def test_a_report_that_must_be_refused_and_is_not_fails(folder):
    assert corpus.main([str(folder(kind="negative"))]) == 1


def test_what_the_report_does_not_say_is_no_miss(folder, capsys):
    assert corpus.main([str(folder(cwes=[1035], tier="A1"))]) == 0
    shown = capsys.readouterr().out
    assert "not in the report: cwes: 1035" in shown
    assert "misses" not in shown
    assert "tier A1: 1/1 = 100.0 % of reports have the expected count or an explained one" in shown
    assert "cwes none (1 not in the report)" in shown


def test_what_the_report_says_is_a_miss_that_lowers_the_recall(folder, capsys):
    assert corpus.main([str(folder(path_lines=["app/shop.py:8", "app/shop.py:3"], tier="A1"))]) == 0
    assert "lines 1/2 = 50.0 % ← below" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("measure", "value", "holds"),
    [
        ("cwes", 79, True),
        ("cwes", 7, False),
        ("identifiers", "CVE-2026-0001", True),
        ("identifiers", "C", False),
        ("paths", "src/a b.py", True),
        ("paths", "web > shop", True),
        ("lines", "src/a b.py:12", True),
        ("lines", "src/a b.py:13", False),
        ("components", "shop@1.2", True),
        ("components", "shop@1.3", False),
        ("hosts", "//db.example.com", True),
    ],
)
def test_a_report_says_what_stands_in_it_whatever_its_escapes(measure, value, holds):
    body = (
        rb'{"cwe": "CWE-79.", "id": "CVE-2026-0001", "file": "src\/a\u0020b.py", "line": 12, "from": ["web", "shop"],'
    )
    assert Said(body + b'"version": "1.2", "host": "db.example.com"}').says(measure, value) is holds


def _package(**fields):
    return [
        Observation(
            scanner="a", kind="sca", rule_id="r", title="t", location={"type": "package", "name": "xz", **fields}
        )
    ]


@pytest.mark.parametrize(
    ("measure", "value", "fields"),
    [
        ("components", "golang/github.com/ulikunitz/xz@v0.5.9", {"version": "v0.5.9"}),
        ("components", "deb://debian:stretch:xz:2:1.6", {"version": "2:1.6"}),
        ("paths", "pkg:npm/xz@1.0.0", {"purl": "pkg:npm/xz@1.0.0", "version": "1.0.0"}),
        ("paths", "web > http > xz", {"dependency_path": ["web@1", "http@2"]}),
        ("paths", "ubuntu:20.04 (ubuntu 20.04)", {"image": {"name": "docker.io/library/ubuntu", "tag": "20.04"}}),
    ],
)
def test_a_package_is_found_in_the_shapes_of_the_reference(measure, value, fields):
    assert Facts(_package(**fields)).has(measure, value)


def test_another_version_is_another_package():
    assert not Facts(_package(version="1.0")).has("components", "xz@1.1")
