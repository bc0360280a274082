import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sluice_notifier
from sluice_notifier.scaffold import main, write

ROOT = Path(__file__).parents[3]
SOURCE = Path(sluice_notifier.__file__).parent


@pytest.fixture
def checkout(tmp_path):
    """A copy of what a new channel lives among."""
    shutil.copytree(SOURCE, tmp_path / "services" / "notifier" / "src" / "sluice_notifier")
    for folder in ("integration/notifier", "unit/notifier"):
        shutil.copytree(ROOT / "tests" / folder, tmp_path / "tests" / folder, ignore=shutil.ignore_patterns("test_*"))
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "tests")
    shutil.copy(ROOT / "tests" / "integration" / "notifier" / "channels" / "test_registry.py",
                tmp_path / "tests" / "integration" / "notifier" / "channels")  # fmt: skip
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_a_new_channel_passes_what_every_channel_must_at_once(checkout):
    channel, test = write("matter_most", checkout)
    source = checkout / "services" / "notifier" / "src"
    environment = os.environ | {"PYTHONPATH": f"{source}{os.pathsep}{checkout}"}
    python = (sys.executable, "-m")
    ran = subprocess.run(
        [*python, "pytest", "-q", "-p", "no:cacheprovider", str(test)],
        cwd=checkout, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
    assert "passed" in ran.stdout
    listed = subprocess.run(
        [sys.executable, "-c", "from sluice_notifier.channels import registry; print(*registry())"],
        cwd=checkout, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "matter_most" in listed.stdout.split()
    for tool in (["ruff", "check"], ["ruff", "format", "--check"]):
        found = subprocess.run(
            [*python, *tool, str(channel), str(test)], cwd=checkout, capture_output=True, text=True, check=False
        )
        assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("name", ["slack", "kit", "Mattermost", "matter-most", "_x", ""])
def test_a_name_that_is_taken_or_none_is_refused(checkout, name):
    with pytest.raises(ValueError, match="channel"):
        write(name, checkout)


def test_the_command_says_what_is_wrong(capsys):
    assert main(["Slack!"]) == 2
    assert "is no name for a channel" in capsys.readouterr().err
