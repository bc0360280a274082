"""What the feeds know about the vulnerabilities of findings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sluice_risk_index.domain.facts import Facts
from sluice_risk_index.domain.feeds import Edition
from sluice_risk_index.domain.policy import Exploit


@dataclass(frozen=True, slots=True)
class CveIntelligence:
    """What is known of one CVE; ``news`` tells whether it entered KEV after KEV was first read."""

    epss: float | None = None
    percentile: float | None = None
    kev_added: date | None = None
    kev_due: date | None = None
    ransomware: bool = False
    news: bool = False


@dataclass(frozen=True, slots=True)
class Intelligence:
    """What is known by CVE, and of which editions it is."""

    cves: Mapping[str, CveIntelligence] = field(default_factory=dict)
    epss: Edition | None = None
    kev: Edition | None = None

    def known_exploited(self, identifiers: Iterable[str]) -> bool:
        """Tell whether KEV has one of these."""
        return bool(self.cves) and any(known.kev_added is not None for _, known in self._of(identifiers))

    def is_news(self, identifiers: Iterable[str]) -> bool:
        """Tell whether KEV has one of these that it had not when it was first read."""
        return bool(self.cves) and any(known.news for _, known in self._of(identifiers))

    def inform(self, facts: Facts, identifiers: Iterable[str]) -> Facts:
        """Return the facts with what the feeds know; of several CVEs the worst counts.

        Where FIRST has a score it counts before what a scanner took from an edition that nobody knows; KEV only ever
        makes it worse.
        """
        if not self.cves:
            return facts
        known = list(self._of(identifiers))
        scored = [(cve.epss, name, cve) for name, cve in known if cve.epss is not None]
        if scored and self.epss is not None:
            score, name, cve = max(scored, key=lambda entry: entry[:2])
            source = f"FIRST EPSS {self.epss.version} of {self.epss.released_at.date()}: {name}"
            facts = replace(facts, epss=score, epss_source=f"{source}, percentile {100 * (cve.percentile or 0):.2f}")
        listed = min(((c.kev_added, name, c) for name, c in known if c.kev_added is not None), default=None, key=_first)
        if listed is not None and self.kev is not None:
            added, name, cve = listed
            source = f"CISA KEV {self.kev.version}: {name} added {added}, due {cve.kev_due}"
            if any(c.ransomware for _, c in known):
                source += ", known ransomware use"
            facts = replace(facts, exploit=Exploit.ACTIVE, exploit_source=source)
        return facts

    def _of(self, identifiers: Iterable[str]) -> Iterable[tuple[str, CveIntelligence]]:
        return ((name, self.cves[name]) for name in identifiers if name in self.cves)


def _first(entry: tuple[date, str, CveIntelligence]) -> tuple[date, str]:
    return entry[0], entry[1]


NOTHING_KNOWN = Intelligence()
