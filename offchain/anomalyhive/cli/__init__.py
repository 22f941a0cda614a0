"""The command `anomalyhive`."""

from __future__ import annotations

import os
import sys

import typer

from anomalyhive.cli.audit import audit
from anomalyhive.cli.console import complain
from anomalyhive.cli.federate import federate
from anomalyhive.cli.score import score
from anomalyhive.errors import AnomalyHiveError, BadInput

app = typer.Typer(
    name="anomalyhive",
    help="A federation that learns what fraud on blockchains looks like, in sums that the chain itself checks.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(federate)
app.command()(score)
app.command()(audit)

BAD_INPUT, FAILURE, INTERRUPTED = 2, 1, 130
"""Exit codes: the user gave what cannot be used; something else went wrong; Ctrl-C."""

DEBUG_VARIABLE = "ANOMALYHIVE_DEBUG"
"""Set to anything, errors are shown with their traceback."""


def main() -> None:
    """Run the command line; never returns."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code. Errors are one message on standard error, without traceback."""
    try:
        code = app(arguments, standalone_mode=False)
        return int(code or 0)
    except typer.Exit as leave:
        return int(leave.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        complain("interrupted: the same command goes on where it stopped")
        return INTERRUPTED
    except typer.BadParameter as error:
        complain(error.format_message())
        return BAD_INPUT
    except BadInput as error:
        return _explain(error, BAD_INPUT)
    except AnomalyHiveError as error:
        return _explain(error, FAILURE)
    except OSError as error:
        where = f" at {error.filename}" if error.filename else ""
        return _explain(error, FAILURE, f"the system refused{where}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - the last line of defence: a person gets words, not a traceback
        text = f"unforeseen {type(error).__name__}: {error} (set {DEBUG_VARIABLE}=1 to see where, and report it)"
        return _explain(error, FAILURE, text)


def _explain(error: Exception, code: int, text: str | None = None) -> int:
    if os.environ.get(DEBUG_VARIABLE):
        raise error
    complain(text or str(error))
    return code
