"""The command `anomalyhive`."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

import typer

from anomalyhive.cli.console import complain
from anomalyhive.cli.stopping import Stopped, asked, listen_to_signals
from anomalyhive.cli.words import TwoWords
from anomalyhive.errors import AnomalyHiveError, BadInput

NAME = "anomalyhive"

COMMANDS = {
    "federate": "federate",
    "ingest": "ingest",
    "metrics": "metrics",
    "score": "score",
    "audit": "audit",
    "audit verify-report": "verify_report",
    "verify-deployment": "verify_deployment",
    "doctor": "doctor",
    "node": "node",
    "task": "task",
    "feed": "feed",
    "lineage": "lineage_commands",
    "dashboard": "dashboard",
    "monitor": "monitor",
}
"""Name, of one word or two -> module of this package, with a function of the module's name or an `app` of commands."""

LEAN = ("ingest",)
"""Commands that start without what they never use (`lean`)."""

BAD_INPUT, FAILURE, INTERRUPTED = 2, 1, 130
"""Exit codes: the user gave what cannot be used; something else went wrong; Ctrl-C."""

SIGNALLED = 128
"""Exit code of a program that a signal ended, less the signal's number."""

DEBUG_VARIABLE = "ANOMALYHIVE_DEBUG"
"""Set to anything, errors are shown with their traceback."""

GOING_ON = "the same command goes on where it stopped"


def assembled(names: Iterable[str]) -> typer.Typer:
    """The command line with these commands: importing what only others need would take seconds."""
    made = typer.Typer(
        name=NAME,
        cls=TwoWords,
        help="A federation that learns what fraud on blockchains looks like, in sums that the chain itself checks.",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    made.callback()(_nothing)
    for name in names:
        module = import_module(f"{__name__}.{COMMANDS[name]}")
        group = getattr(module, "app", None)
        if group is None:
            made.command(name=name)(getattr(module, COMMANDS[name]))
        else:
            made.add_typer(group, name=name)
    return made


def _nothing() -> None:
    # A command line of a single command would otherwise take no command's name.
    pass


def __getattr__(name: str) -> Any:
    """`app` is the whole command line."""
    if name == "app":
        return assembled(COMMANDS)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    """Run the command line; never returns."""
    listen_to_signals()
    for stream in (sys.stdout, sys.stderr):
        # A terminal or a log that cannot show a character gets its code: no reason to stop a federation.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if sys.argv[1:2] and sys.argv[1] in LEAN:
        from anomalyhive.cli.lean import leave, start_lean

        start_lean()
        leave(run(sys.argv[1:]))
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code. Errors are one message on standard error, without traceback."""
    try:
        meant = [name for name in COMMANDS if name.split()[0] in arguments[:1]]
        app = assembled(meant or COMMANDS)
        code = int(app(arguments or ["--help"], prog_name=NAME, standalone_mode=False) or 0)
        if code == INTERRUPTED:  # what Typer makes of Ctrl-C, without a word
            return _stopped(KeyboardInterrupt())
        return code if arguments else BAD_INPUT
    except (typer.Abort, KeyboardInterrupt):
        return _stopped(KeyboardInterrupt())
    except Stopped as stopped:
        return _stopped(stopped)
    except typer.TyperException as error:
        return _misused(error)
    except BadInput as error:
        return _explain(error, BAD_INPUT)
    except AnomalyHiveError as error:
        return _explain(error, FAILURE)
    except OSError as error:
        where = f" at {error.filename}" if error.filename else ""
        return _explain(error, FAILURE, f"the system refused{where}: {error.strerror or error}")
    except MemoryError as error:
        return _explain(error, FAILURE, "there is not enough memory: use fewer rows or columns, or a larger machine")
    except Exception as error:  # noqa: BLE001 - the last line of defence: a person gets words, not a traceback
        text = f"unforeseen {type(error).__name__}: {error} (set {DEBUG_VARIABLE}=1 to see where, and report it)"
        return _explain(error, FAILURE, text)


def _stopped(how: BaseException) -> int:
    """Say what asked the command to end; the exit code."""
    if isinstance(how, Stopped):
        complain(f"stopped by {how}: {GOING_ON}")
        return SIGNALLED + how.number
    complain(f"interrupted: {GOING_ON}")
    return INTERRUPTED


def _misused(error: typer.TyperException) -> int:
    """Complain about the words of a command."""
    said = getattr(error, "format_message", error.__str__)()
    context = getattr(error, "ctx", None)
    complain(f"{said.rstrip('.')}: see {context.command_path if context else NAME} --help")
    return BAD_INPUT


def _explain(error: Exception, code: int, text: str | None = None) -> int:
    if os.environ.get(DEBUG_VARIABLE):
        raise error
    if (stopped := asked()) is not None:  # which something on the way made this error of
        return _stopped(stopped)
    complain(text or str(error))
    return code
