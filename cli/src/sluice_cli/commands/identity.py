"""``sluice identity``: why a finding is one finding; and a person's word that it is two, or that two are one."""

from typing import Annotated, Any
from uuid import UUID

import typer

from sluice_cli import client
from sluice_cli.output import console, print_fields, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Explain, split and merge findings.")
ID = Annotated[UUID, typer.Argument(help="A finding's id")]
REASON = Annotated[str, typer.Option(help="Why; it is kept for ever")]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON")]


@app.command()
def explain(finding_id: ID, json: JSON = False) -> None:
    """Show which key joined what when, and what else was near."""
    with client.normaliser() as normaliser:
        told = normaliser.get(f"/v1/identity/findings/{finding_id}")
    if json:
        print_json(told)
        return
    print_fields({name: told[name] for name in ("finding_id", "asset", "status", "first_seen_at", "reopen_count")})
    _section("Seen by", told["observations"], ("scanner", "rule", "path", "line", "seen_at"))
    _section("Present on", told["presences"], ("ref", "scanner", "category", "line", "since_at", "gone_at"))
    _section("Keys", told["keys"], ("algorithm", "key", "scanner", "report_id"))
    _section("What happened", told["events"], ("at", "what", "scanner", "matched_by", "other_id", "actor", "reason"))
    _section("Near, yet another", told["near"], ("finding_id", "status", "scanner", "rule", "path", "line"))


@app.command()
def split(
    finding_id: ID,
    scanner: Annotated[str, typer.Option(help="Its view becomes a finding of its own")],
    reason: REASON,
    json: JSON = False,
) -> None:
    """Part one scanner's view from a finding; later scans leave it so."""
    _change(f"/v1/identity/findings/{finding_id}/split", {"scanner": scanner, "reason": reason}, json=json)


@app.command()
def merge(
    finding_id: ID,
    into: Annotated[UUID, typer.Option(help="The finding that remains")],
    reason: REASON,
    json: JSON = False,
) -> None:
    """Make a finding part of another; later scans leave it so."""
    _change(f"/v1/identity/findings/{finding_id}/merge", {"into": str(into), "reason": reason}, json=json)


def _change(path: str, body: dict[str, Any], *, json: bool) -> None:
    with client.normaliser() as normaliser:
        changed = normaliser.request("POST", path, json=body).json()
    print_json(changed) if json else console.print(changed["finding_id"], markup=False)


def _section(title: str, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    if rows:
        console.print(f"\n{title}", markup=False)
        print_table(columns, [[row[column] for column in columns] for row in rows])
