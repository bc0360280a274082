"""``sluice demo``: the whole line on real reports, in a minute or two."""

import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Annotated

import typer

from sluice_cli.demo.receivers import Receivers
from sluice_cli.demo.scenario import Outcome, Scenario
from sluice_cli.demo.summary import print_summary, summarise
from sluice_cli.errors import CommandError, UsageError
from sluice_cli.local import Addresses, Platform
from sluice_cli.output import console, print_json


def demo(
    folder: Annotated[Path, typer.Option(help="The demo's reports, plan and configuration")] = Path("deploy/demo"),
    data: Annotated[
        Path | None, typer.Option(help="Data folder; a temporary one, removed at the end, if left out")
    ] = None,
    base_port: Annotated[int, typer.Option(help="Port of ingest; the others follow")] = 8080,
    stay: Annotated[bool | None, typer.Option(help="Stay up at the end; by default on a terminal only")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON")] = False,
) -> None:
    """Start everything, push real reports, and show what comes of them."""
    if not (folder / "plan.json").exists():
        raise UsageError(
            f"{folder} holds no plan.json: run this in a checkout of Sluice, or name its deploy/demo with --folder"
        )
    stays = sys.stdout.isatty() if stay is None else stay
    work = data or Path(tempfile.mkdtemp(prefix="sluice-demo-"))
    try:
        _run(folder, work, base_port, stays=stays, json=json)
    finally:
        if data is None:
            shutil.rmtree(work, ignore_errors=True)


def _configuration(folder: Path, work: Path) -> Path:
    """Put the demo's policy and routes beside the example catalogue."""
    configuration = work.resolve() / "config"
    shutil.copytree(folder / "config", configuration, dirs_exist_ok=True)
    shutil.copytree(folder.parent / "config" / "catalog", configuration / "catalog", dirs_exist_ok=True)
    return configuration


def _run(folder: Path, work: Path, base_port: int, *, stays: bool, json: bool) -> None:
    def say(line: str) -> None:
        if not json:
            console.print(line, markup=False)

    finished = threading.Event()
    with Receivers() as receivers:
        environment = {
            "SLUICE_CONFIG": str(_configuration(folder, work)),
            "SLUICE_DEMO_RECEIVER": receivers.http_url,
            "SLUICE_DEMO_SMTP_PORT": str(receivers.smtp_port),
            "SLUICE_DEMO_SIGNING_KEY": "whsec_ZGVtby1zaWduaW5nLWtleS1ub3QtYS1zZWNyZXQ=",
            "SLUICE_ALLOW_PRIVATE_TARGETS": "true",
        }
        platform = Platform(work, base_port=base_port, environment=environment)

        def when_ready(addresses: Addresses) -> None:
            say("Sluice is up: real PostgreSQL, real Redis, four services.\n")
            scenario = Scenario(folder, addresses, receivers.inbox, say)
            outcome: Outcome = scenario.play()
            summary = summarise(scenario, outcome, addresses, receivers.inbox)
            print_json(summary) if json else print_summary(summary)
            finished.set()
            if stays:
                say("\nIt stays up for you to look around; Ctrl-C ends it.")
            else:
                platform.end()

        say("Starting Sluice …")
        platform.run(when_ready)
    if not finished.is_set():
        raise CommandError("the demo was interrupted before its end")
