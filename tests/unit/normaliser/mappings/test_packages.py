"""Scanners of other Python packages, by the entry point group ``sluice.scanners``."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sluice_normaliser.kit import ParseContext, RegistryError, declare, parse_report, registry
from sluice_normaliser.kit.registry import ONLY

CODE = """
from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec
from sluice_shared.contracts.finding import Kind

SPEC = ScannerSpec(
    name="tinytool",
    title="Tiny Tool",
    kinds=(Kind.SAST,),
    setup="tinytool > r.json; sluice push r.json",
    formats=(
        Format(
            name="tinytool-json",
            container="json",
            detect=JsonShape(has=("tinytool", "tinytool[].id")),
            maps=(Map(each="tinytool[]", kind=Kind.SAST, rule_id="id"),),
        ),
    ),
)
"""
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    def into(code: str, name: str = "tinytool", module: str = "sluice_tinytool") -> None:
        (tmp_path / f"{module}.py").write_text(code, "utf-8")
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", "utf-8")
        (info / "entry_points.txt").write_text(f"[sluice.scanners]\n{name} = {module}:SPEC\n", "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setenv(ONLY, f"bandit,{name}")
        declare(())

    return into


def test_a_package_brings_a_scanner(install):
    install(CODE)
    report = parse_report(b'{"tinytool": [{"id": "T1"}]}', ParseContext(secret_key=b"k"))
    assert report.scanner == "tinytool"
    assert report.observations[0].rule_id == "T1"


@pytest.mark.parametrize(
    ("code", "name", "told"),
    [
        ("raise OSError('no licence')", "tinytool", "no licence"),
        ("SPEC = 1", "tinytool", "has no SPEC"),
        (CODE, "other", "calls itself 'tinytool'"),
        (CODE.replace("tinytool", "bandit"), "bandit", "there is a scanner bandit already"),
    ],
)
def test_a_broken_package_stops_the_start_and_is_named(install, code, name, told):
    module = f"sluice_broken_{abs(hash((code, name)))}"
    install(code, name, module)
    with pytest.raises(RegistryError, match=told) as caught:
        registry()
    assert module in str(caught.value)
