"""Becomes a server: leaves root, ties its life to its parent's, and only then executes the server's program.

Run as a script with nothing but the standard library, since it may be started from a process with threads, where a
``preexec_fn`` could dead-lock. Arguments: parent's pid, signal on the parent's death, uid and gid (-1: stay), command.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def _die_with(parent: int, signal_number: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit("the parent ended before the server began")


def main(arguments: list[str]) -> None:
    """Never returns: executes the command, or ends with an error."""
    parent, signal_number, uid, gid = (int(argument) for argument in arguments[:4])
    command = arguments[4:]
    if uid >= 0:
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the change of user, which resets it.
        _die_with(parent, signal_number)
    os.umask(0o077)
    os.execv(command[0], command)  # noqa: S606 (the caller's own program, no shell)


if __name__ == "__main__":
    main(sys.argv[1:])
