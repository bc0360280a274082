"""The database takes globs as fnmatch does."""

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice_ingest.storage.globs import to_regex

texts = st.text(alphabet="ab/.:-*?[]!^\\$", max_size=8)


@pytest.mark.parametrize(
    ("glob", "text", "matches"),
    [
        ("repo:github.com/acme/*", "repo:github.com/acme/shop", True),
        ("repo:github.com/acme/*", "repo:githubXcom/acme/shop", False),
        ("repo:*/shop", "repo:github.com/acme/shop", True),
        ("image:?", "image:a", True),
        ("host:db[0-9]", "host:db7", True),
        ("host:db[!0-9]", "host:db7", False),
        ("host:db[", "host:db[", True),
        ("host:[]]", "host:]", True),
    ],
)
def test_examples(glob: str, text: str, matches: bool) -> None:
    assert bool(re.search(to_regex(glob), text)) is matches


@settings(max_examples=1000)
@given(texts, texts)
def test_the_rules_are_those_of_fnmatch(glob: str, text: str) -> None:
    assert bool(re.search(to_regex(glob), text)) is fnmatchcase(text, glob)
