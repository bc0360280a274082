"""Sluice findings JSON: its published schema, and what it does with what tools write."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sluice_normaliser import golden
from sluice_normaliser.kit import ParseContext, ReportError, parse_report
from sluice_shared.contracts.finding import Kind, Observation, Severity
from sluice_shared.contracts.schemas import json_schema
from sluice_shared.contracts.sluice_findings import FINDINGS_FILE, SluiceFindings

SCHEMA = json.loads((Path(__file__).parents[4] / "docs" / "schemas" / FINDINGS_FILE).read_text(encoding="utf-8"))
GOOD = [sample for sample in golden.samples("sluice") if sample.name != "untitled.json"]


def parse(*findings, **report):
    body = {"sluice": 1, "scanner": {"id": "house-audit"}, "findings": list(findings), **report}
    return parse_report(json.dumps(body).encode(), ParseContext(secret_key=b"k")).scans[0]


def test_the_published_schema_is_that_of_the_contract():
    assert json_schema(SluiceFindings, FINDINGS_FILE) == SCHEMA


@pytest.mark.parametrize("sample", GOOD, ids=lambda sample: sample.name)
def test_samples_are_valid_by_the_published_schema(sample):
    Draft202012Validator(SCHEMA).validate(json.loads(sample.read_bytes()))


def test_a_finding_without_a_title_is_invalid_by_the_schema_and_refused_with_its_place():
    report = {"sluice": 1, "scanner": {"id": "a"}, "findings": [{"title": "x"}, {"severity": "high"}]}
    assert not Draft202012Validator(SCHEMA).is_valid(report)
    with pytest.raises(ReportError, match=r"findings\.1\.title"):
        parse_report(json.dumps(report).encode(), ParseContext(secret_key=b"k"))


def test_a_finding_may_have_every_field_of_an_observation_but_those_of_the_report():
    fields = SCHEMA["$defs"]["ReportedFinding"]["properties"]
    assert set(Observation.model_fields) - set(fields) == {"scanner", "scanner_name", "scanner_version", "format"}


def test_a_title_is_enough():
    (observation,) = parse({"title": "Door is open"}).observations
    assert (observation.scanner, observation.kind, observation.rule_id) == ("house-audit", Kind.OTHER, "door_is_open")
    assert observation.severity is Severity.UNKNOWN


def test_a_secret_leaves_only_its_digest_and_a_preview():
    (observation,) = parse({"title": "k", "kind": "secret", "secret_value": "kJ8sd93kLs02mNb4"}).observations
    assert "kJ8sd93kLs02mNb4" not in observation.model_dump_json()
    assert observation.secret.digest
    assert observation.secret.preview == "kJ8s***"


def test_a_failed_run_resolves_nothing():
    scan = parse(scan={"failure": "no route"})
    assert (scan.successful, scan.failure) == (False, "no route")


def test_what_a_newer_writer_adds_is_kept():
    (observation,) = parse({"title": "x", "novelty": 7}).observations
    assert observation.unmapped == {"novelty": 7}
