"""Statements as they are kept for an asset, which findings they are about, and which of them counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sluice_risk_index.domain.glob import name_matcher
from sluice_risk_index.domain.policy import VexPolicy
from sluice_risk_index.domain.purl import read_purl

EXCUSE = "vex:"
"""How the id begins that stands in an excused finding's ``exception_id``; no exception's own id has a colon."""


class VexStatus(StrEnum):
    """What is said, in the words of OpenVEX, to which the other forms are brought."""

    NOT_AFFECTED = "not_affected"
    AFFECTED = "affected"
    FIXED = "fixed"
    UNDER_INVESTIGATION = "under_investigation"


_CAUTION = {
    VexStatus.AFFECTED: 0,
    VexStatus.UNDER_INVESTIGATION: 1,
    VexStatus.FIXED: 2,
    VexStatus.NOT_AFFECTED: 3,
}
"""Of two statements of one moment the more cautious one counts."""


class Subject(Protocol):
    """A finding, as far as statements ask."""

    @property
    def identifiers(self) -> list[str]:
        """Names of its vulnerability."""

    @property
    def purl(self) -> str | None:
        """The package that it is in."""

    @property
    def package(self) -> str | None:
        """The package's name, its namespace before it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a document says of one vulnerability in the asset for which it was pushed.

    ``packages`` are purls, or names of packages without one; none means whatever package of the asset it is found in.
    ``source`` is who pushed it.
    """

    identifier: str
    document: str
    status: VexStatus
    stated_at: datetime
    author: str | None = None
    justification: str | None = None
    statement: str | None = None
    packages: tuple[str, ...] = ()
    source: str | None = None

    def is_about(self, finding: Subject) -> bool:
        """Tell whether a finding that has the identifier is meant."""
        return not self.packages or any(_same_package(package, finding) for package in self.packages)

    def is_trusted(self, policy: VexPolicy) -> bool:
        """Tell whether the policy believes its author, and whoever pushed it."""
        return _any(policy.trusted_authors, self.author) and _any(policy.trusted_sources, self.source)


@dataclass(frozen=True, slots=True)
class Analysis:
    """A statement about a finding; ``counts`` for the newest of those that are trusted."""

    statement: Statement
    trusted: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class Statements:
    """What is said about an asset, by the identifier in capitals."""

    by_identifier: Mapping[str, Sequence[Statement]] = field(default_factory=dict)

    def about(self, finding: Subject, policy: VexPolicy) -> list[Analysis]:
        """Return what is said of the finding, the newest first."""
        # What is said of one vulnerability under two of its names is said once.
        said = {replace(s, identifier=""): s for s in self._of(finding.identifiers) if s.is_about(finding)}
        ordered = sorted(said.values(), key=lambda s: (-s.stated_at.timestamp(), _CAUTION[s.status], s.document))
        believed = next((s for s in ordered if s.is_trusted(policy)), None)
        return [Analysis(s, s.is_trusted(policy), s is believed) for s in ordered]

    def excusing(self, finding: Subject, policy: VexPolicy) -> str | None:
        """Return what stands for the statement by which the finding does not matter, if that is the one that counts."""
        if not self.by_identifier:
            return None
        counting = next((a.statement for a in self.about(finding, policy) if a.counts), None)
        if counting is None or counting.status is not VexStatus.NOT_AFFECTED:
            return None
        return EXCUSE + counting.document

    def _of(self, identifiers: Iterable[str]) -> Iterable[Statement]:
        return (s for name in identifiers for s in self.by_identifier.get(name.upper(), ()))


def _same_package(meant: str, finding: Subject) -> bool:
    purl = read_purl(meant)
    if purl is None:
        return finding.package is not None and finding.package.casefold() == meant.casefold()
    found = read_purl(finding.purl) if finding.purl else None
    return found is not None and found.is_of(purl)


def _any(patterns: Sequence[str], name: str | None) -> bool:
    return name is not None and any(name_matcher(pattern.casefold())(name.casefold()) for pattern in patterns)
