"""``sluice token``: create, list and revoke tokens."""

from typing import Annotated

import typer

from sluice_cli import client
from sluice_cli.output import console, print_fields, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Create, list and revoke tokens (needs an admin token).")
JSON = Annotated[bool, typer.Option("--json", help="Print JSON")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for, for example jenkins-shop")],
    scope: Annotated[list[str] | None, typer.Option(help="push, read, write or admin; may be repeated")] = None,
    asset: Annotated[list[str] | None, typer.Option(help="Pattern of assets that it may push; may be repeated")] = None,
    days: Annotated[int | None, typer.Option(help="Days until it expires")] = None,
    json: JSON = False,
) -> None:
    """Create a token and print it: this once, since only its hash is stored."""
    body: dict[str, object] = {"name": name, "scopes": scope or ["push"], "assets": asset or []}
    if days is not None:
        body["expires_in_days"] = days
    with client.ingest() as ingest:
        token = ingest.request("POST", "/v1/tokens", json=body).json()
    print_json(token) if json else print_fields(token)


@app.command("list")
def list_tokens(json: JSON = False) -> None:
    """List tokens, without their secrets."""
    with client.ingest() as ingest:
        page = ingest.get("/v1/tokens")
    if json:
        print_json(page)
        return
    columns = ("id", "name", "scopes", "assets", "expires_at", "revoked_at", "last_used_at")
    rows = [[", ".join(t[c]) if isinstance(t.get(c), list) else t.get(c) for c in columns] for t in page["items"]]
    print_table(columns, rows)


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(help="Its id, as 'token list' prints it")], json: JSON = False
) -> None:
    """Revoke a token; it is refused within seconds."""
    with client.ingest() as ingest:
        ingest.request("DELETE", f"/v1/tokens/{token_id}")
    print_json({"id": token_id, "revoked": True}) if json else console.print(f"{token_id} is revoked", markup=False)
