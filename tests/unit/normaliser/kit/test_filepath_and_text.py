"""Paths in one spelling; texts without markup."""

import pytest

from sluice_normaliser.kit.filepath import below_root, clean_path
from sluice_normaliser.kit.text import clip, first_sentence, plain, strip_ansi


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("./src/a.py", "src/a.py"),
        ("././a.py", "a.py"),
        ("src\\app\\a.cs", "src/app/a.cs"),
        ("C:\\code\\a.c", "C:/code/a.c"),
        ("file:///C:/code/a.c", "C:/code/a.c"),
        ("file:///home/x/with%20space.py", "/home/x/with space.py"),
        ("file:/home/x.py", "/home/x.py"),
        ("a//b.py", "a/b.py"),
        ("../a.py", "../a.py"),
        ("/abs/a.py", "/abs/a.py"),
        ("https://acme.io//x", "https://acme.io//x"),
        ("app.jar:BOOT-INF/x.jar", "app.jar:BOOT-INF/x.jar"),
        ("dir/with\\odd name", "dir/with\\odd name"),
    ],
)
def test_a_path_has_one_spelling(raw, path):
    assert clean_path(raw) == path


def test_html_becomes_text_with_its_breaks():
    assert plain("<p>One &amp; two</p><ul><li>a</li><li>b</li></ul>") == "One & two\n\na\n\nb"
    assert plain("a < b && c > d") == "a < b && c > d"


def test_colours_go():
    assert strip_ansi("\x1b[38;5;33mred\x1b[0m") == "red"


def test_a_title_is_the_first_sentence():
    assert first_sentence("Use of md5. It is weak.\nMore") == "Use of md5."
    assert first_sentence("version 1.2 is bad") == "version 1.2 is bad"


def test_what_is_cut_shows_it():
    assert clip("abcdef", 4) == "abc…"
    assert clip("abc", 4) == "abc"


@pytest.mark.parametrize(
    ("raw", "path"),
    [("/main.tf", "main.tf"), ("./a/b.tf", "a/b.tf"), ("//a.tf", "a.tf"), ("/", None), ("", None), (None, None)],
)
def test_the_root_of_what_was_scanned_is_no_root_of_a_machine(raw, path):
    assert below_root(raw) == path
