"""`POST /v1/reports`: a report as the request's body."""

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response, status

from sluice_ingest.application.accept_report import Sender
from sluice_ingest.domain.decoding import Coding, coding_of
from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.submission import MAX_TEXT, Submission, bad_parameter, read_submission
from sluice_ingest.transport.auth import SCHEMES, ServiceDep, require
from sluice_ingest.transport.multipart import FormFile
from sluice_ingest.transport.views import AcceptedView
from sluice_ingest.transport.wire import wire_bytes
from sluice_shared.auth import Principal, Scope

router = APIRouter(tags=["reports"], dependencies=SCHEMES)

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The scanner's report as it is, of any content type, or a form with one file in the field "
        "'file'. Content-Encoding gzip and zstd are undone, and so is a report compressed as a file.",
        "content": {
            "*/*": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
        },
    }
}


async def _documented(
    *,  # the values are read from the query itself, so that an unknown name is noticed
    asset: Annotated[
        str | None, Query(description="Key of the asset it is about, such as repo:github.com/acme/shop; required")
    ] = None,
    ref: Annotated[str | None, Query(description="Branch, tag or environment; 'default' when left out")] = None,
    commit: Annotated[str | None, Query(description="Commit that was scanned")] = None,
    scanner: Annotated[
        str | None, Query(description="The scanner's name; recognised from the report when left out")
    ] = None,
    category: Annotated[
        str | None, Query(description="Keeps apart scans of one tool over different parts of an asset")
    ] = None,
    complete: Annotated[
        str | None, Query(description="false for a partial scan, which resolves nothing; true when left out")
    ] = None,
    scanned_at: Annotated[
        str | None, Query(description="When it was scanned, ISO 8601, UTC without a zone; else from the report")
    ] = None,
    filename: Annotated[str | None, Query(description="The report's file name")] = None,
) -> None:
    """Say in the OpenAPI document what the query may hold; a coroutine only to be kept out of the thread pool."""
    del asset, ref, commit, scanner, category, complete, scanned_at, filename


@router.post(
    "/v1/reports",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Push a report",
    dependencies=[Depends(_documented)],
    openapi_extra=_BODY,
)
async def push(
    request: Request,
    response: Response,
    service: ServiceDep,
    principal: Annotated[Principal, Depends(require(Scope.PUSH))],
    idempotency_key: Annotated[
        str | None, Header(description="Names this request: sent again under the same key, it is taken once")
    ] = None,
) -> AcceptedView:
    """Store the report and answer 202 with its id; it is worked on afterwards.

    Without an Idempotency-Key, a request that repeats one still under way is answered with the same report; once that
    one is final, the same body is a new scan.
    """
    given = single_values(request)
    submission = read_submission(given, now=service.clock())
    check_asset_of(principal, submission)
    key = checked_key(idempotency_key)
    coding = coding_of(request.headers.get("content-encoding"))
    stream = wire_bytes(request, service.max_wire_bytes)
    content_type = request.headers.get("content-type", "")
    form = FormFile(stream, content_type) if content_type.lower().startswith("multipart/form-data") else None
    if form is not None and coding is not Coding.IDENTITY:
        raise Refused(
            Refusal.UNKNOWN_ENCODING,
            "A form cannot be sent with a Content-Encoding; compress the file in it, or send the report as the body",
        )
    with service.receiver.receiving() as reception:
        body = await reception.receive(aiter(form) if form is not None else stream, coding)
        if form is not None and form.filename and submission.filename is None:
            submission = read_submission({**given, "filename": form.filename}, now=service.clock())
        accepted = await service.accept_report(submission, body, sender_of(principal), key)
    view = AcceptedView.of(accepted)
    response.headers["Location"] = view.status_url
    return view


def check_asset_of(principal: Principal, submission: Submission) -> None:
    """Raise Refused (foreign_asset) unless the caller may hand in something about the asset."""
    if not principal.may_push(submission.asset):
        raise Refused(
            Refusal.FOREIGN_ASSET,
            f"The token '{principal.name}' may push for {', '.join(principal.assets)}, and not for "
            f"{submission.asset}; use another token, or ask an administrator for one that covers it",
            assets=list(principal.assets),
        )


def sender_of(principal: Principal) -> Sender:
    """Return the caller as what it hands in remembers it."""
    return Sender(f"token:{principal.id}", f"token:{principal.name}")


def single_values(request: Request) -> dict[str, str]:
    """Return the query; raises Refused (bad_parameter) for a parameter that is there twice."""
    names = Counter(name for name, _ in request.query_params.multi_items())
    for name, count in names.items():
        if count > 1:
            raise bad_parameter(name, "is there more than once; give it once")
    return dict(request.query_params)


def checked_key(key: str | None) -> str | None:
    """Return the idempotency key, None for a blank one; raises Refused (bad_parameter) for one too long."""
    if key is None or not key.strip():
        return None
    if len(key) > MAX_TEXT:
        raise Refused(Refusal.BAD_PARAMETER, f"The Idempotency-Key is longer than {MAX_TEXT} characters; send a UUID")
    return key.strip()
