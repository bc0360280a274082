"""JSON pointers find what RFC 6901 says, and templates are filled from the body."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_ingest.domain.pointer import PointerError, Template, check_pointer, find

# The document of RFC 6901, section 5.
DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/foo/0", "bar"),
        ("/", "0"),
        ("/a~1b", "1"),
        ("/c%d", "2"),
        ("/e^f", "3"),
        ("/g|h", "4"),
        ("/i\\j", "5"),
        ('/k"l', "6"),
        ("/ ", "7"),
        ("/m~0n", "8"),
        ("/foo/2", None),
        ("/foo/-", None),
        ("/foo/bar", None),
        ("/foo/0/x", None),
        ("/nothing", None),
    ],
)
def test_what_is_at_a_pointer(pointer: str, value: str | None) -> None:
    assert find(DOCUMENT, check_pointer(pointer)) == value


@pytest.mark.parametrize("pointer", ["", "foo", "/a~b", "/a~"])
def test_what_is_no_pointer(pointer: str) -> None:
    with pytest.raises(PointerError):
        check_pointer(pointer)


def test_an_object_is_no_text() -> None:
    with pytest.raises(PointerError, match="a list"):
        find(DOCUMENT, "/foo")


def test_truth_values_are_written_as_in_json() -> None:
    assert find({"a": True}, "/a") == "true"


def test_a_template_is_filled_from_the_body() -> None:
    document = {"repo": {"name": "acme/{/x}"}, "n": 7}
    assert Template("repo:github.com/{/repo/name}@{/n}").fill(document) == "repo:github.com/acme/{/x}@7"
    with pytest.raises(PointerError, match="nothing at /missing"):
        Template("{/missing}").fill(document)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(json_values, st.text(alphabet="/~01ab-", max_size=8))
def test_any_pointer_into_any_body_gives_text_or_says_why_not(document: object, text: str) -> None:
    try:
        found = find(document, check_pointer(text))
    except PointerError:
        return
    assert found is None or isinstance(found, str)
