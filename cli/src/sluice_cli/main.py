"""Entry point of the ``sluice`` command."""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from sluice_cli.errors import CommandError
from sluice_cli.output import errors

COMMANDS = {
    "up": ("sluice_cli.commands.up", "up"),
    "down": ("sluice_cli.commands.up", "down"),
    "demo": ("sluice_cli.commands.demo", "demo"),
    "push": ("sluice_cli.commands.push", "push"),
    "parse": ("sluice_cli.commands.parse", "parse"),
    "diff": ("sluice_cli.commands.diff", "diff"),
    "gate": ("sluice_cli.commands.gate", "gate"),
    "config": ("sluice_cli.commands.config", "app"),
    "policy": ("sluice_cli.commands.policy", "app"),
    "exceptions": ("sluice_cli.commands.exceptions", "app"),
    "token": ("sluice_cli.commands.token", "app"),
    "identity": ("sluice_cli.commands.identity", "app"),
    "replay": ("sluice_cli.commands.replay", "replay"),
}
"""Where each command is: it is imported only when it is called, since some need whole services and most need none."""


class LazyGroup(TyperGroup):
    """Finds commands by the table above."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and return a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        found: Any = getattr(import_module(module), name)
        if isinstance(found, typer.Typer):
            command = get_command(found)
            command.name = cmd_name
            return command
        alone = typer.Typer(add_completion=False)
        alone.command(name=cmd_name)(found)
        return get_command(alone)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Levels the findings of every security scanner into one ranked, owned, time-boxed risk index.",
)


@app.callback()
def group() -> None:
    """Make it a group, although its commands are found elsewhere."""


def main() -> None:
    """Run the command. Exit status: 0 done, 1 the answer is no, 2 wrong usage, 3 server or network."""
    try:
        app()
    except CommandError as error:
        errors.print(f"sluice: {error}", markup=False)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
