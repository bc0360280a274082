"""`/v1/policy/plan`: what another policy would do, before it is applied."""

from collections import Counter
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sluice_risk_index.application.plan_policy import Plan
from sluice_risk_index.domain.catalogue import Catalogue
from sluice_risk_index.domain.change import Band, Digest, DueChange
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.transport.service import Admin, ServiceDep
from sluice_shared.config import ConfigError
from sluice_shared.contracts.events import Contact
from sluice_shared.http import Problem

router = APIRouter(prefix="/v1/policy", tags=["policy"])

_MOST_FILES = 10_000
_PART = r"[^./\x00-\x1f][^/\x00-\x1f]*"  # of a path; none that is hidden or leads upwards
_FILE = rf"^(policy\.yaml|catalog/{_PART}\.ya?ml|catalog/codeowners/({_PART}/)*{_PART})$"
FileName = Annotated[str, StringConstraints(pattern=_FILE, max_length=500)]


class ProposedFiles(BaseModel):
    """Files of a configuration folder as they would be; the catalogue in force where none of `catalog/` is given."""

    model_config = ConfigDict(extra="forbid")

    files: dict[FileName, str] = Field(
        min_length=1,
        max_length=_MOST_FILES,
        description="`policy.yaml`, `catalog/*.yaml` and what is below `catalog/codeowners/`, by name, with their text",
    )


class Moves(BaseModel):
    """What becomes of due dates: numbers of findings."""

    earlier: int = 0
    later: int = 0
    gained: int = Field(default=0, description="No deadline now, one then")
    lost: int = Field(default=0, description="A deadline now, none then")
    stopped: int = Field(default=0, description="The clock would stand still")


class ClassMove(BaseModel):
    """How many findings go from one class to another."""

    was: RiskClass
    now: RiskClass
    findings: int


class BandMove(BaseModel):
    """How many findings go from one band of the score to another."""

    was: Band
    now: Band
    findings: int


class OwnerMove(BaseModel):
    """How many findings go from one team to another."""

    was: str
    now: str
    findings: int


class Told(BaseModel):
    """An owner that would get a digest: one message, however many findings it is about."""

    team: str
    contact: Contact
    breached: int = Field(description="Past their deadline at once; nobody is alerted of each")
    earlier: int
    later: int
    gained: int
    lost: int
    reclassed: int


class PlanView(BaseModel):
    """What would change; nothing has been written. Of findings that are open."""

    present: str = Field(description="Version of the rules in force")
    proposed: str
    at: datetime
    findings: int
    changed: int
    breached: int = Field(description="How many would be past their deadline at once")
    due: Moves
    due_by_team: dict[str, Moves]
    due_by_class: dict[RiskClass, Moves]
    due_by_tier: dict[str, Moves]
    classes: list[ClassMove]
    bands: list[BandMove]
    owners: list[OwnerMove]
    told: list[Told]


@router.post("/plan", summary="What another policy would do to the open findings")
async def plan_policy(service: ServiceDep, proposed: ProposedFiles, _: Admin) -> PlanView:
    """Plan a change of policy, and of the catalogue, by the present exceptions. Writes nothing.

    422 with each mistake, its file and line, when the files are not valid.
    """
    try:
        in_force = await service.propose(proposed.files)
    except ConfigError as error:
        count = len(error.problems)
        raise Problem(
            422,
            "bad_policy",
            "The proposed files are not valid",
            f"{count} mistake{'' if count == 1 else 's'}: correct what `problems` names, and ask again",
            problems=[str(problem) for problem in error.problems],
        ) from error
    plan = await service.plan_policy(in_force)
    return _view(plan, in_force.rules.catalogue)


def _view(plan: Plan, catalogue: Catalogue) -> PlanView:
    tally = plan.tally
    total = tally.due().get("", Counter())
    return PlanView(
        present=plan.present,
        proposed=plan.proposed,
        at=plan.at,
        findings=tally.seen,
        changed=tally.changed,
        breached=tally.breached,
        due=_moves(total),
        due_by_team={team: _moves(counts) for team, counts in sorted(tally.due("team").items())},
        due_by_class={RiskClass(name): _moves(counts) for name, counts in sorted(tally.due("now_class").items())},
        due_by_tier={tier: _moves(counts) for tier, counts in sorted(tally.due("tier").items())},
        classes=[
            ClassMove(was=RiskClass(was), now=RiskClass(now), findings=number)
            for (was, now), number in tally.moves("was_class", "now_class").most_common()
        ],
        bands=[BandMove(was=was, now=now, findings=number) for (was, now), number in tally.rescored().most_common()],
        owners=[
            OwnerMove(was=was, now=now, findings=number)
            for (was, now), number in tally.moves("was_team", "team").most_common()
        ],
        told=[_told(digest, catalogue) for digest in tally.digests()],
    )


def _moves(counts: Counter[DueChange]) -> Moves:
    return Moves(**{change.value: number for change, number in counts.items()})


def _told(digest: Digest, catalogue: Catalogue) -> Told:
    return Told(
        team=digest.team,
        contact=catalogue.contact(digest.team),
        breached=digest.breached,
        earlier=digest.earlier,
        later=digest.later,
        gained=digest.gained,
        lost=digest.lost,
        reclassed=digest.reclassed,
    )
