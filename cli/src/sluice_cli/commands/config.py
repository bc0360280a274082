"""``sluice config check``: every mistake in a configuration folder, with file and line."""

from pathlib import Path
from typing import Annotated

import typer

import sluice_ingest.storage.config
import sluice_normaliser.storage.config
import sluice_risk_index.storage.config
from sluice_cli.errors import UsageError
from sluice_cli.output import console, print_json
from sluice_shared.config import Problem

app = typer.Typer(no_args_is_help=True, help="Check a configuration folder.")
CHECKS = (
    sluice_ingest.storage.config.check,
    sluice_normaliser.storage.config.check,
    sluice_risk_index.storage.config.check,
    #     sluice_notifier.storage.config.check,
)


@app.callback()
def group() -> None:
    """Keep ``check`` a command of its own, so that others can join it."""


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="The folder that SLUICE_CONFIG names")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Check every file as the services would. Exit status 1 when something is wrong."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder")
    problems: list[Problem] = sorted(
        {problem for service_check in CHECKS for problem in service_check(folder)},
        key=lambda p: (str(p.file), p.line or 0, p.column or 0),
    )
    if json:
        print_json({"ok": not problems, "problems": [vars_of(problem) for problem in problems]})
    elif problems:
        for problem in problems:
            console.print(str(problem), markup=False)
    else:
        console.print(f"{folder}: no mistake found")
    if problems:
        raise typer.Exit(1)


def vars_of(problem: Problem) -> dict[str, object]:
    """Return a problem's fields, as JSON takes them."""
    return {
        "file": str(problem.file),
        "line": problem.line,
        "column": problem.column,
        "path": problem.path,
        "message": problem.message,
        "hint": problem.hint,
    }
