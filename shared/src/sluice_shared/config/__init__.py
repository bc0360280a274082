"""Configuration files: YAML with line numbers, checked by pydantic, reloaded without a restart."""

from sluice_shared.config.parse import parse
from sluice_shared.config.problems import ConfigError, Problem
from sluice_shared.config.watched import Watched
from sluice_shared.config.yaml import Document, Mark, load_yaml, parse_yaml, write_yaml

__all__ = ["ConfigError", "Document", "Mark", "Problem", "Watched", "load_yaml", "parse", "parse_yaml", "write_yaml"]
