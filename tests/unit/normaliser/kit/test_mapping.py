"""Declarative maps: what becomes a field, and what stays under ``unmapped``."""

from dataclasses import replace

import pytest

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    Group,
    JsonShape,
    Map,
    MapError,
    ParseContext,
    Reading,
    ScannerSpec,
    by,
    call,
    code,
    const,
    each,
    evidence,
    first,
    ident,
    join,
    lookup,
    matching,
    one_based,
    package,
    peek,
    rating,
    secret,
    sections,
    split,
    status,
    step,
    template,
    timestamp,
    when,
)
from sluice_shared.contracts.finding import Kind, Observation, ObservationStatus, Severity

FORMAT = Format(name="t-1", container="json", detect=JsonShape(has=("x",)), maps=(Map(kind=Kind.SAST),))
SPEC = ScannerSpec(name="t", title="T", kinds=(Kind.SAST,), formats=(FORMAT,), setup="", trivial={"[]": CLEAN})


def observe(record, **fields):
    fields.setdefault("kind", Kind.SAST)
    reading = Reading(ParseContext(secret_key=b"k"), SPEC, FORMAT)
    found = list(Map(**fields).compile().run((None, record), reading))
    for observation in found:
        assert Observation.model_validate(observation.model_dump()) == observation
    return found


def one(record, **fields):
    (observation,) = observe(record, **fields)
    return observation


def test_what_no_field_used_is_kept():
    record = {"id": "R1", "extra": {"used": 1, "left": 2}, "list": [{"a": 1, "b": 2}, {"a": 3}], "empty": []}
    found = one(record, rule_id="id", message="extra.used", tags="list[].a")
    assert found.unmapped == {"extra": {"left": 2}, "list": [{"b": 2}]}


def test_an_alternative_that_lost_to_a_better_one_is_kept_when_it_says_something_else():
    fields = {"title": "title | name"}
    assert one({"title": "A", "name": "B"}, **fields).unmapped == {"name": "B"}
    assert one({"title": "A", "name": "A"}, **fields).unmapped == {}
    assert one({"name": "B"}, **fields).unmapped == {}


def test_a_single_item_that_is_used_leaves_the_others():
    assert one({"cpes": ["a", "b"]}, message="cpes[0]").unmapped == {"cpes": ["b"]}
    assert one({"r": [{"d": 1, "u": 2}, {"d": 3, "u": 4}]}, message="r[0].d", tags="r[].u").unmapped == {
        "r": [{"d": 3}]
    }


def test_peeking_uses_nothing():
    found = one({"meta": {"kind": "x"}}, message=call(lambda meta: meta["kind"], peek("meta")))
    assert (found.message, found.unmapped) == ("x", {"meta": {"kind": "x"}})


def test_what_is_used_of_each_of_a_list_is_used_of_a_single_one_too() -> None:
    assert one({"r": {"d": 1, "u": 2}}, tags="r[].u").unmapped == {"r": {"d": 1}}
    assert one({"r": {"d": 1, "u": 2}}, message="r[0].d", tags="r[].u").unmapped == {}
    assert one({"r": {"d": 1}}, tags="r[]").unmapped == {}


def test_ignored_paths_are_left_out():
    assert one({"id": "R", "noise": {"a": 1, "b": 2}}, rule_id="id", ignore=("noise.a",)).unmapped == {
        "noise": {"b": 2}
    }


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ("level", (Severity.HIGH, "HIGH")),
        (by("score", "cvss"), (Severity.CRITICAL, "9.8")),
        ([by("nothing"), by("score", "cvss")], (Severity.CRITICAL, "9.8")),
        ([by("odd"), by("level")], (Severity.HIGH, "HIGH")),
        (by("odd"), (Severity.UNKNOWN, "Purple")),
        (Severity.LOW, (Severity.LOW, None)),
    ],
)
def test_severity_is_placed_and_its_raw_word_kept(severity, expected):
    found = one({"level": "HIGH", "score": 9.8, "odd": "Purple"}, severity=severity)
    assert (found.severity, found.scanner_severity) == expected


