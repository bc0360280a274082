"""Mistakes in ``sources.yaml`` are told with their line and what to write."""

import re
from pathlib import Path

import pytest

from sluice_ingest.domain.refusal import Refused
from sluice_ingest.domain.source import Source
from sluice_ingest.storage.config import check, load, read_secret

BAD = Path(__file__).parent / "bad_sources"
EXAMPLE = Path(__file__).parents[3] / "deploy" / "config"


@pytest.mark.parametrize("file", sorted(BAD.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_mistake_is_told_with_its_line_and_what_to_write(file: Path, tmp_path: Path) -> None:
    expected = re.match(r"# line: (\d+); (.*)", file.read_text())
    assert expected
    (tmp_path / "sources.yaml").write_text(file.read_text())
    problems = check(tmp_path)
    assert [problem.line for problem in problems] == [int(expected[1])]
    assert expected[2] in str(problems[0])
    assert "hunter2" not in str(problems[0])


def test_the_example_is_valid_without_its_secrets() -> None:
    assert check(EXAMPLE) == []
    assert {source.name for source in load(EXAMPLE).sources} == {"nightly-scan", "build-farm", "cloud-posture"}


def test_without_a_folder_or_file_there_are_no_sources(tmp_path: Path) -> None:
    assert load(None).sources == []
    assert load(tmp_path).sources == []
    assert check(tmp_path) == []


def test_a_secret_file_lies_beside_the_configuration_and_is_read_each_time(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text("sources: [{name: a, secret_file: s/a, asset: 'repo:github.com/acme/shop'}]")
    source = load(tmp_path).sources[0]
    with pytest.raises(Refused, match="secret_file is empty or cannot be read"):
        read_secret(source)
    (tmp_path / "s").mkdir()
    for secret in ("one", "two"):
        (tmp_path / "s" / "a").write_text(f"{secret}\n")
        assert read_secret(source) == secret.encode()


def test_a_secret_of_the_environment_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(name="a", secret_env="SLUICE_TEST_A", asset="repo:github.com/acme/shop")
    monkeypatch.delenv("SLUICE_TEST_A", raising=False)
    with pytest.raises(Refused, match="the variable SLUICE_TEST_A is empty"):
        read_secret(source)
