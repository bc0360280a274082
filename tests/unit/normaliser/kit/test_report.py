"""Whole reports: recognised, named, refused with what to do."""

import pytest

from sluice_normaliser import golden
from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ParseContext,
    ReportError,
    ScanMap,
    ScannerSpec,
    code,
    declare,
    detect,
    parse_report,
)
from sluice_shared.contracts.events import RejectReason
from sluice_shared.contracts.finding import Kind


def sample(name, file):
    return (golden.folder(name) / "samples" / file).read_bytes()


def parse(body, scanner=None):
    return parse_report(body, ParseContext(secret_key=b"k", scanner=scanner))


def refused(body, scanner=None):
    with pytest.raises(ReportError) as caught:
        parse(body, scanner)
    return caught.value.reason, caught.value.detail


@pytest.mark.parametrize("name", ["grype", "anchore_grype", "Anchore Grype", "ANCHORE-GRYPE"])
def test_a_scanner_answers_to_its_names(name):
    assert parse(sample("anchore_grype", "image.json"), name).scanner == "anchore_grype"


def test_the_wrong_scanner_is_told_what_it_looks_like():
    why, detail = refused(sample("bandit", "findings.json"), "trivy")
    assert why is RejectReason.WRONG_SCANNER
    assert "looks like bandit" in detail


def test_a_scanner_that_does_not_exist_is_refused():
    assert refused(sample("bandit", "findings.json"), "no-such")[0] is RejectReason.WRONG_SCANNER


def test_a_tools_sarif_is_taken_under_the_tools_name():
    report = parse(sample("sarif", "semgrep.sarif"), "semgrep")
    assert {scan.scanner for scan in report.scans} == {"semgrep"}


def test_another_tools_sarif_is_not():
    why, detail = refused(sample("sarif", "semgrep.sarif"), "bandit")
    assert why is RejectReason.WRONG_SCANNER
    assert "semgrep" in detail


def test_sarif_of_a_tool_that_nobody_knows_is_taken_under_any_name():
    assert parse(sample("sarif", "runs-of-one-tool.sarif"), "some_new_tool").scans[0].scanner == "cppcheck"


@pytest.mark.parametrize(
    ("body", "scanner", "expected"),
    [
        (b"", None, RejectReason.EMPTY),
        (b"  \n", None, RejectReason.EMPTY),
        (b"", "bandit", RejectReason.EMPTY),
        (b"[]", None, RejectReason.UNKNOWN_FORMAT),
        (b"{}", None, RejectReason.UNKNOWN_FORMAT),
        (b"{}", "bandit", RejectReason.SCHEMA),
        (b"null", None, RejectReason.UNKNOWN_FORMAT),
        (b"hello there", None, RejectReason.UNKNOWN_FORMAT),
        (b'{"results": [', None, RejectReason.TRUNCATED),
        (b'{"results": [', "bandit", RejectReason.TRUNCATED),
        (b"{results: 1}", None, RejectReason.MALFORMED),
        (b"[" * 300 + b"]" * 300, None, RejectReason.TOO_DEEP),
        (b"<a><b>", None, RejectReason.TRUNCATED),
        (b"PK\x03\x04junk", None, RejectReason.TRUNCATED),
        (bytes(range(1, 256)) * 4, None, RejectReason.NOT_TEXT),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(body, scanner, expected):
    why, detail = refused(body, scanner)
    assert why is expected
    assert len(detail) > 20


def test_an_unknown_report_is_told_what_came_closest():
    why, detail = refused(b'{"results": [], "metrics": {}}')
    assert why is RejectReason.UNKNOWN_FORMAT
    assert "bandit (but without metrics._totals or generated_at)" in detail


@pytest.mark.parametrize(("scanner", "body"), [("gitleaks", b"[]"), ("gitleaks", b"null\n"), ("trivy", b"null")])
def test_a_trivial_body_means_what_its_scanner_means_by_it(scanner, body):
    report = parse(body, scanner)
    assert [(scan.scanner, scan.successful, scan.observations) for scan in report.scans] == [(scanner, True, [])]


@pytest.mark.parametrize("name", ["bandit", "semgrep", "trivy", "anchore_grype"])
def test_a_clean_report_has_a_scan_without_observations(name):
    report = parse(sample(name, "clean.json"))
    assert [scan.observations for scan in report.scans] == [[]]
    assert report.scans[0].successful


def test_a_scan_that_missed_files_is_not_successful_but_shows_what_it_found():
    (scan,) = parse(sample("bandit", "unparsable-file.json")).scans
    assert not scan.successful
    assert "broken.py" in scan.failure
    assert scan.observations


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_windows_redirection_does_not_matter(encoding):
    body = sample("bandit", "findings.json").decode().encode(encoding)
    assert detect(body) == "bandit"
    assert len(parse(body).observations) == 4


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"results": []}', ["osv_scanner", "tfsec"]),
        (b'{"results": null}', ["osv_scanner", "tfsec"]),
        (b'{"findings":[]}', ["aws_inspector2", "generic"]),
        (b'{ "vulnerabilities": [] }', ["gitlab_dast", "mend"]),
        (b'{"data": {"items": []}, "total": 0}', []),
    ],
)
def test_what_many_scanners_write_is_taken_only_under_a_name(body, named):
    why, detail = refused(body)
    assert why is RejectReason.UNKNOWN_FORMAT
    for name in named:
        assert name in detail
        assert parse(body, name).observations == []


