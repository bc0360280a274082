"""Hand in, look at beforehand, review and end exceptions by API."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sluice_risk_index.application.visibility import visible_assets
from sluice_risk_index.domain.exception_rules import Fault, NewExemption, faults
from sluice_risk_index.domain.exceptions import Exemption, Exemptions, speaks_of
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.policy import AcceptancePolicy
from sluice_risk_index.errors import BadExceptionError, ForeignExceptionError, KnownExceptionError, NoExceptionError
from sluice_risk_index.storage import assets, audit, exception_rows, exceptions
from sluice_risk_index.storage.exceptions import START, Place
from sluice_shared.auth import Principal
from sluice_shared.db import Database, Tx

BATCH = 1_000
SAMPLE = 20
MOST = 200_000
"""Findings that a preview looks through."""
_GLOB = frozenset("*?")


@dataclass(slots=True)
class Coverage:
    """What an exception would cover: ``covered`` anew by class and by owner; the rest of what it matches, and why not.

    ``sample`` are the riskiest of those covered, each with the key of its asset. Not ``complete`` where there are more
    findings to look through than a request has the time for.
    """

    entry: Exemption
    faults: list[Fault]
    matched: int
    by_class: Counter[str]
    by_team: Counter[str]
    by_others: Counter[str]
    not_covered: Counter[str]
    sample: list[tuple[Finding, str]]
    complete: bool = True

    @property
    def covered(self) -> int:
        """Open findings that it would cover and that nothing else does."""
        return self.by_class.total()


class ManageExceptions:
    """Each change is one transaction with its line in the audit trail; ``changed`` is called after it."""

    def __init__(self, database: Database, in_force: Callable[[], InForce], changed: Callable[[], None]) -> None:
        self._database = database
        self._in_force = in_force
        self._changed = changed

    async def create(self, principal: Principal, new: NewExemption) -> Exemption:
        """Keep an exception, which is in force within seconds.

        Raises BadExceptionError, KnownExceptionError, ForeignExceptionError and Unavailable.
        """
        entry = await self._database.run(partial(self._create, principal=principal, new=new))
        self._changed()
        return entry

    async def end(self, principal: Principal, name: str, reason: str) -> None:
        """End an exception by API; what it covers is open again within seconds.

        Raises NoExceptionError, ForeignExceptionError and Unavailable.
        """
        await self._database.run(partial(self._end, principal=principal, name=name, reason=reason))
        self._changed()

    async def review(self, principal: Principal, name: str, reason: str, following: date | None) -> Exemption:
        """Note that somebody looked at it, and set the day of its next review: ``following``, else as the policy says.

        Raises NoExceptionError, BadExceptionError, ForeignExceptionError and Unavailable.
        """
        work = partial(self._review, principal=principal, name=name, reason=reason, following=following)
        entry = await self._database.run(work)
        self._changed()
        return entry

    async def preview(self, principal: Principal, new: NewExemption) -> Coverage:
        """Return what the exception would do, and what keeps it from being one; nothing is written.

        Raises Unavailable.
        """
        acceptance = self._in_force().rules.policy.acceptance
        async with self._database.transaction(read_only=True) as tx:
            now = await tx.fetchval("SELECT now()")
            entry = new.entry(principal.name, now.date(), acceptance)
            wrong = _wrong(entry, acceptance, principal, now.date())
            coverage = Coverage(entry, wrong, 0, Counter(), Counter(), Counter(), Counter(), [])
            visible = await visible_assets(tx, principal)
            keys = await assets.asset_keys(tx)
            may_see = None if visible is None else set(visible)
            meant = [
                asset
                for asset, key in keys.items()
                if speaks_of(entry.selector, key) and (may_see is None or asset in may_see)
            ]
            after: Place = START
            looked = 0
            while meant:
                held = await exceptions.candidates(tx, entry.selector, meant, after, BATCH)
                self._add(coverage, held, now)
                looked += len(held)
                coverage.complete = len(held) < BATCH
                if coverage.complete or looked >= MOST:
                    break
                after = (held[-1][0].asset_id, held[-1][0].id)
        coverage.sample.sort(key=lambda each: (-each[0].score, each[0].id))
        del coverage.sample[SAMPLE:]
        return coverage

    def _add(self, coverage: Coverage, held: Sequence[tuple[Finding, str]], now: datetime) -> None:
        entry, acceptance = coverage.entry, self._in_force().rules.policy.acceptance
        for finding, key in held:
            if not Exemptions([entry]).of_asset(key, acceptance).matches(finding):
                continue
            coverage.matched += 1
            if finding.exception_id is not None and finding.exception_id != entry.id:
                coverage.by_others[finding.exception_id] += 1
            elif finding.risk_class not in entry.covered_classes(acceptance, max(now, entry.begins)):
                coverage.not_covered[finding.risk_class] += 1
            else:
                coverage.by_class[finding.risk_class] += 1
                coverage.by_team[finding.team] += 1
                coverage.sample.append((finding, key))
        if len(coverage.sample) > BATCH:
            coverage.sample.sort(key=lambda each: (-each[0].score, each[0].id))
            del coverage.sample[SAMPLE:]

    async def _create(self, tx: Tx, principal: Principal, new: NewExemption) -> Exemption:
        in_force = self._in_force()
        now = await tx.fetchval("SELECT now()")
        entry = new.entry(principal.name, now.date(), in_force.rules.policy.acceptance)
        _check_reach(principal, entry)
        wrong = _wrong(entry, in_force.rules.policy.acceptance, principal, now.date())
        if wrong:
            raise BadExceptionError(wrong)
        if (file := in_force.exemptions.files.get(entry.id)) is not None:
            raise KnownExceptionError(entry.id, file)
        if not await exception_rows.insert(tx, entry, by=principal.name):
            raise KnownExceptionError(entry.id, None)
        await _note(tx, principal, "exception:created", entry, entry.reason, now)
        return entry

    async def _end(self, tx: Tx, principal: Principal, name: str, reason: str) -> None:
        entry = await self._hold(tx, principal, name)
        await exception_rows.end(tx, name, by=principal.name)
        await _note(tx, principal, "exception:withdrawn", entry, reason, await tx.fetchval("SELECT now()"))

    async def _review(self, tx: Tx, principal: Principal, name: str, reason: str, following: date | None) -> Exemption:
        entry = await self._hold(tx, principal, name)
        acceptance = self._in_force().rules.policy.acceptance
        now = await tx.fetchval("SELECT now()")
        review = following or min(now.date() + acceptance.review, entry.expires)
        wrong = list(_own_request(principal, entry))
        if not now.date() < review <= entry.expires:
            hint = f"write a day after {now.date()}, and {entry.expires} at the latest"
            wrong.append(Fault("review", "the next review is not while it holds", hint))
        if wrong:
            raise BadExceptionError(wrong)
        entry = entry.model_copy(update={"review": review})
        await exception_rows.replace(tx, entry)
        await _note(tx, principal, "exception:reviewed", entry, reason, now)
        return entry

    async def _hold(self, tx: Tx, principal: Principal, name: str) -> Exemption:
        entry = await exception_rows.hold(tx, name)
        if entry is None:
            raise NoExceptionError(name, self._in_force().exemptions.files.get(name))
        _check_reach(principal, entry)
        return entry


def _wrong(entry: Exemption, acceptance: AcceptancePolicy, principal: Principal, today: date) -> list[Fault]:
    found = [*faults(entry, acceptance), *_own_request(principal, entry)]
    if entry.expires <= today:
        found.append(Fault("expires", "it is over already", f"write a day after {today}"))
    return found


def _own_request(principal: Principal, entry: Exemption) -> Sequence[Fault]:
    """Find a caller who would approve what it asked for itself."""
    if principal.name.casefold() != entry.requester.casefold():
        return []
    return [Fault("requester", "the caller is who asked for it", "have somebody else hand it in with their own token")]


def _check_reach(principal: Principal, entry: Exemption) -> None:
    """Let a caller who may see some assets only speak of one of these."""
    asset = entry.selector.asset
    if principal.assets and (asset is None or _GLOB & set(asset) or not principal.covers(asset)):
        raise ForeignExceptionError(entry.id, principal.assets)


async def _note(tx: Tx, principal: Principal, action: str, entry: Exemption, reason: str, at: datetime) -> None:
    await audit.note(
        tx,
        actor=principal.name,
        action=action,
        subject=f"exception:{entry.id}",
        reason=reason,
        detail={"token_id": principal.id, "entry": entry.model_dump(mode="json", by_alias=True, exclude_none=True)},
        at=at,
    )
