"""``sluice parse``: the normaliser's view of reports, without any server."""

import os
from collections import Counter
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from sluice_cli.errors import UsageError
from sluice_cli.output import console, errors, print_json, print_table
from sluice_normaliser.kit import ParseContext, ParsedReport, ReportError, declare, parse_report
from sluice_normaliser.mappings import read_folder
from sluice_shared.config import ConfigError
from sluice_shared.contracts.exported import of_observation
from sluice_shared.contracts.ocsf import ocsf_event
from sluice_shared.contracts.sarif_export import sarif_log

LOCAL_KEY = b"sluice parse"


class Format(StrEnum):
    """What is printed."""

    TABLE = "table"
    JSON = "json"
    OCSF = "ocsf"
    SARIF = "sarif"


def parse(
    files: Annotated[list[Path], typer.Argument(help="Reports")],
    scanner: Annotated[str | None, typer.Option(help="Scanner name; recognised from the content when left out")] = None,
    asset: Annotated[str | None, typer.Option(help="Asset key that the reports are about")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="A line of JSON per observation, then a summary per file")
    ] = False,
    form: Annotated[
        Format, typer.Option("--format", help="ocsf: an event a line; sarif: one log of all files")
    ] = Format.TABLE,
    config: Annotated[
        Path | None, typer.Option(envvar="SLUICE_CONFIG", help="Configuration folder, for the mappings in it")
    ] = None,
) -> None:
    """Show what a report becomes. Exit status 1 when one of the files cannot be read as a report."""
    key = os.environ.get("SLUICE_SECRET_KEY", "").encode() or LOCAL_KEY
    _declare(config)
    form = Format.JSON if json else form
    failed = False
    reports: list[ParsedReport] = []
    for file in files:
        try:
            body = file.read_bytes()
        except OSError as error:
            raise UsageError(f"cannot read {file}: {error.strerror}") from error
        context = ParseContext(secret_key=key, filename=file.name, scanner=scanner, asset=asset)
        try:
            report = parse_report(body, context)
        except ReportError as error:
            failed = True
            _print_error(file, error, json=form is Format.JSON)
            continue
        if form is Format.SARIF:
            reports.append(report)
        if form is Format.JSON:
            _print_json(file, report)
        elif form is Format.TABLE:
            _print(file, report)
        elif form is Format.OCSF:
            _print_ocsf(report, asset)
    if form is Format.SARIF:
        print_json(sarif_log(of_observation(o, asset) for report in reports for o in report.observations))
    if failed:
        raise typer.Exit(1)


def _declare(config: Path | None) -> None:
    if config is not None and not config.is_dir():
        raise UsageError(f"{config} is no folder")
    try:
        declare(read_folder(config).specs)
    except ConfigError as error:
        raise UsageError(str(error)) from error


def _print_error(file: Path, error: ReportError, *, json: bool) -> None:
    if json:
        print_json({"file": str(file), "error": {"code": error.reason.value, "detail": error.detail}})
    else:
        errors.print(f"{file}: {error.reason.value}: {error.detail}", markup=False)


def _summary(report: ParsedReport) -> dict[str, Any]:
    observations = report.observations
    failures = [scan.failure for scan in report.scans if not scan.successful]
    return {
        "scanner": report.scanner,
        "format": report.format,
        "observations": len(observations),
        "by_severity": dict(Counter(o.severity.value for o in observations)),
        "passed": sum(scan.passed for scan in report.scans),
        "by_status": dict(Counter(o.status.value for o in observations)),
        "scans": [
            {
                "scanner": scan.scanner,
                "scanner_version": scan.scanner_version,
                "category": scan.category,
                "scanned_at": scan.scanned_at,
                "complete": scan.complete,
                "successful": scan.successful,
                "observations": len(scan.observations),
            }
            for scan in report.scans
        ],
        **({"failures": failures} if failures else {}),
        **({"lacks": report.lacks} if report.lacks else {}),
    }


def _print_json(file: Path, report: ParsedReport) -> None:
    for observation in report.observations:
        print_json({"file": str(file), "observation": orjson.Fragment(observation.model_dump_json())})
    print_json({"file": str(file), "summary": _summary(report)})


def _print_ocsf(report: ParsedReport, asset: str | None) -> None:
    for scan in report.scans:
        at = scan.scanned_at or datetime.now(UTC)
        for observation in scan.observations:
            print_json(ocsf_event(of_observation(observation, asset), at=at))


def _print(file: Path, report: ParsedReport) -> None:
    summary = _summary(report)
    severities = ", ".join(f"{count} {name}" for name, count in sorted(summary["by_severity"].items()))
    console.print(f"{file}: {summary['scanner']}, {summary['observations']} observations ({severities})", markup=False)
    if report.lacks:
        lacking = ", ".join(report.lacks)
        console.print(
            f"  read as {report.format} by the scanner's name alone, for it lacks {lacking}: such a scan counts as"
            " partial, and nothing as gone because of it",
            markup=False,
        )
    rows = []
    for o in report.observations:
        place = o.location
        where = getattr(place, "path", None) or getattr(place, "purl", None) or getattr(place, "url", None)
        rows.append((o.severity.value, o.status.value, o.rule_id, where, o.title[:80]))
    if rows:
        print_table(("severity", "status", "rule", "where", "title"), rows)