def test_a_name_of_its_own_tells_an_empty_report_from_others():
    assert parse(b'{"total_rows": 0, "rows": []}').scanner == "jfrog_xray_unified"


def test_xml_of_another_tool_under_a_common_root_is_not_taken():
    body = b"<Vulnerabilities><Vulnerability><Name>x</Name><Level>high</Level></Vulnerability></Vulnerabilities>"
    assert refused(body)[0] is RejectReason.UNKNOWN_FORMAT


ACME = ScannerSpec(
    name="acme",
    title="Acme",
    kinds=(Kind.SAST,),
    setup="",
    formats=(
        Format(
            name="acme-json",
            container="json",
            detect=JsonShape(has=("acme_version", "acme_started", "acme_issues")),
            scan=ScanMap(refuse="acme_error"),
            maps=(Map(each="acme_issues[]", kind=Kind.SAST, rule_id="rule", location=code(path="file")),),
        ),
    ),
)


@pytest.fixture
def acme():
    declare((ACME,))
    yield
    declare(())


@pytest.mark.usefixtures("acme")
def test_what_is_not_quite_a_format_is_read_by_its_scanners_name_and_ends_nothing():
    body = b'{"acme_version": 2, "acme_issues": [{"rule": "R1", "file": "a.py"}]}'
    assert refused(body)[0] is RejectReason.UNKNOWN_FORMAT
    report = parse(body, "acme")
    assert report.lacks == ("acme_started",)
    assert [(o.rule_id, o.location.path) for o in report.observations] == [("R1", "a.py")]
    assert [scan.complete for scan in report.scans] == [False]
    whole = parse(body.replace(b"{", b'{"acme_started": 1, ', 1), "acme")
    assert (whole.lacks, [scan.complete for scan in whole.scans]) == ((), [True])


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"acme_version": 2, "acme_issues": []}', RejectReason.SCHEMA),  # shows nothing: it may be another tool's
        (b'{"acme_version": 2, "acme_issues": [{"text": 1}]}', RejectReason.SCHEMA),  # results without a rule
        (b'{"acme_version": 2}', RejectReason.SCHEMA),  # more is missing than there is
        (b'{"acme_version": 2, "acme_issues": [], "acme_error": "no licence"}', RejectReason.SCANNER_FAILED),
    ],
)
def test_a_name_alone_does_not_make_a_report(body, expected):
    assert refused(body, "acme")[0] is expected
