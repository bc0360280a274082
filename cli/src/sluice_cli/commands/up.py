"""``sluice up`` and ``sluice down``: the embedded platform."""

import os
import signal
import time
from pathlib import Path
from typing import Annotated

import psutil
import typer

from sluice_cli.errors import CommandError
from sluice_cli.local import Addresses, Platform
from sluice_cli.output import console, print_json

DEFAULT_DATA = Path(".sluice")
DATA = Annotated[Path, typer.Option(help="Data folder; a second start on it finds its data again")]
STOP_TIMEOUT = 30.0


def up(
    data: DATA = DEFAULT_DATA,
    base_port: Annotated[int, typer.Option(help="Port of ingest; the others follow. Taken ones are replaced")] = 8080,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the services' logs")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the addresses as JSON when ready")] = False,
) -> None:
    """Run the whole platform on this machine until Ctrl-C."""

    def when_ready(addresses: Addresses) -> None:
        if json:
            print_json({"ready": True, "urls": dict(addresses.urls), "admin_token": addresses.admin_token})
        else:
            show(addresses)

    if not json:
        console.print("Starting Sluice …")
    raise typer.Exit(Platform(data, base_port=base_port, echo=verbose).run(when_ready))


def show(addresses: Addresses) -> None:
    """Print where everything is, and the two variables that the other commands want."""
    console.print("Sluice is ready.")
    for service, url in addresses.urls.items():
        console.print(f"  {service:<11} {url}   (docs: {url}/docs, metrics: {url}/metrics)", markup=False)
    console.print(f"  data        {addresses.data}   (logs in {addresses.data / 'logs'})", markup=False)
    console.print("\nIn another terminal:", markup=False)
    console.print(f"  export SLUICE_URL={addresses.ingest}", markup=False)
    console.print(f"  export SLUICE_TOKEN={addresses.admin_token}", markup=False)
    console.print(
        "  sluice push report.json --asset repo:github.com/acme/shop --wait\n\nCtrl-C stops it.", markup=False
    )


def down(data: DATA = DEFAULT_DATA, json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False) -> None:
    """Stop the platform that runs over a data folder, started in another terminal."""
    process = _running(data)
    if process is not None:
        os.kill(process.pid, signal.SIGTERM)
        end = time.monotonic() + STOP_TIMEOUT
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > end:
                raise CommandError(f"process {process.pid} still runs after {STOP_TIMEOUT:.0f} s")
            time.sleep(0.1)
    if json:
        print_json({"stopped": process is not None})
    else:
        console.print("stopped" if process else f"nothing runs over {data}", markup=False)


def _running(data: Path) -> psutil.Process | None:
    try:
        process = psutil.Process(int((data / "up.pid").read_text()))
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None
    # The number may have gone to another program since.
    return process if any("sluice" in part for part in process.cmdline()) else None
