"""Ports are remembered, so that an address given to somebody is good after a restart too."""

from pathlib import Path

import pytest

from sluice_shared.embedded.ports import PortBook


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ports.json"


def test_a_folder_without_history_has_no_ports(file: Path):
    assert PortBook(file).recall("postgres") is None


def test_each_server_finds_its_own_port_again(file: Path):
    PortBook(file).remember("postgres", 5432)
    PortBook(file).remember("redis", 6379)
    PortBook(file).remember("postgres", 15432)

    assert PortBook(file).recall("postgres") == 15432
    assert PortBook(file).recall("redis") == 6379


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"postgres": "here"}', '{"postgres": null}'])
def test_a_damaged_file_is_no_more_than_forgotten(file: Path, content: str):
    file.write_text(content)

    assert PortBook(file).recall("postgres") is None

    PortBook(file).remember("postgres", 5432)
    assert PortBook(file).recall("postgres") == 5432


def test_a_shorter_port_leaves_no_trace_of_a_longer_one(file: Path):
    PortBook(file).remember("redis", 65535)
    PortBook(file).remember("redis", 80)

    assert PortBook(file).recall("redis") == 80
