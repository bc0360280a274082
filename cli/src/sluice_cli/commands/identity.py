"""``sluice identity``: why a finding is one finding, a person's word on it, and what other algorithms would do."""

from typing import Annotated, Any
from uuid import UUID

import typer

from sluice_cli import client
from sluice_cli.output import console, print_fields, print_json, print_table

app = typer.Typer(
    no_args_is_help=True, help="Explain, split and merge findings; plan a change of what recognises them."
)
ID = Annotated[UUID, typer.Argument(help="A finding's id")]
REASON = Annotated[str, typer.Option(help="Why; it is kept for ever")]
SORTS = {
    "joins": "Would be one",
    "parts": "Would be several",
    "next_scan_opens": "The next scan would open another beside it",
    "next_scan_closes": "The next scan would close it",
}
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
    _section("Keys", told["keys"], ("algorithm", "decides", "key", "scanner", "report_id"))
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


@app.command()
def rename(
    old: Annotated[str, typer.Argument(help="The asset's key until now")],
    new: Annotated[str, typer.Argument(help="Its key from now on")],
    reason: REASON,
    json: JSON = False,
) -> None:
    """Call an asset otherwise: it keeps its findings, and reports under both keys go to it. Needs an admin token.

    Where the new key has had reports already, what they showed is matched with the asset's own findings; the findings
    that they opened end, and what people decided on those is not carried over.
    """
    with client.normaliser() as normaliser:
        renamed = normaliser.request(
            "POST", "/v1/identity/assets/rename", json={"old": old, "new": new, "reason": reason}
        ).json()
    print_json(renamed) if json else print_fields({**renamed, "aliases": ", ".join(renamed["aliases"])})


@app.command()
def asset(key: Annotated[str, typer.Argument(help="An asset's key, present or former")], json: JSON = False) -> None:
    """Show what an asset is and was called, and who renamed it when and why."""
    with client.normaliser() as normaliser:
        told = normaliser.get("/v1/identity/assets", key=key)
    if json:
        print_json(told)
        return
    print_fields({"asset_id": told["asset_id"], "asset": told["asset"], "aliases": ", ".join(told["aliases"])})
    _section("Renamed", told["renames"], ("at", "was", "now", "absorbed", "actor", "reason"))


@app.command()
def plan(
    on: Annotated[
        list[str] | None, typer.Option(help="Switch on, such as snippet/2; else all that is on trial")
    ] = None,
    off: Annotated[list[str] | None, typer.Option(help="Switch off")] = None,
    asset: Annotated[str | None, typer.Option(help="One asset only")] = None,
    examples: Annotated[int, typer.Option(min=0, max=500, help="How many to show of each sort")] = 20,
    json: JSON = False,
) -> None:
    """Show what a change of key algorithms would join, part, open or close. Needs an admin token."""
    told = _whole_plan({"on": on or [], "off": off or [], "asset": asset, "examples": examples}, examples)
    if json:
        print_json(told)
        return
    print_fields({"switched on": ", ".join(told["on"]), "switched off": ", ".join(told["off"])})
    print_fields({name: str(count) for name, count in told["counts"].items()})
    for sort, rows in told["examples"].items():
        for row in rows:
            console.print(f"\n{SORTS[sort]} in {row['asset']}", markup=False)
            for finding in row["findings"]:
                console.print(f"  {finding['finding_id']}  {finding['title']}", markup=False)
            for number, places in enumerate(row.get("into", ()), 1):
                console.print(f"  {number}: {'; '.join(places)}", markup=False)


def _whole_plan(query: dict[str, Any], examples: int) -> dict[str, Any]:
    """Add up the plan's pages."""
    whole: dict[str, Any] = {}
    cursor = None
    with client.normaliser() as normaliser:
        while True:
            page = normaliser.get("/v1/identity/plan", **query, cursor=cursor)
            cursor = page.pop("next_cursor")
            if not whole:
                whole = page
            else:
                for name, count in page["counts"].items():
                    whole["counts"][name] += count
                for sort, rows in page["examples"].items():
                    whole["examples"][sort] = [*whole["examples"][sort], *rows][:examples]
            if cursor is None:
                return whole


def _change(path: str, body: dict[str, Any], *, json: bool) -> None:
    with client.normaliser() as normaliser:
        changed = normaliser.request("POST", path, json=body).json()
    print_json(changed) if json else console.print(changed["finding_id"], markup=False)


def _section(title: str, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    if rows:
        console.print(f"\n{title}", markup=False)
        print_table(columns, [[row[column] for column in columns] for row in rows])
