"""Runs `anomalyhive` commands in forks of one process that has imported everything: a command then starts in no time.

Reads one JSON object a line: arguments, environment to add, files for standard output and error, and one for the exit
code. Answers with the command's process number. Each command is a process of its own, with its own files, signals and
children, as from a shell.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from anomalyhive.cli import main


def become(order: dict[str, Any]) -> None:
    """Become the command; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(order["environment"])
    for name, target in (("stdout", 1), ("stderr", 2)):
        os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), target)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["anomalyhive", *order["arguments"]]
    code = 99
    try:
        main()
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def watch(order: dict[str, Any]) -> None:
    """Start the command, say its number, and write down its exit code; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    command = os.fork()
    if not command:
        become(order)
    print(command, flush=True)
    code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    written = Path(order["code"] + ".part")
    written.write_text(str(code))
    written.rename(order["code"])
    os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the watchers
    for line in sys.stdin:
        if not os.fork():
            watch(json.loads(line))
