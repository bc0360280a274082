"""Exceptions: risks that somebody answers for until a day, written as files and reviewed like code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from sluice_risk_index.domain.catalogue import Glob, Name
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.glob import Matcher, name_matcher, path_matcher
from sluice_risk_index.domain.policy import AcceptancePolicy, Part, RiskClass
from sluice_shared.contracts.finding import Severity

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
Person = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Term = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class Selector(Part):
    """Which findings an exception is about; each part that is given must match."""

    asset: Glob | None = Field(default=None, description="Glob over asset keys: repo:github.com/acme/*")
    rule: Glob | None = Field(default=None, description="Glob over the scanners' rule ids")
    identifier: Term | None = Field(default=None, description="CVE-2021-44228, GHSA-..., CWE-79")
    path: Glob | None = Field(default=None, description="Glob over paths, as in CODEOWNERS: tests/**")
    package: Glob | None = Field(default=None, description="Glob over the purl or the package's name: pkg:npm/*")
    scanner: Term | None = Field(default=None, description="A scanner that sees it")
    severity_max: Severity | None = Field(default=None, description="The worst severity that it covers")
    classes: tuple[RiskClass, ...] | None = Field(
        default=None, alias="class", description="The risk classes that it is for; all when left out"
    )
    findings: tuple[UUID, ...] | None = Field(default=None, description="Ids of findings")

    @property
    def names_something(self) -> bool:
        """Whether it says which findings are meant, rather than only how bad they may be."""
        parts = (self.asset, self.rule, self.identifier, self.path, self.package, self.scanner, self.findings)
        return any(parts)


class Exemption(Part):
    """An exception: `kind: exception`."""

    kind: Literal["exception"]
    id: Name
    selector: Selector
    reason: Text
    controls: tuple[Text, ...] = Field(default=(), description="Compensating controls that are in place")
    requester: Person
    approver: Person = Field(description="Who answers for it; never the requester")
    created: date = Field(description="The first day (UTC) on which it holds")
    review: date = Field(description="The day on which somebody looks at it again")
    expires: date = Field(description="The first day (UTC) on which it holds no longer")

    @property
    def classes(self) -> Sequence[RiskClass]:
        """The risk classes that it is for."""
        return self.selector.classes or tuple(RiskClass)

    @property
    def begins(self) -> datetime:
        """When it begins to hold."""
        return _begin(self.created)

    def ends(self, risk_class: RiskClass, acceptance: AcceptancePolicy) -> datetime:
        """Return when it no longer covers findings of the class: never later than the policy allows."""
        return min(_begin(self.expires), _begin(self.created) + acceptance.maximum[risk_class])

    def holds(self, risk_class: RiskClass, acceptance: AcceptancePolicy, now: datetime) -> bool:
        """Tell whether it covers findings of the class at ``now``."""
        if risk_class not in self.classes or (risk_class in acceptance.controls and not self.controls):
            return False
        return _begin(self.created) <= now < self.ends(risk_class, acceptance)

    def covered_classes(self, acceptance: AcceptancePolicy, now: datetime) -> frozenset[RiskClass]:
        """Return the classes that it covers at ``now``; none before it is in force and after its end."""
        return frozenset(c for c in RiskClass if self.holds(c, acceptance, now))


class Exemptions:
    """All exceptions, in the order of their ids: of several that match a finding the first one covers it."""

    def __init__(
        self,
        entries: Sequence[Exemption] = (),
        files: Mapping[str, str] | None = None,
        since: Mapping[str, datetime] | None = None,
    ) -> None:
        """Take exceptions with the files of those that stand in one; of the others, ``since`` when they say so."""
        self.entries: Sequence[Exemption] = tuple(sorted(entries, key=lambda entry: entry.id))
        self.files: Mapping[str, str] = files or {}
        self.since: Mapping[str, datetime] = since or {}

    def of_asset(self, asset: str, acceptance: AcceptancePolicy) -> "AssetExemptions":
        """Return what may cover findings of the asset with this key."""
        return AssetExemptions([e for e in self.entries if speaks_of(e.selector, asset)], acceptance)


class AssetExemptions:
    """Finds the exception that covers a finding of one asset."""

    def __init__(self, entries: Sequence[Exemption], acceptance: AcceptancePolicy) -> None:
        self._compiled = [_Compiled.of(entry) for entry in entries]
        self._acceptance = acceptance

    def covering(self, finding: Finding, now: datetime) -> str | None:
        """Return the id of the exception that covers the finding, whose class is decided already, at ``now``."""
        for compiled in self._compiled:
            if compiled.matches(finding) and compiled.entry.holds(finding.risk_class, self._acceptance, now):
                return compiled.entry.id
        return None

    def matches(self, finding: Finding) -> bool:
        """Tell whether the selector of one of them means the finding, whether it is in force or not."""
        return any(compiled.matches(finding) for compiled in self._compiled)


@dataclass(frozen=True, slots=True)
class _Compiled:
    entry: Exemption
    rule: Matcher | None
    path: Matcher | None
    package: Matcher | None
    findings: frozenset[UUID] | None

    @classmethod
    def of(cls, entry: Exemption) -> "_Compiled":
        selector = entry.selector
        return cls(
            entry=entry,
            rule=name_matcher(selector.rule) if selector.rule else None,
            path=path_matcher(selector.path) if selector.path else None,
            package=name_matcher(selector.package) if selector.package else None,
            findings=frozenset(selector.findings) if selector.findings is not None else None,
        )

    def matches(self, finding: Finding) -> bool:
        selector = self.entry.selector
        if self.findings is not None and finding.id not in self.findings:
            return False
        if selector.severity_max is not None and not _at_most(finding.severity, selector.severity_max):
            return False
        if selector.identifier is not None and selector.identifier not in finding.identifiers:
            return False
        if selector.scanner is not None and selector.scanner not in finding.scanners:
            return False
        return self._place_matches(finding)

    def _place_matches(self, finding: Finding) -> bool:
        if self.rule is not None and not self.rule(finding.rule_id):
            return False
        if self.path is not None and not (finding.path and self.path(finding.path.lstrip("/"))):
            return False
        names = [name for name in (finding.purl, finding.package) if name]
        return self.package is None or any(self.package(name) for name in names)


def speaks_of(selector: Selector, asset: str) -> bool:
    """Tell whether findings of the asset with this key can be meant."""
    return selector.asset is None or name_matcher(selector.asset)(asset)


def _at_most(severity: Severity, worst: Severity) -> bool:
    """Tell whether it is no worse; a severity that nobody could tell may be any."""
    return severity is not Severity.UNKNOWN and severity.rank <= worst.rank


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
