"""Whoever asks a command to end is heard, wherever the command is at that moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import pytest

COMMAND = """
import sys, time
import anomalyhive.cli as cli

class Slow:
    def __del__(self):
        print("inside", flush=True)
        time.sleep(30)

def dropping(arguments, **how):
    Slow()
    print("went on", flush=True)
    time.sleep(30)

def turning(arguments, **how):
    print("inside", flush=True)
    try:
        time.sleep(30)
    except BaseException as error:
        raise ValueError("not a valid format") from error

def plain(arguments, **how):
    print("inside", flush=True)
    time.sleep(30)

cli.assembled = lambda names: globals()[sys.argv[1]]
cli.main()
"""


@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "stopped by SIGTERM")]
)
@pytest.mark.parametrize("how", ["plain", "turning", "dropping"])
def test_signal_that_comes_where_its_exception_is_turned_or_dropped_ends_the_command(
    how: str, number: int, code: int, said: str
) -> None:
    command = [sys.executable, "-c", textwrap.dedent(COMMAND), how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "inside\n"
            os.kill(process.pid, number)
            out, err = process.communicate(timeout=25)
        finally:
            process.kill()
    assert err == f"error: {said}: the same command goes on where it stopped\n"
    assert process.returncode == code
    assert out == ("went on\n" if how == "dropping" else "")
