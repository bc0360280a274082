"""Records that come one by one: XML below a path, CSV rows; and what a report says about its scan."""

import pytest

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    ParseContext,
    ReportError,
    ScanMap,
    ScannerSpec,
    XmlShape,
    call,
    code,
    host,
)
from sluice_normaliser.kit.body import Body
from sluice_normaliser.kit.detection import Candidate
from sluice_normaliser.kit.registry import CompiledFormat
from sluice_normaliser.kit.report import _read
from sluice_normaliser.kit.rules import Verdict
from sluice_shared.contracts.events import RejectReason
from sluice_shared.contracts.finding import Kind


def read(form, body):
    """Read a body as one format of a scanner made for the test."""
    spec = ScannerSpec(name="t", title="T", kinds=(Kind.HOST,), formats=(form,), setup="")
    compiled = CompiledFormat(spec, form, tuple(each.compile() for each in form.maps))
    (scan,) = _read(Candidate(compiled, form.containers[0], Verdict(1, 1)), Body(body), ParseContext(b"k")).scans
    return scan


XML = Format(
    name="t-xml",
    container="xml",
    detect=XmlShape(root="report"),
    records="hosts.host",
    scan=ScanMap(version="@version", scanned_at="finished"),
    maps=(
        Map(
            each="item[]",
            kind=Kind.HOST,
            rule_id="@id",
            severity="@risk",
            message="^^.policy",
            location=host(host="^.@name", port="port"),
        ),
    ),
)
REPORT = b"""<report version="7"><policy>full</policy><hosts>
<host name="a"><item id="1" risk="High"><port>22</port></item><item id="2" risk="Low"><port>0</port></item></host>
<host name="b"><item id="3" risk="Info"/></host></hosts><finished>2026-02-03T12:00:00Z</finished></report>"""


def test_xml_records_know_what_stands_above_them():
    scan = read(XML, REPORT)
    found = [(each.rule_id, each.location.host, each.location.port, each.message) for each in scan.observations]
    assert found == [("1", "a", 22, "full"), ("2", "a", None, "full"), ("3", "b", None, "full")]


def test_what_stands_before_and_behind_the_records_describes_the_scan():
    scan = read(XML, REPORT)
    assert (scan.scanner_version, scan.scanned_at.hour) == ("7", 12)
    assert scan.observations[0].scanner_version == "7"


def test_a_hundred_thousand_records_need_no_document_of_their_own():
    body = b"<report><hosts>" + b'<host name="a"><item id="1"/></host>' * 20_000 + b"</hosts></report>"
    assert len(read(XML, body).observations) == 20_000


def test_csv_rows_are_records():
    form = Format(
        name="t-csv",
        container="csv",
        detect=CsvShape(columns=("Rule", "File Name")),
        scan=ScanMap(version="Tool Version"),
        maps=(Map(kind=Kind.SAST, rule_id="Rule", location=code(path="File Name", start_line="Line"), where="Rule"),),
    )
    scan = read(form, b"made by tool\nRule;File Name;Line;Tool Version\nR1;a.py;3;1.2\n;b.py;4;1.2\n")
    assert [(each.rule_id, each.location.path, each.location.start_line) for each in scan.observations] == [
        ("R1", "a.py", 3)
    ]
    assert scan.scanner_version == "1.2"


def test_the_columns_of_a_table_may_be_in_any_case():
    form = Format(
        name="t-csv",
        container="csv",
        detect=CsvShape(columns=("Rule",)),
        maps=(Map(kind=Kind.SAST, rule_id="Rule", location=code(path="File Name")),),
    )
    (only,) = read(form, b"RULE,file name,Note\nR1,a.py,n\n").observations
    assert (only.rule_id, only.location.path, only.unmapped) == ("R1", "a.py", {"Note": "n"})


JSON = Format(
    name="t-json",
    container="json",
    detect=JsonShape(has=("r",)),
    scan=ScanMap(
        failure="error", refuse=call(lambda error, r: error if not r else None, "error", "r"), complete="full"
    ),
    maps=(Map(each="r[]", kind=Kind.SAST, rule_id="id"),),
)


def test_a_scan_that_failed_keeps_what_it_shows():
    scan = read(JSON, b'{"r": [{"id": "R"}], "error": "time-out", "full": false}')
    assert (scan.successful, scan.failure, scan.complete, len(scan.observations)) == (False, "time-out", False, 1)


def test_a_scan_that_failed_and_shows_nothing_is_refused():
    with pytest.raises(ReportError, match="time-out") as caught:
        read(JSON, b'{"r": [], "error": "time-out"}')
    assert caught.value.reason is RejectReason.SCANNER_FAILED
