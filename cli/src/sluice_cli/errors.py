"""How a command ends when it cannot say yes.

Exit status: 0 done, 1 the answer is no, 2 wrong usage, 3 server or network; ``sluice gate`` has 4, too: a scan is
stale or missing, so nobody can tell.
"""


class CommandError(Exception):
    """Ends the command with this message on standard error and this exit status."""

    exit_code = 3

    def __init__(self, message: str, *, exit_code: int | None = None) -> None:
        super().__init__(message)
        if exit_code is not None:
            self.exit_code = exit_code


class UsageError(CommandError):
    """The command was called wrongly, or a file that it names cannot be used."""

    exit_code = 2
