"""Findings in formats of others: SARIF for a list, OCSF for one."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import Header, Request, Response

from sluice_risk_index.storage.details import FindingPage
from sluice_risk_index.storage.exports import exported
from sluice_shared.contracts.exported import Exported
from sluice_shared.contracts.ocsf import ocsf_event
from sluice_shared.contracts.sarif_export import MEDIA_TYPE, sarif_log
from sluice_shared.http import Problem

Accept = Annotated[
    str, Header(description=f"`{MEDIA_TYPE}` gives a SARIF log; where there is more, `Link` names the next page")
]


def wants_sarif(accept: str) -> bool:
    """Return whether SARIF is among the media types that are asked for."""
    return MEDIA_TYPE in (part.partition(";")[0].strip().lower() for part in accept.split(","))


def sarif_response(request: Request, findings: Iterable[Exported], cursor: str | None) -> Response:
    """Return a page of findings as a log of its own."""
    headers = {"vary": "accept"}
    if cursor is not None:
        following = request.url.include_query_params(cursor=cursor)
        headers["link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Response(orjson.dumps(sarif_log(findings)), media_type=MEDIA_TYPE, headers=headers)


def ocsf_response(page: FindingPage) -> Response:
    """Return one finding as an event; raise a problem when no scanner says anything of it any more."""
    finding = exported(page.finding, page.keys, page.observations)
    if finding is None:
        raise Problem(
            409,
            "no_observations",
            "The finding has no observations",
            "No scanner says anything of it any more, so there is nothing to export; read it without format.",
        )
    return Response(orjson.dumps(ocsf_event(finding, at=datetime.now(UTC))), media_type="application/json")
