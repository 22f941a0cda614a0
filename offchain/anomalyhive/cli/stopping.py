"""Signals that ask the command to end: Ctrl-C, SIGTERM and SIGHUP, told apart from what libraries make of them.

An exception that a signal raises can come up in the middle of a library. There it may be turned into another one (NumPy
makes a ValueError of whatever happens while it parses a buffer's format), or be dropped where Python cannot pass
it on, as in a destructor. So what was asked for is remembered, and asked for again where it was dropped.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

AGAIN_SECONDS = 0.05
"""Time in which the code that dropped an exception is left."""


class Stopped(BaseException):
    """A signal asks the program to end, as Ctrl-C does: local chains are stopped on the way out."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(signal.Signals(number).name)


_asked: list[int] = []


def listen_to_signals() -> None:
    """From here on signals raise Stopped, Ctrl-C KeyboardInterrupt, in the main thread."""
    _asked.clear()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    signal.signal(signal.SIGALRM, _ask_again)
    sys.unraisablehook = _dropped


def asked() -> BaseException | None:
    """What the last signal raised, or None if there was none."""
    return _exception(_asked[-1]) if _asked else None


def _exception(number: int) -> BaseException:
    return KeyboardInterrupt() if number == signal.SIGINT else Stopped(number)


def _stop(number: int, _: FrameType | None) -> None:
    _asked.append(number)
    raise _exception(number)


def _ask_again(_: int, __: FrameType | None) -> None:
    if _asked:
        raise _exception(_asked[-1])


def _dropped(found: UnraisableHookArgs) -> None:
    """What Python says of an exception that it cannot pass on; a stop is asked for again, a little later."""
    if isinstance(found.exc_value, KeyboardInterrupt | Stopped):
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
    else:
        sys.__unraisablehook__(found)
