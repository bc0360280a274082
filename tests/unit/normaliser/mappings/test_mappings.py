import json
from pathlib import Path

import pytest

from sluice_normaliser.kit import ParseContext, ParsedReport, ReportError, declare, detect, parse_report
from sluice_normaliser.mappings import read_folder
from sluice_shared.contracts.events import RejectReason
from sluice_shared.contracts.finding import (
    CodeLocation,
    HostLocation,
    Kind,
    ObservationStatus,
    PackageLocation,
    Severity,
)

EXAMPLE = Path(__file__).parents[4] / "deploy" / "config"
KEY = b"a key for tests only"
SECRET = "AKIAIOSFODNN7EXAMPLF"
REVIEW = {
    "review": {
        "tool": "house-review",
        "version": "3.1",
        "finished": "2026-03-01T10:00:00Z",
        "findings": [
            {
                "type": "bug",
                "rule": "HR1",
                "summary": "SQL built from text",
                "details": "The query is joined.",
                "impact": "All rows can be read.",
                "urgency": "P1",
                "state": "waived",
                "cve": "CVE-2024-1234",
                "house_id": "H-9",
                "cwe": "CWE-89",
                "file": "src/a.py",
                "line": 4,
                "advice": "bind",
                "labels": [{"name": "db", "colour": "red"}],
                "odd": {"x": 1},
            },
            {
                "type": "secret",
                "rule": "aws",
                "summary": f"key {SECRET}",
                "urgency": "P9",
                "file": "b.py",
                "found": SECRET,
            },
        ],
    }
}


def read(folder: Path, body: str | bytes, scanner: str | None = None) -> ParsedReport:
    declare(read_folder(folder).specs)
    raw = body if isinstance(body, bytes) else body.encode()
    return parse_report(raw, ParseContext(secret_key=KEY, scanner=scanner))


def test_the_example_is_recognised_and_read_as_a_folder_would_be():
    report = read(EXAMPLE, json.dumps(REVIEW))
    assert (report.scanner, report.format) == ("house_review", "house-review-1")
    bug, key = report.observations
    assert (bug.kind, bug.rule_id, bug.severity, bug.scanner_severity) == (Kind.SAST, "HR1", Severity.HIGH, "P1")
    assert (bug.status, bug.scanner_status) == (ObservationStatus.SUPPRESSED, "waived")
    assert {(i.type, i.value) for i in bug.identifiers} >= {("cve", "CVE-2024-1234"), ("house", "H-9")}
    assert bug.cwes == [89]
    assert bug.location == CodeLocation(path="src/a.py", start_line=4)
    assert bug.description == "The query is joined.\n\nImpact:\nAll rows can be read."
    assert bug.tags == ["db"]
    assert report.scans[0].scanner_version == "3.1"
    assert (key.severity, key.scanner_severity) == (Severity.UNKNOWN, "P9")


def test_what_no_field_takes_stays_under_unmapped():
    bug = read(EXAMPLE, json.dumps(REVIEW)).observations[0]
    assert bug.unmapped == {"labels": [{"colour": "red"}], "odd": {"x": 1}}


def test_a_secret_is_blotted_out_everywhere():
    report = read(EXAMPLE, json.dumps(REVIEW))
    assert all(SECRET not in each.model_dump_json() for each in report.observations)
    secret = report.observations[1].secret
    assert secret is not None
    assert secret.digest


def test_a_scanner_of_ones_own_can_be_named_and_mistaken():
    assert read(EXAMPLE, json.dumps(REVIEW), scanner="house-review").scanner == "house_review"
    with pytest.raises(ReportError) as caught:
        read(EXAMPLE, '{"errors": [], "results": []}', scanner="house_review")
    assert caught.value.reason is RejectReason.SCHEMA


def test_without_the_mapping_nothing_knows_the_report():
    declare(())
    with pytest.raises(ReportError) as caught:
        detect(json.dumps(REVIEW).encode())
    assert caught.value.reason is RejectReason.UNKNOWN_FORMAT


