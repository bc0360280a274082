"""JSON, XML, CSV, archives and encodings, as real tools write them and as they arrive."""

import gzip
import io
import json
import zipfile

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sluice_normaliser.kit import ReportError
from sluice_normaliser.kit.body import Body
from sluice_normaliser.kit.containers import csv as csv_container
from sluice_normaliser.kit.containers import json as json_container
from sluice_normaliser.kit.containers import xml as xml_container
from sluice_normaliser.kit.containers.archive import Archive
from sluice_normaliser.kit.containers.xml import XmlDocument, head
from sluice_normaliser.kit.decode import decode, decompress
from sluice_shared.contracts.events import RejectReason


def reason(call, *arguments):
    with pytest.raises(ReportError) as caught:
        call(*arguments)
    return caught.value.reason, caught.value.detail


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_every_encoding_comes_out_as_the_same_text(encoding):
    assert decode('{"a": "Größe and more words to guess by"}'.encode(encoding)).body.decode() == (
        '{"a": "Größe and more words to guess by"}'
    )


def test_a_guess_is_flagged():
    assert decode("Größe".encode("latin-1")).guessed
    assert not decode("Größe".encode()).guessed


def test_characters_that_no_row_holds_go():
    assert json_container.load(decode(b'{"a": "x\\u0000y", "b": "\\\\u0000"}').body) == {
        "a": "x\ufffdy",
        "b": "\\u0000",
    }
    assert decode(b"a,b\x00c" + b"x" * 50).body == b"a,bc" + b"x" * 50


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_compressed_bodies_are_opened_within_limits(pack):
    body = b"[" + b"1," * 5000 + b"1]"
    assert decompress(pack(body)) == body
    assert reason(decompress, pack(body), 100)[0] is RejectReason.TOO_LARGE
    assert reason(decompress, pack(body)[:-8])[0] is RejectReason.TRUNCATED


@pytest.mark.parametrize(
    ("body", "expected", "hint"),
    [
        (b'{"a": [1, 2', RejectReason.TRUNCATED, "truncated"),
        (b'{"a": "unfinished', RejectReason.TRUNCATED, "truncated"),
        (b'{"a":\n 1,, "b": 2}', RejectReason.MALFORMED, "line 2 column 4"),
        (b'INFO starting\n{"a": 1}', RejectReason.MALFORMED, "log output"),
    ],
)
def test_broken_json_says_where_and_what_to_do(body, expected, hint):
    why, detail = reason(json_container.load, body)
    assert why is expected
    assert hint in detail


@pytest.mark.parametrize("depth", [201, 500, 5000, 100_000])
@pytest.mark.parametrize("shape", [lambda n: b"[" * n + b"]" * n, lambda n: b'{"a":' * n + b"1" + b"}" * n])
def test_json_that_is_nested_too_deep_is_refused_before_it_is_parsed(depth, shape):
    assert reason(json_container.check_depth, shape(depth))[0] is RejectReason.TOO_DEEP


def test_brackets_in_strings_do_not_nest():
    body = json.dumps(["[" * 1000, '"[{' * 500, "\\", "]" * 1000] * 100).encode()
    json_container.check_depth(body)
    assert json_container.load(body)[0] == "[" * 1000


@given(st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_ordinary_json_passes_the_depth_check(value):
    json_container.check_depth(json.dumps([value] * 300).encode())


def test_sloppy_json_is_read():
    assert json_container.load(b'{"a": NaN, "b": "x\ty", "c": "\\ud800", "d": "\\ud83d\\ude00"}') == {
        "a": None,
        "b": "x\ty",
        "c": "\ufffd",
        "d": "\U0001f600",
    }


@pytest.mark.parametrize(
    "body",
    [b'{"a": 1}\n{"a": 2}\n', b'{"a": 1}{"a": 2}', b'{\n "a": 1\n}\n\n{\n "a": 2\n}', b'\x1e{"a": 1}\n\x1e{"a": 2}'],
)
def test_json_lines_and_concatenated_json_are_lists(body):
    assert json_container.load_many(body) == [{"a": 1}, {"a": 2}]


def test_json_lines_that_end_early_are_truncated():
    assert reason(json_container.load_many, b'{"a": 1}\n{"a": ')[0] is RejectReason.TRUNCATED


def test_xml_becomes_objects():
    body = b"""<?xml version="1.0"?><r xmlns="urn:x" v="1"><i k="a">t</i><i>u</i><e/><n><m>w</m></n></r>"""
    assert XmlDocument(body).whole() == {"@v": "1", "i": [{"@k": "a", "#text": "t"}, "u"], "e": "", "n": {"m": "w"}}


def test_xml_records_come_one_by_one_and_the_rest_stays_outside():
    body = b"<r><meta>m</meta><hosts>" + b"<h n='1'><p>a</p></h>" * 3 + b"</hosts></r>"
    document = XmlDocument(body)
    assert list(document.stream(("hosts", "h"))) == [{"@n": "1", "p": "a"}] * 3
    assert document.root == {"meta": "m", "hosts": ""}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<r><a>", RejectReason.TRUNCATED),
        (b"<r><a></r>", RejectReason.MALFORMED),
        (b'<!DOCTYPE r [<!ENTITY a "aaaa">]><r>&a;</r>', RejectReason.MALFORMED),
        (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', RejectReason.MALFORMED),
        (b"<a>" * 300 + b"</a>" * 300, RejectReason.TOO_DEEP),
    ],
)
def test_broken_or_dangerous_xml_is_refused(body, expected):
    assert reason(XmlDocument(body).whole)[0] is expected


