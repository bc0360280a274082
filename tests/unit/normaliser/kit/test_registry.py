"""Finding scanners is strict; starting one is easy."""

import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest

from sluice_normaliser import golden, scaffold
from sluice_normaliser.kit import registry
from sluice_normaliser.kit.registry import RegistryError, _check, forget


@pytest.fixture
def scanners_folder(tmp_path):
    """A copy of the package with one scanner more, run in a process of its own."""

    def start(source):
        folder = tmp_path / "broken_one"
        folder.mkdir()
        (folder / "__init__.py").write_text(textwrap.dedent(source))
        program = f"""
            import sluice_normaliser.scanners as package
            package.__path__ = [{str(tmp_path)!r}]
            from sluice_normaliser.kit.registry import compiled_formats
            compiled_formats()
        """
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False
        )

    return start


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import nothing_like_this", "nothing_like_this"),
        ("X = 1", "broken_one has no SPEC"),
        (
            """
            from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec
            SPEC = ScannerSpec(name="other", title="", kinds=(), setup="", formats=())
            """,
            "calls itself 'other'",
        ),
        (
            """
            from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec
            FORMAT = Format(name="a", container="json", detect=JsonShape(), maps=(Map(kind="k", title="a..b"),))
            SPEC = ScannerSpec(name="broken_one", title="", kinds=(), setup="", formats=(FORMAT,))
            """,
            "scanners/broken_one: a dot that joins nothing",
        ),
    ],
)
def test_a_broken_folder_stops_the_start_with_its_error(scanners_folder, source, told):
    done = scanners_folder(source)
    assert done.returncode == 1
    assert told in done.stderr


def test_a_format_is_read_in_exactly_one_way():
    spec = registry()["bandit"]
    both = replace(spec.formats[0], parse=lambda _document, _reading: ())
    with pytest.raises(RegistryError, match="exactly one of maps, parse and scans"):
        _check(replace(spec, formats=(both,)))


def test_only_trivial_bodies_have_a_meaning():
    with pytest.raises(RegistryError, match="no trivial body"):
        _check(replace(registry()["bandit"], trivial={"[1]": "clean"}))


def test_every_scanner_tells_how_it_is_set_up():
    for spec in registry().values():
        assert "sluice push" in spec.setup, spec.name
        assert spec.kinds, spec.name


@pytest.mark.parametrize("container", ["json", "xml", "csv"])
def test_a_new_scanner_works_at_once(tmp_path, monkeypatch, container):
    monkeypatch.setattr(golden, "_ROOT", tmp_path)
    monkeypatch.setattr("sluice_normaliser.scanners.__path__", [str(tmp_path)])
    try:
        forget()
        name = f"fresh_{container}"
        folder = scaffold.write(name, container)
        assert (folder / "golden" / f"one.{container}.json").exists()
        assert golden.main(["--check", name]) == 0
        with pytest.raises(ValueError, match="already"):
            scaffold.write(name)
        with pytest.raises(ValueError, match="no name for a scanner"):
            scaffold.write("Not A Name")
    finally:
        monkeypatch.undo()
        forget()
