"""The folder of an embedded server has one owner and keeps one secret."""

import os
import stat
from pathlib import Path

import pytest

from sluice_shared.embedded import EmbeddedError
from sluice_shared.embedded.folder import FolderLock, keep_secret


def test_a_folder_in_use_is_refused_and_its_owner_named(tmp_path: Path):
    lock = FolderLock(tmp_path)

    with pytest.raises(EmbeddedError, match=rf"in use by process {os.getpid()}\b"):
        FolderLock(tmp_path)

    lock.release()


def test_a_folder_given_up_can_be_taken_again(tmp_path: Path):
    FolderLock(tmp_path).release()

    FolderLock(tmp_path).release()


def test_a_secret_is_made_once_and_for_us_alone(tmp_path: Path):
    file = tmp_path / "password"

    secret, is_new = keep_secret(file)

    assert is_new
    assert len(secret) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keep_secret(file) == (secret, False)


def test_a_secret_whose_writing_was_interrupted_is_made_again(tmp_path: Path):
    file = tmp_path / "password"
    file.touch(mode=0o600)

    secret, is_new = keep_secret(file)

    assert is_new
    assert keep_secret(file) == (secret, False)
