"""The path language of maps."""

import pytest

from sluice_normaliser.kit.path import PathSyntaxError, compile_path, each_frame, parse_path, split_alternatives

DOCUMENT = {
    "tool": {"name": "x"},
    "results": [{"a": 1, "tags": ["p", "q"]}, {"a": 2, "tags": "r"}],
    "by id": {"7": {"a": 3}, "8": {"a": 4}},
    "dot.ted": {"b|c": 5},
    "pairs": [["k", 9]],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("tool.name", "x"),
        ("results[].a", [1, 2]),
        ("results[].tags[]", ["p", "q", "r"]),
        ("results.a", 1),
        ("results[1].a", 2),
        ("results[-1].a", 2),
        ("results[9].a", None),
        ("by id.*.a", [3, 4]),
        ('"dot.ted"."b|c"', 5),
        ("pairs[0][1]", 9),
        ("nothing.at.all", None),
        ("nothing[].at", []),
        (".", DOCUMENT),
        ("$.tool.name", "x"),
    ],
)
def test_a_path_leads_to_its_value(path, value):
    assert compile_path(parse_path(path))((None, DOCUMENT)) == value


def test_every_level_of_a_loop_is_one_step_up():
    document = {"groups": [{"name": "g", "items": [{"x": 1}, {"x": 2}]}]}
    frames = list(each_frame(parse_path("groups[].items[]"), (None, document)))
    assert [compile_path(parse_path("x"))(frame) for frame in frames] == [1, 2]
    assert {compile_path(parse_path("^.name"))(frame) for frame in frames} == {"g"}
    assert [compile_path(parse_path("#key"))(frame) for frame in frames] == [0, 1]
    assert compile_path(parse_path("^^.groups[].name"))(frames[0]) == ["g"]


def test_a_record_knows_the_key_it_stands_under():
    document = {"advisories": {"GHSA-1": {"sev": "high"}}}
    (frame,) = each_frame(parse_path("advisories.*"), (None, document))
    assert compile_path(parse_path("#key"))(frame) == "GHSA-1"


def test_a_single_value_counts_as_a_list_of_one():
    assert len(list(each_frame(parse_path("item[]"), (None, {"item": {"a": 1}})))) == 1


@pytest.mark.parametrize("path", ["", "a..b", ".a", "a.", "a b]", "[x]", "a*"])
def test_a_path_that_is_not_well_formed_is_refused(path):
    with pytest.raises(PathSyntaxError):
        parse_path(path)


def test_a_bar_in_quotes_parts_nothing():
    assert split_alternatives('a | "b|c" | d') == ["a", '"b|c"', "d"]