def test_csv_and_jmespath_over_a_row(write):
    folder = write("""
        name: acme
        title: Acme
        formats:
          - container: csv
            detect: {columns: [Acme Id, Library, Level]}
            maps:
              - kind: sca
                rule_id: Acme Id
                title: {template: "{Acme Id} in {Library}"}
                severity: {by: Level, table: 1-5}
                location: {package: {name: Library, version: Installed, ecosystem: {const: npm}}}
                fix: {fixed_versions: {split: Fixed, separator: ;}}
                tags: {jmespath: "[Team, 'acme']"}
        """)
    body = "Acme Id,Library,Installed,Fixed,Level,Team,Note\nA-1,lodash,4.17.20,4.17.21;5.0.0,4,core,later\n"
    (only,) = read(folder, body).observations
    assert only.title == "A-1 in lodash"
    assert only.severity is Severity.HIGH
    assert isinstance(only.location, PackageLocation)
    assert only.location.purl == "pkg:npm/lodash@4.17.20"
    assert only.fix is not None
    assert only.fix.fixed_versions == ["4.17.21", "5.0.0"]
    assert only.tags == ["core", "acme"]
    assert only.unmapped == {"Note": "later"}


def test_xml_records_below_a_host(write):
    folder = write("""
        name: acme
        title: Acme
        formats:
          - container: xml
            detect: {root: AcmeScan, has: [Host]}
            records: Host
            maps:
              - each: Issue[]
                kind: host
                rule_id: "@id"
                title: Name
                severity: Risk
                location: {host: {host: ^.@name, port: "@port"}}
                evidence: {output: Output}
                ratings: {source: {const: acme}, vector: Vector}
        """)
    body = (
        '<AcmeScan><Host name="h1"><Issue id="7" port="443"><Name>Old TLS</Name><Risk>High</Risk>'
        "<Output>TLSv1</Output><Vector>CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N</Vector></Issue></Host></AcmeScan>"
    )
    (only,) = read(folder, body).observations
    assert only.location == HostLocation(host="h1", port=443)
    assert only.evidence[0].text == "TLSv1"
    assert only.ratings[0].score == 7.5


def test_groups_and_json_lines(write):
    folder = write("""
        name: acme
        title: Acme
        trivial: {"": clean}
        formats:
          - container: jsonl
            detect: {has: ["[].acme_image"]}
            maps:
              - each: "[]"
                maps:
                  - each: issues[]
                    kind: container
                    rule_id: id
                    severity: level
                    location: {package: {name: pkg, image: {image: {name: ^.acme_image}}}}
        """)
    lines = '{"acme_image": "a:1", "issues": [{"id": "x", "pkg": "zlib", "level": "low"}]}\n{"acme_image": "b:1"}\n'
    (only,) = read(folder, lines).observations
    assert isinstance(only.location, PackageLocation)
    assert only.location.image is not None
    assert only.location.image.name == "a:1"
    assert read(folder, "", scanner="acme").observations == []


def test_a_filter_takes_only_a_part_so_the_rest_stays(write):
    folder = write("""
        name: acme
        title: Acme
        formats:
          - detect: {has: [acme_issues]}
            maps:
              - each: acme_issues[]
                kind: sast
                rule_id: id
                title: {jmespath: "texts[?lang == 'en'].text | [0]"}
                message: {jmespath: "detail.lines[0].text"}
        """)
    texts = [{"lang": "de", "text": "Loch"}, {"lang": "en", "text": "Hole"}]
    record = {"id": "1", "texts": texts, "detail": {"lines": [{"text": "here"}], "n": 1}}
    (only,) = read(folder, json.dumps({"acme_issues": [record]})).observations
    assert (only.title, only.message) == ("Hole", "here")
    assert only.unmapped == {"texts": texts, "detail": {"n": 1}}


def test_a_value_that_jmespath_cannot_take_refuses_the_report(write):
    folder = write("""
        name: acme
        title: Acme
        formats:
          - detect: {has: [acme_issues]}
            maps: [{each: "acme_issues[]", kind: sast, rule_id: id, occurrence_count: {jmespath: length(places)}}]
        """)
    with pytest.raises(ReportError) as caught:
        read(folder, '{"acme_issues": [{"id": "1", "places": 3}]}')
    assert caught.value.reason is RejectReason.SCHEMA