def test_a_status_keeps_the_scanners_word():
    table = {"PASS": ObservationStatus.PASSED}
    assert one({"s": "pass"}, status=status("s", table)).status is ObservationStatus.PASSED
    unknown = one({"s": "ODD"}, status=status("s", table))
    assert (unknown.status, unknown.scanner_status) == (ObservationStatus.OPEN, "ODD")


def test_titles_and_rule_ids_are_never_empty():
    assert one({}).rule_id == "unknown"
    assert one({"m": "It is bad. Very bad."}, message="m").title == "It is bad."
    found = one({"v": "CVE-2021-44228"}, identifiers="v")
    assert (found.rule_id, found.title) == ("CVE-2021-44228", "CVE-2021-44228")


def test_expressions_give_what_they_say():
    record = {"a": "x", "b": ["1", "2"], "c": "p, q", "d": "<p>One</p><p>Two</p>", "t": "31.12.2025", "n": 0}
    found = one(
        record,
        rule_id=template("{a}-{n}"),
        rule_name=const("fixed"),
        title=join("a", "b[]", sep="/"),
        message=first("nothing", matching("c", r"(\w), q")),
        description=sections("d", Impact="a"),
        tags=split("c"),
        precision=lookup("a", {"X": "high"}),
        published_at=timestamp("t", "%d.%m.%Y"),
        location=code(path="a", start_line=one_based("n"), start_column="n"),
        exploit_maturity=when("n", "a", const("none")),
    )
    assert found.rule_id == "x-0"
    assert (found.rule_name, found.title, found.message) == ("fixed", "x/1/2", "p")
    assert found.description == "One\n\nTwo\n\nImpact:\nx"
    assert found.tags == ["p", "q"]
    assert found.precision == "high"
    assert found.published_at.isoformat() == "2025-12-31T00:00:00+00:00"
    assert (found.location.start_line, found.location.start_column) == (1, None)
    assert found.exploit_maturity == "none"


def test_lists_come_from_loops_in_which_paths_are_relative():
    record = {
        "source": "nvd",
        "cvss": [{"v": "AV:N/AC:L/Au:N/C:P/I:P/A:P"}, {"v": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "s": 9.8}],
        "flows": [{"steps": [{"f": "a.py", "l": 1}, {"f": "b.py", "l": "2"}]}],
        "proof": [{"k": "request", "t": "GET / HTTP/1.1\nAuthorization: Bearer abc"}],
        "ids": [{"db": "ghsa", "id": "ghsa-JFH8-c2jp-5v3q"}, {"db": "own", "id": "ACME-1"}],
    }
    found = one(
        record,
        ratings=each("cvss[]", rating("^.source", vector="v", score="s")),
        code_flows=each("flows[]", each("steps[]", step(path="f", start_line="l"))),
        evidence=each("proof[]", evidence(type="k", text="t")),
        identifiers=each("ids[]", ident("id", "vendor", source="db")),
    )
    assert [(each_.source, each_.method, each_.score) for each_ in found.ratings] == [
        ("nvd", "cvss_v2", 7.5),
        ("nvd", "cvss_v31", 9.8),
    ]
    assert [(each_.path, each_.start_line) for each_ in found.code_flows[0]] == [("a.py", 1), ("b.py", 2)]
    assert found.evidence[0].text == "GET / HTTP/1.1\nAuthorization: ***"
    named = [(each_.type, each_.value, each_.source) for each_ in found.identifiers]
    assert named == [("ghsa", "GHSA-jfh8-c2jp-5v3q", "ghsa"), ("vendor", "ACME-1", "own")]


def test_a_package_gets_its_purl_and_the_upgrade_that_ends_it():
    record = {"name": "org.apache:core", "version": "9.0.1", "eco": "Maven", "fixed": "10.1.4, 9.0.9, 9.0.12"}
    found = one(
        record, kind=Kind.SCA, location=package(name="name", version="version", ecosystem="eco", fixed_versions="fixed")
    )
    assert found.location.purl == "pkg:maven/org.apache/core@9.0.1"
    assert found.fix.action == "upgrade org.apache:core to 9.0.9"
    assert found.fix.fixed_versions == ["10.1.4", "9.0.9", "9.0.12"]


