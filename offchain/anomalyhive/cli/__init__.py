"""The command `anomalyhive`."""

from __future__ import annotations

import io
import os
import signal
import sys

import typer

from anomalyhive.cli.audit import audit
from anomalyhive.cli.console import complain
from anomalyhive.cli.doctor import doctor
from anomalyhive.cli.federate import federate
from anomalyhive.cli.ingest import ingest
from anomalyhive.cli.lineage import lineage
from anomalyhive.cli.lineage_import import import_file
from anomalyhive.cli.lineage_where import where
from anomalyhive.cli.metrics import metrics
from anomalyhive.cli.node import app as node
from anomalyhive.cli.score import score
from anomalyhive.cli.task import app as task
from anomalyhive.cli.verify_deployment import verify_deployment
from anomalyhive.cli.verify_report import verify_report
from anomalyhive.cli.words import TwoWords
from anomalyhive.errors import AnomalyHiveError, BadInput

NAME = "anomalyhive"

app = typer.Typer(
    name=NAME,
    cls=TwoWords,
    help="A federation that learns what fraud on blockchains looks like, in sums that the chain itself checks.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(federate)
app.command()(ingest)
app.command()(metrics)
app.command()(score)
app.command()(audit)
app.command(name="audit verify-report")(verify_report)
app.command()(verify_deployment)
app.command()(doctor)
app.add_typer(node, name="node")
app.add_typer(task, name="task")
lineage.command("import")(import_file)
lineage.command()(where)
app.add_typer(lineage, name="lineage")

BAD_INPUT, FAILURE, INTERRUPTED = 2, 1, 130
"""Exit codes: the user gave what cannot be used; something else went wrong; Ctrl-C."""

SIGNALLED = 128
"""Exit code of a program that a signal ended, less the signal's number."""

DEBUG_VARIABLE = "ANOMALYHIVE_DEBUG"
"""Set to anything, errors are shown with their traceback."""

GOING_ON = "the same command goes on where it stopped"


class Stopped(BaseException):
    """A signal asks the program to end, as Ctrl-C does: local chains are stopped on the way out."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(signal.Signals(number).name)


def main() -> None:
    """Run the command line; never returns."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    for stream in (sys.stdout, sys.stderr):
        # A terminal or a log that cannot show a character gets its code: no reason to stop a federation.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code. Errors are one message on standard error, without traceback."""
    try:
        code = int(app(arguments or ["--help"], prog_name=NAME, standalone_mode=False) or 0)
        if code == INTERRUPTED:  # what Typer makes of Ctrl-C, without a word
            complain(f"interrupted: {GOING_ON}")
        return code if arguments else BAD_INPUT
    except (typer.Abort, KeyboardInterrupt):
        complain(f"interrupted: {GOING_ON}")
        return INTERRUPTED
    except Stopped as stopped:
        complain(f"stopped by {stopped}: {GOING_ON}")
        return SIGNALLED + stopped.number
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


def _stop(number: int, _: object) -> None:
    raise Stopped(number)


def _misused(error: typer.TyperException) -> int:
    """Complain about the words of a command."""
    said = getattr(error, "format_message", error.__str__)()
    context = getattr(error, "ctx", None)
    complain(f"{said.rstrip('.')}: see {context.command_path if context else NAME} --help")
    return BAD_INPUT


def _explain(error: Exception, code: int, text: str | None = None) -> int:
    if os.environ.get(DEBUG_VARIABLE):
        raise error
    complain(text or str(error))
    return code
