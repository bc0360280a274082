"""``sluice exceptions``: check files of exceptions, see what they would cover, and write those by API as files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sluice_cli import client
from sluice_cli.commands.config import vars_of
from sluice_cli.errors import UsageError
from sluice_cli.output import console, print_fields, print_json
from sluice_risk_index.domain.exceptions import Exemption
from sluice_risk_index.storage.config import load_policy
from sluice_risk_index.storage.config_checks import Placed
from sluice_risk_index.storage.documents import yaml_files
from sluice_risk_index.storage.exception_files import lint as lint_files
from sluice_risk_index.storage.exception_files import read_files
from sluice_shared.config import ConfigError, Problem

app = typer.Typer(no_args_is_help=True, help="Exceptions as files, and by API.")


class Source(StrEnum):
    """Where an exception stands."""

    FILE = "file"
    API = "api"


@app.callback()
def group() -> None:
    """Keep each command one of its own."""


@app.command()
def lint(
    folder: Annotated[Path, typer.Argument(help="The folder of exception files")],
    policy: Annotated[
        Path | None, typer.Option(help="The policy whose limits hold; the one beside the folder when left out")
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Ask risk-index which of them mean no open finding")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Check every exception as the risk index would. Exit status 1 when something is wrong."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder")
    if policy is not None and not policy.is_file():
        raise UsageError(f"{policy} is no file")
    try:
        acceptance = load_policy(policy or folder.resolve().parent / "policy.yaml").acceptance
    except ConfigError as error:
        problems = error.problems
    else:
        problems = sorted([*lint_files(folder, acceptance), *(_orphans(folder) if live else [])])
    if json:
        print_json({"ok": not problems, "problems": [vars_of(problem) for problem in problems]})
    elif problems:
        for problem in problems:
            console.print(str(problem), markup=False)
    else:
        console.print(f"{folder}: no mistake found")
    if problems:
        raise typer.Exit(1)


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(help="A file of exceptions")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Show what each exception of a file would cover. Exit status 1 when one could not be, or means nothing."""
    if not file.is_file():
        raise UsageError(f"{file} is no file")
    problems: list[Problem] = []
    placed = read_files([file], problems)
    if problems:
        raise UsageError("\n".join(map(str, problems)))
    with client.risk_index() as index:
        seen = [_preview(index, each) for each in placed]
    if json:
        print_json({"items": seen})
    else:
        for each in seen:
            _print(each)
    if any(each["faults"] or each["orphaned"] for each in seen):
        raise typer.Exit(1)


@app.command()
def export(
    source: Annotated[Source | None, typer.Option(help="Only those by API, or only those in files")] = None,
) -> None:
    """Print exceptions as a file of the configuration folder."""
    with client.risk_index() as index:
        params = {"format": "yaml", **({"source": source.value} if source else {})}
        typer.echo(index.request("GET", "/v1/exceptions", params=params).text, nl=False)


def _orphans(folder: Path) -> list[Problem]:
    """Return a problem for each exception that means no open finding; mistakes of form are told elsewhere."""
    with client.risk_index() as index:
        return [
            each.document.problem(
                ("id",), f"'{each.entry.id}' means no open finding", "take it out, or mend its selector"
            )
            for each in read_files(yaml_files(folder), [])
            if _preview(index, each)["orphaned"]
        ]


def _preview(index: client.Client, placed: Placed[Exemption]) -> Any:
    body = placed.entry.model_dump(mode="json", by_alias=True, exclude_none=True)
    return index.request("POST", "/v1/exceptions/preview", json=body).json()


def _print(seen: Any) -> None:
    print_fields(
        {
            "exception": seen["id"],
            "means": f"{seen['matched']} open findings",
            "would cover": seen["covered"],
            **{f"  {name}": number for name, number in seen["by_class"].items()},
            "owners": ", ".join(f"{team} {number}" for team, number in seen["by_team"].items()) or None,
            "covered already": sum(seen["covered_already"].values()) or None,
            "not covered": ", ".join(f"{name} {number}" for name, number in seen["not_covered"].items()) or None,
        }
    )
    for found in seen["sample"]:
        console.print(f"  {found['score']:5.1f}  {found['class']:10}  {found['asset']}  {found['title']}", markup=False)
    for fault in seen["faults"]:
        console.print(f"  {fault['field']}: {fault['message']}; {fault['hint']}", markup=False)
