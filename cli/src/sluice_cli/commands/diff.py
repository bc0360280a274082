"""``sluice diff``: what changed between two reports of one scope, without any server."""

import os
from pathlib import Path
from typing import Annotated

import typer

from sluice_cli.commands.parse import LOCAL_KEY
from sluice_cli.errors import CommandError, UsageError
from sluice_cli.output import console, print_json, print_table
from sluice_normaliser.domain.diff import compare
from sluice_normaliser.domain.keys import identify
from sluice_normaliser.domain.prepare import prepared_problem
from sluice_normaliser.kit import ParseContext, ReportError, parse_report
from sluice_shared.contracts.finding import Observation


def diff(
    old: Annotated[Path, typer.Argument(help="The earlier report")],
    new: Annotated[Path, typer.Argument(help="The later report of the same scope")],
    scanner: Annotated[str | None, typer.Option(help="Scanner name; recognised from the content when left out")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON: indices count observations in report order")
    ] = False,
) -> None:
    """Compare two reports as the normaliser would, scan after scan."""
    before, after = _observations(old, scanner), _observations(new, scanner)
    difference = compare(
        [prepared_problem(o, i) for o, i in zip(before, identify(before), strict=True)],
        [prepared_problem(o, i) for o, i in zip(after, identify(after), strict=True)],
    )
    if json:
        print_json({"pairs": difference.pairs, "gone": difference.gone, "new": difference.new})
        return
    console.print(f"{len(difference.pairs)} the same, {len(difference.gone)} gone, {len(difference.new)} new")
    rows = [("gone", *_row(before[i])) for i in difference.gone] + [("new", *_row(after[j])) for j in difference.new]
    if rows:
        print_table(("", "severity", "rule", "path", "line", "title"), rows)


def _observations(file: Path, scanner: str | None) -> list[Observation]:
    key = os.environ.get("SLUICE_SECRET_KEY", "").encode() or LOCAL_KEY
    try:
        body = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    try:
        return parse_report(body, ParseContext(secret_key=key, filename=file.name, scanner=scanner)).observations
    except ReportError as error:
        raise CommandError(f"{file}: {error.reason.value}: {error.detail}", exit_code=1) from error


def _row(o: Observation) -> tuple[object, ...]:
    return (
        o.severity.value,
        o.rule_id,
        getattr(o.location, "path", None),
        getattr(o.location, "start_line", None),
        o.title[:80],
    )
