"""What an exception must say to be one, when it has to be looked at again, and how it is handed in by API."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from sluice_risk_index.domain.catalogue import Name
from sluice_risk_index.domain.durations import write_duration
from sluice_risk_index.domain.exceptions import Exemption, Person, Selector, Text
from sluice_risk_index.domain.policy import AcceptancePolicy, Part


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an exception: the field, why, and what to write instead."""

    field: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}; {self.hint}"


def faults(entry: Exemption, acceptance: AcceptancePolicy) -> Iterator[Fault]:
    """Yield what the form of an exception cannot say is wrong, and what the policy does not allow."""
    if not entry.selector.names_something:
        yield Fault(
            "selector",
            "the selector does not say which findings are meant",
            "name at least one of asset, rule, identifier, path, package, scanner, findings",
        )
    if entry.requester.casefold() == entry.approver.casefold():
        yield Fault("approver", "approver and requester are the same", "have somebody else answer for it")
    if not entry.created < entry.expires:
        yield Fault("expires", "it ends before it begins", f"write a day after {entry.created}")
    if not entry.created <= entry.review <= entry.expires:
        hint = f"write a day from {entry.created} to {entry.expires}"
        yield Fault("review", "the review is not while it holds", hint)
    yield from _against_policy(entry, acceptance)


def _against_policy(entry: Exemption, acceptance: AcceptancePolicy) -> Iterator[Fault]:
    strictest = min(entry.classes, key=lambda risk_class: acceptance.maximum[risk_class])
    longest = acceptance.maximum[strictest]
    if entry.expires - entry.created > longest:
        yield Fault(
            "expires",
            f"the policy allows {write_duration(longest)} at most where the class may be '{strictest}'",
            f"write {entry.created + longest} or a day before, or name milder classes in selector.class",
        )
    controlled = sorted(acceptance.controls.intersection(entry.classes))
    if controlled and not entry.controls:
        yield Fault(
            "controls",
            f"the policy asks for compensating controls where the class may be {' or '.join(controlled)}",
            "say in `controls` what stands in the way meanwhile, or name other classes in selector.class",
        )


def review_due(entry: Exemption, today: date, every: timedelta) -> date | None:
    """Return the latest day that has come on which it had to be looked at: its review day, and ``every`` after it.

    None before the first, and once it has expired.
    """
    if not entry.review <= today < entry.expires:
        return None
    days = max(every.days, 1)
    return entry.review + timedelta(days=(today - entry.review).days // days * days)


class NewExemption(Part):
    """An exception as it is handed in by API: what its file would say, where what follows by itself may be left out."""

    kind: Literal["exception"] = "exception"
    id: Name
    selector: Selector
    reason: Text
    controls: tuple[Text, ...] = ()
    requester: Person = Field(description="Who asked for it; never the approver")
    approver: Person | None = Field(default=None, description="Who answers for it; the caller's token when left out")
    created: date | None = Field(default=None, description="The first day (UTC) on which it holds; today when left out")
    review: date | None = Field(
        default=None, description="When it is looked at again; as the policy says when left out"
    )
    expires: date = Field(description="The first day (UTC) on which it holds no longer")

    def entry(self, caller: str, today: date, acceptance: AcceptancePolicy) -> Exemption:
        """Return it whole."""
        created = self.created or today
        return Exemption(
            kind="exception",
            id=self.id,
            selector=self.selector,
            reason=self.reason,
            controls=self.controls,
            requester=self.requester,
            approver=self.approver or caller,
            created=created,
            review=self.review or min(created + acceptance.review, self.expires),
            expires=self.expires,
        )
