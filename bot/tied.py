"""Run a command that must not outlive its parent: `python tied.py PARENT_PID COMMAND…`.

A program of its own, not a preexec_fn: forking a process that has threads, as the supervisor does, may deadlock.
Linux only; elsewhere the command simply runs. Knows nothing of the rest, so that it starts in milliseconds.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel for SIGTERM at the parent's death, then become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the kernel knew
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
