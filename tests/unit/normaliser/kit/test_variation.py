"""What other versions of a tool may leave out, tried field by field."""

import json
from pathlib import Path

import pytest

from sluice_normaliser.corpus import variation


def bodies(report: bytes) -> dict[str, bytes]:
    return {each.what: each.body for each in variation.vary(report)}


def test_each_field_of_json_is_left_out_emptied_and_written_otherwise() -> None:
    varied = bodies(b'{"issues": [{"line": 3, "cwe": ["79"]}, {"line": 4}]}')
    assert json.loads(varied["issues.[].line: left out"]) == {"issues": [{"cwe": ["79"]}, {}]}
    assert json.loads(varied["issues.[].line: number as text"])["issues"][1] == {"line": "4"}
    assert json.loads(varied["issues.[].cwe: one not in a list"])["issues"][0] == {"line": 3, "cwe": "79"}
    assert json.loads(varied["issues: null"]) == {"issues": None}
    assert json.loads(varied["issues: empty"]) == {"issues": []}


def test_json_lines_stay_lines() -> None:
    varied = bodies(b'{"id": "a", "x": 1}\n{"id": "b"}\n')
    assert varied["x: left out"].splitlines() == [b'{"id": "a"}', b'{"id": "b"}']


def test_elements_and_attributes_of_xml_are_varied() -> None:
    varied = bodies(b'<r><i id="1"><t>x</t></i><i id="2"/></r>')
    assert varied["i.@id: left out"] == b"<r><i><t>x</t></i><i /></r>"
    assert varied["i.t: empty"] == b'<r><i id="1"><t /></i><i id="2" /></r>'


def test_columns_of_csv_are_varied() -> None:
    varied = bodies(b"Name,CVE,Risk\r\na,1,High\r\n")
    assert varied["CVE: left out"] == b"Name,Risk\r\na,High\r\n"
    assert varied["CVE: empty"] == b"Name,CVE,Risk\r\na,,High\r\n"


def test_only_what_changes_the_outcome_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = {
        "errors": [],
        "results": [{"check_id": "a.b", "path": "x.py", "start": {"line": 1}, "extra": {"message": "m"}}],
    }
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "one.json").write_text(json.dumps(report), "utf-8")
    entry = {"tool": "semgrep", "kind": "report", "file": "one.json"}
    (tmp_path / "expectations.json").write_text(json.dumps([entry]), "utf-8")
    assert variation.main([str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "results.[].check_id: left out" in told
    assert "message" not in told
