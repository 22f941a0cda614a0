"""Runs `anomalyhive` commands in forks of one process that has imported everything: a command then starts in no time.

Reads one JSON object a line: arguments, environment to add, and files for standard output and error. Answers with the
exit code. Each command is a process of its own, with its own files, signals and children, as from a shell.
"""

from __future__ import annotations

import json
import os
import sys

from anomalyhive.cli import main


def command(order: dict[str, object]) -> None:
    """Become the command; never returns."""
    os.environ.update(order["environment"])  # type: ignore[arg-type]  # what the test wrote
    for name, target in (("stdout", 1), ("stderr", 2)):
        handle = os.open(str(order[name]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(handle, target)
        os.close(handle)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["anomalyhive", *order["arguments"]]  # type: ignore[misc]  # what the test wrote
    code = 99
    try:
        main()
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if not child:
            command(json.loads(line))
        status = os.waitpid(child, 0)[1]
        print(os.waitstatus_to_exitcode(status), flush=True)
