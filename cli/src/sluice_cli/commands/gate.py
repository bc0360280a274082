"""``sluice gate``: may this ref go on? For a pipeline: 0 yes, 1 no."""

from typing import Annotated

import typer

from sluice_cli import client
from sluice_cli.output import console, print_fields, print_json


def gate(
    asset: Annotated[str, typer.Option(help="Asset key")],
    ref: Annotated[str, typer.Option(help="The branch or tag in question")],
    base: Annotated[str | None, typer.Option(help="What it is compared with")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a comment for a pull request")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Ask the gate. Exit status 1 when the verdict is fail or unknown: an unscanned ref never passes."""
    parameters = {"asset": asset, "ref": ref, **({"base": base} if base else {})}
    with client.risk_index() as index:
        answer = index.request("GET", "/v1/gate", params=parameters).json()
        if markdown:
            text = index.request("GET", "/v1/gate", params=parameters, headers={"Accept": "text/markdown"}).text
            console.print(text, markup=False)
    if json:
        print_json(answer)
    elif not markdown:
        reasons = [r if isinstance(r, str) else r.get("detail", str(r)) for r in answer.get("reasons", [])]
        print_fields({"verdict": answer["verdict"], "asset": asset, "ref": ref, "reasons": "\n".join(reasons)})
    if answer["verdict"] in {"fail", "unknown"}:
        raise typer.Exit(1)
