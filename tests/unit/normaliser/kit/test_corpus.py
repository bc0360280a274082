"""The corpus command: it believes the raw file, and it does not let a difference pass unexplained."""

import json

import pytest

from sluice_normaliser import corpus, golden


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
    assert "not implemented (1): no_such_tool" in shown
    assert "bandit" in shown


def test_a_count_that_differs_fails(folder, capsys):
    assert corpus.main([str(folder(occurrences=5))]) == 1
    assert "4 observations instead of 5" in capsys.readouterr().out


def test_what_is_missed_is_told_but_does_not_fail(folder, capsys):
    assert corpus.main([str(folder(cwes=[79], path_lines=["app/other.py:1"]))]) == 0
    shown = capsys.readouterr().out
    assert "misses cwes: 79" in shown
    assert "misses lines: app/other.py:1" in shown


def test_a_report_that_must_be_refused_and_is_not_fails(folder):
    assert corpus.main([str(folder(kind="negative"))]) == 1
