"""The algorithms that make identity keys, and which of them decide.

An algorithm is never changed: its successor is another version of the same family. A new version is *on trial* first:
its keys are computed and stored beside the old ones, and decide nothing. Once it is switched on it speaks before the
older one within a scope, where the older one goes on; beyond it, the newer one decides wherever both sides have a key
of it. So nothing is lost by the switch.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, cached_property


class Algorithm(IntEnum):
    """The algorithms, strongest first; the number is what is stored (one byte), the label what people see."""

    VENDOR_1 = 10
    SECRET_1 = 20
    PACKAGE_1 = 30
    RESOURCE_1 = 32
    URL_1 = 34
    HOST_1 = 36
    SNIPPET_1 = 40
    SYMBOL_1 = 50
    MESSAGE_1 = 60
    PATHLESS_1 = 90
    SHARED_VULNERABILITY_1 = 110
    SHARED_SECRET_1 = 120
    SHARED_CONTROL_1 = 125
    SHARED_CODE_1 = 130
    SHARED_URL_1 = 140

    @property
    def label(self) -> str:
        """``vendor/1``, ``shared-code/1`` and the like."""
        return f"{self.family}/{self.version}"

    @property
    def family(self) -> str:
        """What its versions have in common: ``vendor``, ``shared-code``."""
        return self.name.lower().replace("_", "-").rpartition("-")[0]

    @property
    def version(self) -> int:
        """Counts from 1; a higher one takes a lower one's place."""
        return int(self.name.rpartition("_")[2])

    @property
    def is_stored(self) -> bool:
        """True for the keys by which a finding is looked up; the pathless one only serves to recognise renames."""
        return self is not Algorithm.PATHLESS_1

    @property
    def is_shared(self) -> bool:
        """True for the keys by which different scanners meet."""
        return self >= Algorithm.SHARED_VULNERABILITY_1


ON_TRIAL: frozenset[Algorithm] = frozenset()
"""Versions that this release only tries: computed and stored, and deciding nothing until they are switched on."""


class UnknownAlgorithmError(ValueError):
    """No algorithm has this label; the message lists those there are."""


def computed() -> frozenset[int]:
    """Return the numbers of the algorithms whose keys this release computes."""
    return frozenset(int(a) for a in Algorithm)


@cache
def label_of(number: int) -> str:
    """Return what people call an algorithm; one of a later release, which is being rolled out, is told by number."""
    try:
        return Algorithm(number).label
    except ValueError:
        return f"unknown-{number}/0"


def by_label(label: str) -> Algorithm:
    """Return the algorithm that people call so. Raises UnknownAlgorithmError."""
    for algorithm in Algorithm:
        if algorithm.label == label and algorithm.is_stored:
            return algorithm
    known = ", ".join(a.label for a in sorted(Algorithm) if a.is_stored)
    raise UnknownAlgorithmError(f"'{label}' is no key algorithm; there are {known}")


@dataclass(frozen=True)
class InForce:
    """The algorithms that decide."""

    algorithms: frozenset[Algorithm]

    @classmethod
    def of(cls, *, on: Iterable[str] = (), trial: Iterable[str] = ()) -> "InForce":
        """Return this release's choice, with these switched on and those put on trial, by label.

        Raises UnknownAlgorithmError; ValueError when one is to be both.
        """
        wanted, unwanted = {by_label(label) for label in on}, {by_label(label) for label in trial}
        if both := wanted & unwanted:
            raise ValueError(f"{min(both).label} is to be both on and on trial: name it once")
        return cls((frozenset(Algorithm) - ON_TRIAL | wanted) - unwanted)

    def changed(self, *, on: Iterable[str] = (), off: Iterable[str] = ()) -> "InForce":
        """Return what decides with these switched on and off, by label. Raises UnknownAlgorithmError."""
        return InForce((self.algorithms | {by_label(label) for label in on}) - {by_label(label) for label in off})

    @cached_property
    def scoped(self) -> tuple[Algorithm, ...]:
        """Those that hold within one scanner, strongest first; of one family, the latest version first."""
        return self._ordered(shared=False)

    @cached_property
    def shared(self) -> tuple[Algorithm, ...]:
        """Those by which scanners meet, likewise."""
        return self._ordered(shared=True)

    @cached_property
    def newer(self) -> dict[int, frozenset[int]]:
        """Per algorithm's number, the later versions of its family that decide as well; only where there are any."""
        later = {
            int(old): frozenset(int(a) for a in self.algorithms if a.family == old.family and a.version > old.version)
            for old in self.algorithms
        }
        return {old: versions for old, versions in later.items() if versions}

    def _ordered(self, *, shared: bool) -> tuple[Algorithm, ...]:
        # A family is as strong as its first version, whatever numbers the later ones got.
        strength = {a.family: min(b for b in Algorithm if b.family == a.family) for a in Algorithm}
        chosen = (a for a in self.algorithms if a.is_stored and a.is_shared is shared)
        return tuple(sorted(chosen, key=lambda a: (strength[a.family], -a.version)))


RELEASED = InForce(frozenset(Algorithm) - ON_TRIAL)
"""What decides where nothing else is said."""
