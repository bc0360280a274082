from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from sluice_normaliser.kit import declare
from sluice_normaliser.kit.registry import ONLY

Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def few_scanners(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Know only a few of the installed scanners, and none of one's own before and after."""
    monkeypatch.setenv(ONLY, "bandit,trivy")
    declare(())
    yield
    monkeypatch.undo()
    declare(())


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a mapping file; gives the configuration folder."""

    def into(text: str, name: str = "acme.yaml") -> Path:
        (tmp_path / "mappings").mkdir(exist_ok=True)
        (tmp_path / "mappings" / name).write_text(dedent(text), "utf-8")
        return tmp_path

    return into
