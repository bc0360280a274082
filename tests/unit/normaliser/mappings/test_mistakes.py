from pathlib import Path

import pytest

from sluice_normaliser.mappings import read_folder
from sluice_normaliser.storage.config import check, watch
from sluice_shared.config import ConfigError

HEAD = """name: acme
title: Acme
formats:
  - detect: {has: [acme]}
    maps:
      - each: acme[]
        kind: sast
        rule_id: id
"""

MISTAKES = {
    "        severty: level\n": (9, "there is no severty here", "did you mean severity?"),
    "        title: a..b\n": (9, "a dot that joins nothing", ""),
    "        title: {jmespath: 'a[?'}\n": (9, "not a JMESPath expression", ""),
    "        title: {jmespath: lenght(a)}\n": (9, "JMESPath has no function lenght()", ""),
    "        severity: {by: level, table: acme-scale}\n": (9, "acme-scale", ""),
    "        severity: {by: level, table: {A: hgih}}\n": (9, "'hgih' is no severity", ""),
    "        title: {matching: text, pattern: '('}\n": (9, "missing )", ""),
    "        title: [a, b]\n": (9, "a path or an expression belongs here", "first:"),
    "        title: {tmplate: '{a}'}\n": (9, "none of its names is an operator", "template"),
    "        title: {join: [a], seperator: x}\n": (9, "there is no seperator here", "sep"),
    "        title: {template: none}\n": (9, "a template without any {path}", ""),
    "        location:\n          code: {path: file, lin: line}\n": (10, "CodeLocation has no field lin", ""),
    "        ratings: {vector: cvss}\n": (9, "a rating needs its source", "const"),
    "        fix: {advice: text}\n": (9, "Fix has no field advice", ""),
    "        ignore: ['a[']\n": (9, "cannot read '['", ""),
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_in_a_map_is_shown_at_its_line_with_what_to_write(write, line):
    at, told, hint = MISTAKES[line]
    (problem,) = check(write(HEAD + line))
    assert problem.line == at
    assert told in problem.message
    assert hint in str(problem)


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("name: Acme!", "name: acme", "name"),
        ("kind: sats", "kind: sast", "there is no kind sats"),
        ("detect: {root: object}", "detect: {has: [acme]}", "any JSON would be taken for this"),
        ("detect: {has: [acme], columns: [a]}", "detect: {has: [acme]}", "json is not recognised by columns"),
        ("detect: {has: [acme], match: {acme: '('}}", "detect: {has: [acme]}", "not a regular expression"),
        ("detect: {has: ['a..b']}", "detect: {has: [acme]}", "a dot that joins nothing"),
        ("name: bandit", "name: acme", "the name bandit is that of bandit already"),
        ("name: acme\naliases: [trivy]", "name: acme", "trivy answers to trivy already"),
    ],
)
def test_a_mistake_around_the_maps_is_told(write, wrong, right, told):
    problems = check(write(HEAD.replace(right, wrong)))
    assert any(told in str(problem) for problem in problems), problems


def test_every_mistake_of_every_file_is_told_at_once(write):
    write(HEAD + "        severty: level\n        titel: name\n")
    folder = write(HEAD.replace("name: acme", "name: other").replace("kind: sast", "kind: x"), "other.yaml")
    assert [problem.file.name for problem in check(folder)] == ["acme.yaml", "acme.yaml", "other.yaml"]


def test_two_files_cannot_be_one_scanner(write):
    write(HEAD)
    (problem,) = check(write(HEAD, "b.yaml"))
    assert "acme.yaml already" in problem.message


def test_no_folder_means_no_scanners_of_ones_own(tmp_path: Path):
    assert check(tmp_path) == []
    assert watch(None).value.specs == ()


async def test_a_wrong_file_leaves_the_last_good_one_in_use(write):
    watched = watch(write(HEAD))
    write(HEAD + "        severty: level\n")
    assert not await watched.refresh()
    assert [spec.name for spec in watched.value.specs] == ["acme"]
    assert watched.problem is not None
    write(HEAD, "more.yml")
    write(HEAD.replace("acme", "third"))
    assert await watched.refresh()
    assert {spec.name for spec in watched.value.specs} == {"acme", "third"}


def test_a_file_that_is_no_text_is_told(write):
    folder = write(HEAD)
    (folder / "mappings" / "bad.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_folder(folder)