def test_a_doctype_without_entities_is_harmless():
    assert XmlDocument(b"<!DOCTYPE r [<!ELEMENT r (a)>]><r><a>1</a></r>").whole() == {"a": "1"}


MIXED = b"""<r v="1">
 <meta><name> n </name><empty/><empty/></meta>
 <note>set <b>this</b> to <i>that</i> <i>now</i>, <p>please <em>do</em></p>!</note>
 <hosts><h n="1"><p>a</p><p k="x">b</p></h><other>o</other><h n="2">t<q/>u</h><h n="3"/></hosts>
 <hosts><h n="4"/></hosts><end>e</end>
</r>"""


@pytest.mark.parametrize("piece", [1, 7, 50, 10_000])
def test_xml_reads_the_same_in_pieces_of_any_size(piece, monkeypatch):
    monkeypatch.setattr(xml_container, "_CHUNK", piece)
    whole = XmlDocument(MIXED).whole()
    assert whole["meta"] == {"name": "n", "empty": ["", ""]}
    assert whole["note"]["#text"] == "set this to that now, please do!"
    assert whole["hosts"][0]["h"] == [
        {"@n": "1", "p": ["a", {"@k": "x", "#text": "b"}]},
        {"@n": "2", "q": "", "#text": "tu"},
        {"@n": "3"},
    ]
    document = XmlDocument(MIXED)
    assert [record["@n"] for record in document.stream(("hosts", "h"))] == ["1", "2", "3", "4"]
    assert document.root == {**whole, "hosts": [{"other": "o"}, ""]}


@pytest.mark.parametrize(
    ("declared", "encoding"), [("ISO-8859-1", "latin-1"), ("UTF-16", "utf-16"), ("x-none", "utf-8")]
)
def test_xml_is_read_in_the_encoding_it_is_in_whatever_it_declares(declared, encoding):
    body = f'<?xml version="1.0" encoding="{declared}"?><r a="\u00fc">\u00e9</r>'.encode(encoding)
    assert XmlDocument(Body(body).bytes).whole() == {"@a": "\u00fc", "#text": "\u00e9"}
    assert Body(body).xml_head.values["@a"] == "\u00fc"


def test_xml_in_an_archive_may_be_in_any_encoding():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("audit.xml", '<?xml version="1.0" encoding="UTF-16"?><r>\u00e9</r>'.encode("utf-16"))
    assert Archive(packed.getvalue()).xml("audit.xml").whole() == {"#text": "\u00e9"}


def test_the_head_of_xml_shows_its_root_and_paths_even_when_it_is_cut():
    seen = head(b'<x:r xmlns:x="urn:y" v="2"><site host="h"><alerts>')
    assert (seen.root, seen.namespace) == ("r", "urn:y")
    assert {"@v", "site", "site.@host", "site.alerts"} <= seen.paths


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_is_read_in_its_dialect(delimiter):
    text = "\n".join(
        delimiter.join(row) for row in (("Plugin ID", "Risk", "Name"), ("1", "High", '"a\nb"'), ("", "", ""))
    )
    (header, *_) = csv_container.headers(text)
    assert list(csv_container.rows(text, header)) == [{"Plugin ID": "1", "Risk": "High", "Name": "a\nb"}]


def test_lines_before_the_header_and_repeated_columns_do_not_matter():
    text = '"Scan report","2026"\n\nHost,CVSS,CVSS\na,1,2,3\n'
    header = next(each for each in csv_container.headers(text) if "Host" in each.columns)
    assert list(csv_container.rows(text, header)) == [{"Host": "a", "CVSS": "1", "CVSS 2": "2", "#extra": ["3"]}]


