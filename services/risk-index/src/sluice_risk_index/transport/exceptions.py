"""`/v1/exceptions`: the exceptions in force, what they cover, how long they last; and those by API."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sluice_risk_index.application.list_exceptions import ExceptionStatus
from sluice_risk_index.application.manage_exceptions import Coverage
from sluice_risk_index.domain.exception_rules import NewExemption
from sluice_risk_index.domain.exceptions import Exemption
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.storage.exception_yaml import as_file
from sluice_risk_index.transport.exception_problems import answered
from sluice_risk_index.transport.parameters import printable
from sluice_risk_index.transport.service import Reader, ServiceDep, Writer
from sluice_shared.http import Page

router = APIRouter(prefix="/v1/exceptions", tags=["exceptions"])
Source = Literal["file", "api"]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
YAML = "application/yaml"


class ExceptionItem(BaseModel):
    """An exception of the configuration folder, or by API."""

    id: str
    source: Source
    file: str = Field(description="Where it stands in the configuration folder; empty for one by API")
    state: str = Field(description="active, pending before its first day, or expired")
    selector: dict[str, Any]
    reason: str
    controls: list[str]
    requester: str
    approver: str
    created: date
    review: date
    expires: date
    days_left: int
    review_due: bool
    classes: list[RiskClass] = Field(description="Risk classes that it covers now")
    findings: int = Field(description="Open findings that it covers")
    teams: dict[str, int] = Field(description="The same by owner")
    orphaned: bool = Field(description="Active, and covers nothing: none matches, or others cover all that do")


class ExceptionView(BaseModel):
    """What an exception by API says."""

    id: str
    selector: dict[str, Any]
    reason: str
    controls: list[str]
    requester: str
    approver: str
    created: date
    review: date
    expires: date

    @classmethod
    def of(cls, entry: Exemption) -> "ExceptionView":
        """Make the answer."""
        return cls(selector=_selector(entry), controls=list(entry.controls), **_texts(entry))


class CoveredItem(BaseModel):
    """A finding that an exception would cover."""

    id: UUID
    asset: str
    title: str
    severity: str
    risk_class: RiskClass = Field(serialization_alias="class")
    score: float
    team: str


class PreviewView(BaseModel):
    """What an exception would do, were it in force."""

    id: str
    matched: int = Field(description="Open findings that its selector means")
    covered: int = Field(description="Those of them that it would cover, and nothing else does")
    by_class: dict[str, int]
    by_team: dict[str, int]
    covered_already: dict[str, int] = Field(description="Those that others cover, by the exception")
    not_covered: dict[str, int] = Field(description="Those that it means and may not cover, by class")
    orphaned: bool = Field(description="It means no open finding at all")
    complete: bool = Field(description="False where there were too many findings to look through: it covers more")
    sample: list[CoveredItem] = Field(description="The riskiest that it would cover")
    faults: list[dict[str, str]] = Field(description="What keeps it from being one: field, message, hint")


class Review(BaseModel):
    """Somebody looked at an exception again, and leaves it in force."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason
    next: date | None = Field(default=None, description="The day of the next review; as the policy says when left out")


@router.get(
    "",
    summary="List exceptions",
    response_model=Page[ExceptionItem],
    responses={200: {"content": {YAML: {}}}},
)
async def list_exceptions(
    service: ServiceDep,
    reader: Reader,
    source: Annotated[Source | None, Query(description="Only those of the folder (file), or by API (api)")] = None,
    form: Annotated[
        Literal["json", "yaml"], Query(alias="format", description="`yaml` gives them as a file of the folder")
    ] = "json",
) -> Page[ExceptionItem] | Response:
    """List the exceptions in the order of their ids; the list is never cut into pages."""
    found = [each for each in await service.list_exceptions(reader) if source in (None, _source(each))]
    if form == "yaml":
        return Response(as_file(each.entry for each in found), media_type=YAML)
    return Page(items=[_item(status) for status in found], next_cursor=None)


@router.post("", status_code=201, summary="Hand in an exception")
async def create_exception(new: NewExemption, service: ServiceDep, writer: Writer) -> ExceptionView:
    """Keep an exception by the same rules as those in files; whoever asked for it cannot hand it in.

    It holds within seconds, until it expires or is withdrawn.
    """
    with answered():
        return ExceptionView.of(await service.manage_exceptions.create(writer, _readable(new)))


@router.post("/preview", summary="What an exception would cover")
async def preview_exception(new: NewExemption, service: ServiceDep, reader: Reader) -> PreviewView:
    """Tell what an exception would cover and what is wrong with it; nothing is written."""
    return _preview(await service.manage_exceptions.preview(reader, _readable(new)))


@router.post("/{name}/reviews", status_code=201, summary="Note that an exception by API was looked at again")
async def review_exception(name: str, review: Review, service: ServiceDep, writer: Writer) -> ExceptionView:
    """Note the review in the audit trail, and set the day of the next one; not by whoever asked for the exception."""
    reason = printable(review.reason, "reason")
    with answered():
        entry = await service.manage_exceptions.review(writer, printable(name, "id"), reason, review.next)
    return ExceptionView.of(entry)


@router.delete("/{name}", status_code=204, summary="Withdraw an exception by API")
async def end_exception(
    name: str,
    service: ServiceDep,
    writer: Writer,
    reason: Annotated[str, Query(max_length=2000, description="Why, for the audit trail")] = "withdrawn",
) -> None:
    """End an exception: what it covers is open again within seconds, and its owners are told."""
    with answered():
        await service.manage_exceptions.end(writer, printable(name, "id"), printable(reason, "reason"))


def _readable(new: NewExemption) -> NewExemption:
    """Return it; raises a 400 problem when one of its texts has a character that no text has."""
    for text in _strings(new.model_dump()):
        printable(text, "exception")
    return new


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


def _item(status: ExceptionStatus) -> ExceptionItem:
    entry = status.entry
    return ExceptionItem(
        source=_source(status),
        file=status.file,
        state=status.state,
        selector=_selector(entry),
        controls=list(entry.controls),
        days_left=status.days_left,
        review_due=entry.review <= status.now.date(),
        classes=sorted(status.covers),
        findings=status.findings.total(),
        teams=dict(status.findings),
        orphaned=status.orphaned,
        **_texts(entry),
    )


def _preview(coverage: Coverage) -> PreviewView:
    return PreviewView(
        id=coverage.entry.id,
        matched=coverage.matched,
        covered=coverage.covered,
        by_class=dict(coverage.by_class),
        by_team=dict(coverage.by_team),
        covered_already=dict(coverage.by_others),
        not_covered=dict(coverage.not_covered),
        orphaned=coverage.complete and not coverage.matched,
        complete=coverage.complete,
        sample=[
            CoveredItem(
                id=finding.id,
                asset=asset,
                title=finding.title,
                severity=finding.severity.value,
                risk_class=finding.risk_class,
                score=finding.score,
                team=finding.team,
            )
            for finding, asset in coverage.sample
        ],
        faults=[{"field": f.field, "message": f.message, "hint": f.hint} for f in coverage.faults],
    )


def _source(status: ExceptionStatus) -> Source:
    return "file" if status.file else "api"


def _selector(entry: Exemption) -> dict[str, Any]:
    return entry.selector.model_dump(mode="json", by_alias=True, exclude_none=True)


def _texts(entry: Exemption) -> dict[str, Any]:
    names = ("id", "reason", "requester", "approver", "created", "review", "expires")
    return {name: getattr(entry, name) for name in names}
