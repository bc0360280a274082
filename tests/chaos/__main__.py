"""``python -m tests.chaos``: kill things under load, and count what got lost. Exit status 1 when anything was.

See CHAOS in `make help`; the same seed pushes the same reports and breaks the same things in the same order.
"""

import argparse
import sys

from rich.console import Console
from tests.chaos.imports import flushed_import
from tests.chaos.run import Result, chaos


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long to push and to break things")
    parser.add_argument("--seed", type=int, default=1, help="decides what is pushed and what breaks, in which order")
    parser.add_argument("--clients", type=int, default=4, help="every other one waits for each of its reports")
    parser.add_argument("--interval", type=float, default=6.0, help="seconds between two faults, about")
    parser.add_argument(
        "--import", type=int, dest="findings", metavar="N", help="instead: flush Redis in the middle of an import of N"
    )
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs, and say where it is")
    arguments = parser.parse_args()
    if arguments.findings:
        result = flushed_import(arguments.findings, keep=arguments.keep)
    else:
        result = chaos(
            seconds=arguments.minutes * 60,
            seed=arguments.seed,
            clients=arguments.clients,
            interval=arguments.interval,
            keep=arguments.keep,
        )
    show(result)
    return 1 if result.differences else 0


def show(result: Result) -> None:
    """Print the figures, then what is wrong."""
    console = Console(highlight=False, soft_wrap=True, markup=False)
    width = max(map(len, result.figures))
    for name, value in result.figures.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        console.print(f"{name.replace('_', ' '):<{width}}  {shown}")
    for line in result.differences:
        console.print(f"WRONG  {line}")
    console.print("the ledger differs" if result.differences else "all as the ledger says")


if __name__ == "__main__":
    sys.exit(main())
