"""YAML files of several documents, as catalogue and exceptions have them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from sluice_shared.config import ConfigError, Document, Problem, parse_yaml

E = TypeVar("E")
_SEPARATOR = re.compile(r"^---[ \t]*(?:#.*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Placed(Generic[E]):
    """An entry and the document it stands in."""

    entry: E
    document: Document


def yaml_files(folder: Path) -> list[Path]:
    """Return the YAML files of a folder, in the order of their names."""
    return sorted(path for pattern in ("*.yaml", "*.yml") for path in folder.glob(pattern))


def documents(path: Path, problems: list[Problem]) -> Iterator[Document]:
    """Read each of the documents of a file, which `---` separates; lines are counted from the file's first."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        problems.append(Problem(path, 1, 1, "", f"cannot be read: {why}", "check its permissions and its encoding"))
        return
    line = 0
    for part in _SEPARATOR.split(text):
        try:
            document = parse_yaml("\n" * line + part, path)
        except ConfigError as error:
            problems += error.problems
        else:
            if document.value is not None:
                yield document
        line += part.count("\n")
