"""``sluice exceptions lint``: every mistake in a folder of exceptions, with file and line."""

from pathlib import Path
from typing import Annotated

import typer

from sluice_cli.commands.config import vars_of
from sluice_cli.errors import UsageError
from sluice_cli.output import console, print_json
from sluice_risk_index.storage.config import load_policy
from sluice_risk_index.storage.exception_files import lint as lint_files
from sluice_shared.config import ConfigError

app = typer.Typer(no_args_is_help=True, help="Exceptions as files.")


@app.callback()
def group() -> None:
    """Keep ``lint`` a command of its own, so that others can join it."""


@app.command()
def lint(
    folder: Annotated[Path, typer.Argument(help="The folder of exception files")],
    policy: Annotated[
        Path | None, typer.Option(help="The policy whose limits hold; the one beside the folder when left out")
    ] = None,
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
        problems = sorted(lint_files(folder, acceptance))
    if json:
        print_json({"ok": not problems, "problems": [vars_of(problem) for problem in problems]})
    elif problems:
        for problem in problems:
            console.print(str(problem), markup=False)
    else:
        console.print(f"{folder}: no mistake found")
    if problems:
        raise typer.Exit(1)