def test_a_location_without_what_it_needs_is_none():
    assert one({"line": 3}, location=code(path="path", start_line="line")).location is None
    assert one({"v": "1"}, location=package(name="n", version="v")).location is None


def test_a_secret_leaves_only_a_digest_and_a_preview():
    record = {
        "secret": "s3cr3t-value-1234",
        "line": 'key = "s3cr3t-value-1234"',
        "commit": {"msg": "add s3cr3t-value-1234"},
    }
    found = one(
        record,
        kind=Kind.SECRET,
        message="line",
        location=code(path=const("a.py"), snippet="line"),
        secret=secret(value="secret", type=const("generic")),
    )
    assert "s3cr3t-value" not in found.model_dump_json()
    assert found.secret.preview == "s3cr***"
    assert found.unmapped == {"commit": {"msg": "add s3cr***"}}
    assert found.cwes == [798]


def test_two_scanners_that_cut_a_secret_differently_agree_on_its_digest():
    value = one({"v": "abcd-1234-efgh"}, kind=Kind.SECRET, secret=secret(value="v"))
    match = one({"m": "API_KEY: 'abcd-1234-efgh',"}, kind=Kind.SECRET, secret=secret(match="m"))
    assert value.secret.digest == match.secret.digest


def test_groups_keep_the_order_of_the_report():
    document = {"results": [{"t": "a", "v": [{"n": 1}], "s": [{"n": 2}]}, {"t": "b", "v": [{"n": 3}]}]}
    inner = Map(each="v[]", kind=Kind.SCA, rule_id="n", message="^.t")
    group = Group(each="results[]", maps=(inner, replace(inner, each="s[]", kind=Kind.SECRET)))
    reading = Reading(ParseContext(secret_key=b"k"), SPEC, FORMAT)
    found = [(each_.rule_id, each_.message) for each_ in group.compile().run((None, document), reading)]
    assert found == [("1", "a"), ("2", "a"), ("3", "b")]


def test_records_that_are_no_results_are_left_out_by_where():
    assert len(observe({"r": [{"x": 1}, {"x": 0}]}, each="r[]", where="x")) == 1


def test_the_last_touch_may_change_or_drop_an_observation():
    def touch(observation, record, reading):
        assert reading.scanner == "t"
        observation.title = record["x"]
        return None if record["x"] == "drop" else observation

    found = observe({"r": [{"x": "keep"}, {"x": "drop"}]}, each="r[]", then=touch)
    assert [each_.title for each_ in found] == ["keep"]


@pytest.mark.parametrize(
    "build",
    [
        lambda: code(lines="x"),
        lambda: by("x", "no such table"),
        lambda: Map(kind=Kind.SAST, title=template("no path")).compile(),
        lambda: Map(kind=Kind.SAST, each="a..b").compile(),
    ],
)
def test_a_map_that_is_written_wrongly_stops_the_start(build):
    with pytest.raises((MapError, ValueError, KeyError)):
        build()


@pytest.mark.parametrize("value", [None, "", 3, True, 1.5, [], ["x"], {}, {"a": 1}, [{"a": []}], "x" * 100_000])
def test_whatever_type_a_value_has_the_observation_is_valid(value):
    record = {"v": value}
    found = observe(
        record,
        rule_id="v",
        title="v",
        message="v",
        description="v",
        severity="v",
        confidence="v",
        identifiers="v",
        cwes="v",
        tags="v",
        references="v",
        evidence={"output": "v"},
        location=code(path="v", start_line="v", snippet="v"),
        ratings=rating("v", score="v", vector="v"),
        fingerprints={"a": "v"},
        published_at="v",
        rank="v",
        occurrence_count="v",
    )
    assert len(found) == 1