def archive(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, body in members.items():
            packed.writestr(name, body)
    return buffer.getvalue()


def test_a_workbook_gives_its_rows():
    sheet = (
        '<worksheet><sheetData><row><c r="A1" t="s"><v>0</v></c><c r="C1"><v>7</v></c></row></sheetData></worksheet>'
    )
    packed = archive(
        **{
            "xl/workbook.xml": '<workbook><sheets><sheet name="Findings"/></sheets></workbook>',
            "xl/sharedStrings.xml": "<sst><si><t>Name</t></si></sst>",
            "xl/worksheets/sheet1.xml": sheet,
        }
    )
    assert Archive(packed).sheets() == {"Findings": [["Name", "", "7"]]}


def test_a_damaged_archive_is_refused():
    assert reason(Archive, archive(a="x" * 100)[:50])[0] is RejectReason.TRUNCATED


def test_binary_data_is_no_report():
    assert Body(bytes(range(256)) * 10).problem().reason is RejectReason.NOT_TEXT


def test_the_first_row_of_a_sheet_that_is_not_blank_names_its_cells() -> None:
    """Given a sheet with blank rows round its header, its rows come as objects and its columns without reading on."""
    cell = '<c r="{0}" t="inlineStr"><is><t>{1}</t></is></c>'
    rows = (
        "<row/>"
        f"<row>{cell.format('A2', 'Name')}{cell.format('C2', 'Port')}</row>"
        "<row/>"
        f"<row>{cell.format('A4', 'ssh')}{cell.format('B4', 'lost')}{cell.format('C4', '22')}</row>"
    )
    packed = archive(
        **{
            "xl/workbook.xml": '<workbook><sheets><sheet name="Services"/></sheets></workbook>',
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
        }
    )
    assert Archive(packed).columns == {"Services": ["Name", "", "Port"]}
    assert Archive(packed).tables() == {"Services": [{"Name": "ssh", "Port": "22"}]}
    assert Archive(archive(a="x")).columns == {}


def test_a_csv_may_escape_its_quotes() -> None:
    """Given cells whose quotes are escaped by a backslash, they come whole; one that never ends names its line."""
    assert list(csv_container.escaped('"a \\"b\\", c","d"\n')) == [['a "b", c', "d"]]
    told = reason(lambda body: list(csv_container.escaped(body)), 'a,b\n"' + "x" * (csv_container.MAX_FIELD + 1))
    assert told[0] is RejectReason.MALFORMED
    assert "line 2" in told[1]


@pytest.mark.parametrize("read", [json_container.load, lambda body: json_container.load_many(body)[0]])
@pytest.mark.parametrize(
    "shape", [lambda n: b"[" * n + b"]" * n, lambda n: b'{"a":' * (n - 1) + b"{}" + b"}" * (n - 1)]
)
def test_json_may_nest_as_deep_as_the_limit_and_no_deeper(read, shape):
    assert read(shape(json_container.MAX_DEPTH))
    for deeper in (1, 100, 900, 5000):
        assert reason(read, shape(json_container.MAX_DEPTH + deeper))[0] is RejectReason.TOO_DEEP


@pytest.mark.parametrize("log", [b"Downloading rules ...\n[INFO] 3 files\n", b"\nwarning: {old} option\n"])
def test_json_behind_the_lines_of_a_log_is_found(log):
    body = Body(log + b'{"results": [{"a": 1}]}\n')
    assert body.containers[0] == "json"
    assert body.json == {"results": [{"a": 1}]}


@pytest.mark.parametrize(
    "body",
    [
        b'scan_results =\n{"a": 1}',  # a script
        b'name,extra\nx,"\n{""a"": 1}"\n',  # a table with JSON in a cell
        b'started\n{"a": 1}\nended\n',  # something stands behind it
        b"see\n[1]\n",
    ],
)
def test_what_only_holds_some_json_stays_what_it_is(body):
    assert Body(body).containers[0] != "json"


def test_what_xml_cannot_hold_is_replaced():
    body = b"\n<?xml version='1.0'?><r a='&#11;'>a\x0bb&#x1F600;&#xFFFE;\xef\xbf\xbf&#9;c</r>"
    assert XmlDocument(body).whole() == {"@a": "\ufffd", "#text": "a\ufffdb\U0001f600\ufffd\ufffd\tc"}
    assert head(body).values["@a"] == "\ufffd"
