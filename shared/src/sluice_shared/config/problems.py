"""What is wrong with a configuration file, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: `line` and `column` count from 1, `path` is like `receivers[0].url`, `hint` is what to write."""

    file: Path
    line: int
    column: int
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {place}{self.message}{hint}"


class ConfigError(Exception):
    """A configuration cannot be used; `problems` has at least one entry, and `str()` gives one a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(list(problems))
        self.problems = sorted(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def show_path(path: Sequence[str | int]) -> str:
    """Write a path the way people do: `receivers[0].url`."""
    shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return shown.removeprefix(".")
