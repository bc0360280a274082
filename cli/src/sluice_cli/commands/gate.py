"""``sluice gate``: may this ref go on? For a pipeline: 0 yes, 1 no, 4 nobody can tell, because a scan is lacking."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sluice_cli import client
from sluice_cli.errors import UsageError
from sluice_cli.output import console, print_fields, print_json

NO = 1
CANNOT_TELL = 4
_EXIT_STATUS = {"pass": 0, "warn": 0, "fail": NO, "stale": CANNOT_TELL, "missing": CANNOT_TELL}


class Count(StrEnum):
    """Which findings are judged."""

    NEW = "new"
    TOTAL = "total"


def gate(
    asset: Annotated[str, typer.Option(help="Asset key")],
    ref: Annotated[str, typer.Option(help="The branch or tag in question")],
    base: Annotated[str | None, typer.Option(help="What it is compared with; the policy says else")] = None,
    count: Annotated[
        Count | None, typer.Option(help="Judge what is new, or the total of the ref; the policy says else")
    ] = None,
    sarif: Annotated[Path | None, typer.Option(help="Write what is judged into this file as SARIF")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a comment for a pull request")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Ask the gate. Exit status 0: pass or warn; 1: fail; 4: a scan is stale or missing, which is never a pass."""
    parameters = {"asset": asset, "ref": ref, **({"base": base} if base else {}), **({"count": count} if count else {})}
    with client.risk_index() as index:
        answer = index.request("GET", "/v1/gate", params=parameters).json()
        if markdown:
            text = index.request("GET", "/v1/gate", params={**parameters, "format": "markdown"}).text
            console.print(text, markup=False)
        if sarif is not None:
            _write(sarif, index.request("GET", "/v1/gate", params={**parameters, "format": "sarif"}).content)
    if json:
        print_json(answer)
    elif not markdown:
        reasons = "\n".join(answer["reasons"])
        print_fields({"verdict": answer["verdict"], "asset": asset, "ref": ref, "reasons": reasons})
    # A verdict that a newer server may know is no pass.
    status = _EXIT_STATUS.get(answer["verdict"], NO)
    if status:
        raise typer.Exit(status)


def _write(path: Path, body: bytes) -> None:
    try:
        path.write_bytes(body)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}; name a file in a folder that exists") from error
