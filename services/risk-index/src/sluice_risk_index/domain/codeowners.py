"""CODEOWNERS files, as GitHub and GitLab read them.

Of GitLab's form there are sections (`[Docs]`, optional ones `^[Docs]`, a number of approvals `[Docs][2]`, owners of a
whole section) and exclusions (`!docs/generated/`). What neither of them could read is passed over, and told.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from operator import itemgetter

from sluice_risk_index.domain.glob import Matcher, path_matcher

MAX_BYTES = 3 * 1024 * 1024
"""GitHub's own limit; a larger file is not read there either."""
MAX_LINES = 10_000
"""Lines that name owners; every path of a finding is held against them."""
_PATHS_KEPT = 10_000
_LONGEST_PATTERN = 512
_LONGEST_REASON = 500
_WILDCARDS = frozenset("*?")
_SECTION = re.compile(r"(?P<optional>\^)?\[(?P<name>[^\]]+)\](?:\[\d*\])?(?:\s+(?P<owners>\S.*))?\s*")
_WORD = re.compile(r"(?:\\.|[^\s\\])+|\\$")
_ESCAPED = re.compile(r"\\(.)")
_OWNER = re.compile(r"@{1,2}[\w][\w./-]*|[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that names owners of what matches; without owners it says that nobody in particular owns it."""

    number: int
    pattern: str
    owners: tuple[str, ...]
    section: str
    optional: bool
    excludes: bool

    def __str__(self) -> str:
        return " ".join((f"CODEOWNERS:{self.number}", self.pattern, *self.owners))


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was passed over, and why."""

    number: int
    problem: str


@dataclass(frozen=True, slots=True)
class Codeowners:
    """What a file says, line by line."""

    lines: tuple[Line, ...]
    bad: tuple[BadLine, ...] = ()

    @property
    def owners(self) -> tuple[str, ...]:
        """Return every owner that a line names, each once, in the order of the file."""
        return tuple(dict.fromkeys(owner for line in self.lines for owner in line.owners))


@dataclass(frozen=True, slots=True)
class Claim:
    """A team that a line gives a path to; ``passed`` are the lines before it whose owners no team goes by."""

    team: str
    line: Line
    passed: tuple[Line, ...]

    @property
    def reason(self) -> str:
        """The line, and which lines would have counted before it if anybody knew their owners."""
        if not self.passed:
            return str(self.line)[:_LONGEST_REASON]
        told = f"{self.line} (no team goes by the owners in {', '.join(f'line {line.number}' for line in self.passed)})"
        return told[:_LONGEST_REASON]


def read_codeowners(text: str) -> Codeowners:
    """Read a file; a line that cannot be read is told among the bad ones, and the others count."""
    lines: list[Line] = []
    bad: list[BadLine] = []
    section, optional, of_section = "", False, tuple[str, ...]()
    for number, raw in enumerate(text.replace("\x00", "").splitlines(), start=1):
        stripped = raw.strip()
        if not stripped or stripped.startswith("#"):
            continue
        header = _SECTION.fullmatch(stripped)
        if header is not None:
            section, optional = header["name"].strip().casefold(), header["optional"] is not None
            of_section, problem = _owners(_WORD.findall(header["owners"] or ""))
        else:
            pattern, *words = _WORD.findall(stripped)
            owners, problem = _owners(words)
            problem = problem or _unreadable(pattern)
            excludes = pattern.startswith("!")
            if not _unreadable(pattern) and not (problem and not owners):
                bare = _ESCAPED.sub(r"\1", pattern.removeprefix("!"))
                known = () if excludes else owners or of_section
                lines.append(Line(number, bare, known, section, optional, excludes))
        if problem:
            bad.append(BadLine(number, problem))
    return Codeowners(tuple(lines), tuple(bad))


_Ranked = tuple[int, Line, str | None]


class OwnedPaths:
    """Finds whose a path is by a file and by the teams that go by its owners' names."""

    def __init__(self, file: Codeowners, team_of: Callable[[str], str | None]) -> None:
        self.unknown = tuple(owner for owner in file.owners if team_of(owner) is None)
        # Sections stand side by side: one that must agree comes before one that may, then the last match wins.
        ordered = sorted(file.lines, key=lambda line: (line.optional, -line.number))
        # Most lines begin with a folder of the root, so that they need not be held against any other path.
        self._rooted: dict[str, list[_Ranked]] = defaultdict(list)
        self._anywhere: list[_Ranked] = []
        for rank, line in enumerate(line for line in ordered if not line.excludes):
            known = (rank, line, _team(line.owners, team_of))
            folder = _folder(line.pattern)
            (self._anywhere if folder is None else self._rooted[folder]).append(known)
        self._excluded = [(line.section, path_matcher(line.pattern)) for line in file.lines if line.excludes]
        self._known: dict[str, Claim | None] = {}
        self._matchers: dict[str, Matcher] = {}

    def claim(self, path: str) -> Claim | None:
        """Return who has the path, which is relative to the repository; None when nobody is named that is known."""
        if path not in self._known:
            if len(self._known) >= _PATHS_KEPT:
                self._known.clear()
            self._known[path] = self._find(path.lstrip("/"))
        return self._known[path]

    def _find(self, path: str) -> Claim | None:
        closed = {section for section, matches in self._excluded if matches(path)}
        passed: list[Line] = []
        for line, team in self._matching(path, closed):
            if team is not None:
                return Claim(team, line, tuple(passed))
            if not line.owners:
                closed.add(line.section)
            else:
                passed.append(line)
        return None

    def _matches(self, line: Line, path: str) -> bool:
        """Match, with a pattern that is made ready when it is needed first: of a large file few are."""
        matcher = self._matchers.get(line.pattern)
        if matcher is None:
            matcher = self._matchers[line.pattern] = path_matcher(line.pattern)
        return matcher(path)

    def _matching(self, path: str, closed: set[str]) -> Iterator[tuple[Line, str | None]]:
        lines = merge(self._rooted.get(path.partition("/")[0], ()), self._anywhere, key=itemgetter(0))
        return ((line, team) for _, line, team in lines if line.section not in closed and self._matches(line, path))


def _folder(pattern: str) -> str | None:
    """Return the folder of the root, or the file in it, in which all must be that the pattern matches; None for any."""
    if "/" not in pattern.rstrip("/"):
        return None
    first = pattern.lstrip("/").partition("/")[0]
    return None if not first or _WILDCARDS & set(first) else first


def _team(owners: Sequence[str], team_of: Callable[[str], str | None]) -> str | None:
    return next((team for owner in owners if (team := team_of(owner)) is not None), None)


def _owners(words: Sequence[str]) -> tuple[tuple[str, ...], str | None]:
    """Return the owners up to a comment, and what is wrong with the first word that is none."""
    owners: list[str] = []
    problem = None
    for word in words:
        if word.startswith("#"):
            break
        if _OWNER.fullmatch(word):
            owners.append(word)
        else:
            problem = problem or f"'{word[:80]}' is no owner: write @user, @org/team or an e-mail address"
    return tuple(owners), problem


def _unreadable(pattern: str) -> str | None:
    """Say why neither GitHub nor GitLab could read a pattern."""
    body = pattern.removeprefix("!").strip("/")
    if len(body) > _LONGEST_PATTERN:
        return f"'{pattern[:80]}…' is longer than {_LONGEST_PATTERN} characters"
    if sum(part.count("**") for part in body.split("/") if part != "**") > 1:
        return f"'{pattern[:80]}': ** stands for folders, and so between slashes; write * for the rest of a name"
    if not body:
        return "the pattern names nothing: write * for everything"
    if "[" in body and "\\[" not in body:
        return (
            f"'{pattern[:80]}': sets of characters in brackets do not exist in CODEOWNERS; write * or a line for each"
        )
    return None
