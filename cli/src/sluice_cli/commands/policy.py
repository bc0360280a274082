"""``sluice policy plan``: what another policy would do to the open findings, before it is applied."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from sluice_cli import client
from sluice_cli.errors import UsageError
from sluice_cli.output import console, print_json

app = typer.Typer(no_args_is_help=True, help="Policies as files.")
_CATALOGUE = "catalog"
_CODEOWNERS = "codeowners"
_POLICY = "policy.yaml"


@app.callback()
def group() -> None:
    """Keep ``plan`` a command of its own, so that others can join it."""


@app.command()
def plan(
    new: Annotated[Path, typer.Argument(help="A policy.yaml, or a configuration folder with policy.yaml and catalog/")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Show which due dates would move, what would be overdue at once and who would be told. Nothing is changed.

    Of a folder the catalogue counts, too; with a policy alone the catalogue in force does.
    """
    files = _read(new)
    with client.risk_index() as index:
        answer = index.request("POST", "/v1/policy/plan", json={"files": files}).json()
    if json:
        print_json(answer)
    else:
        _show(answer)


def _read(new: Path) -> dict[str, str]:
    if not new.exists():
        raise UsageError(f"{new} does not exist")
    paths = {_POLICY: new}
    if new.is_dir():
        catalogue = [path for pattern in ("*.yaml", "*.yml") for path in (new / _CATALOGUE).glob(pattern)]
        catalogue += [path for path in (new / _CATALOGUE / _CODEOWNERS).rglob("*") if path.is_file()]
        names = {path.relative_to(new): path for path in sorted(catalogue)}
        paths = {
            name.as_posix(): path for name, path in names.items() if not any(p.startswith(".") for p in name.parts)
        }
        if (new / _POLICY).is_file():
            paths[_POLICY] = new / _POLICY
    if not paths:
        raise UsageError(f"{new} has neither policy.yaml nor catalog/*.yaml")
    try:
        return {name: path.read_text(encoding="utf-8-sig") for name, path in paths.items()}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the proposed files: {error}") from error


def _show(answer: dict[str, Any]) -> None:
    console.print(f"{answer['present']} -> {answer['proposed']}: nothing has been changed", markup=False)
    console.print(
        f"{answer['findings']} open findings, {answer['changed']} would change,"
        f" {answer['breached']} would be overdue at once",
        markup=False,
    )
    due = Table("due dates", "earlier", "later", "new", "gone", "clock stops", box=None)
    rows = [("all", answer["due"])]
    for name in ("team", "class", "tier"):
        rows += [(f"{name} {value}", moves) for value, moves in answer[f"due_by_{name}"].items()]
    for value, moves in rows:
        due.add_row(value, *(str(moves[key]) for key in ("earlier", "later", "gained", "lost", "stopped")))
    console.print(due)
    for title, key in (("class", "classes"), ("score", "bands"), ("owner", "owners")):
        for move in answer[key]:
            console.print(f"{title}: {move['was']} -> {move['now']}: {move['findings']}", markup=False)
    told = Table("one message to", "overdue at once", "earlier", "later", "new", "other class", "reached by", box=None)
    for owner in answer["told"]:
        counts = (str(owner[key]) for key in ("breached", "earlier", "later", "gained", "reclassed"))
        contact = owner["contact"]
        reached = contact.get("slack") or contact.get("email") or contact.get("jira_project") or "-"
        told.add_row(owner["team"], *counts, reached)
    if answer["told"]:
        console.print(told)
    else:
        console.print("nobody would be told")
