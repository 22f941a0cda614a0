"""Where a keystore's password comes from: a variable, a file that a variable names, or a person at a terminal.

Never an argument, which every user of the machine can see.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from anomalyhive.errors import BadSetting

PASSWORD, OWNER_PASSWORD = "ANOMALYHIVE_PASSWORD", "ANOMALYHIVE_OWNER_PASSWORD"
FILE_SUFFIX = "_FILE"
"""Of the variable that names a file instead."""

LEAST_LETTERS = 8
"""Of a new password."""

LONGEST = 4096
"""Bytes of a file with a password."""

Ask = Callable[[str], str]
"""Shows a text, and gives what a person types without showing it."""


def ask_hidden(prompt: str) -> str:
    """Ask at the terminal. Raises BadSetting where there is none."""
    if not sys.stdin.isatty():
        raise BadSetting(
            f"nobody can be asked for a password here: put it into {PASSWORD}, or name a file with it in "
            f"{PASSWORD}{FILE_SUFFIX}"
        )
    return getpass.getpass(prompt)


@dataclass(frozen=True)
class Passwords:
    """Passwords of a node's keystores; ``environ`` is the process's environment, ``ask`` the terminal."""

    environ: Mapping[str, str]
    ask: Ask

    @classmethod
    def here(cls) -> Passwords:
        """Those of this process."""
        return cls(os.environ, ask_hidden)

    def known(self, path: Path, owner: bool = False) -> str:
        """The password of a file that exists."""
        given = self._given(owner)
        return self.ask(f"Password of {path}: ") if given is None else given

    def new(self, path: Path, owner: bool = False) -> str:
        """A password for a file that is to be made; a person types it twice."""
        given = self._given(owner)
        if given is None:
            given = self.ask(f"New password for {path}: ")
            if self.ask("The same again: ") != given:
                raise BadSetting("the two passwords differ: try again")
        if len(given) < LEAST_LETTERS:
            raise BadSetting(f"the password for {path} has fewer than {LEAST_LETTERS} letters: choose a longer one")
        return given

    def shared(self) -> bool:
        """Whether the owner's key has the operator's password, since no other was given."""
        return OWNER_PASSWORD not in self.environ and OWNER_PASSWORD + FILE_SUFFIX not in self.environ

    def _given(self, owner: bool) -> str | None:
        """What the environment has; the owner's own variables come first where the owner's key is meant."""
        for variable in (OWNER_PASSWORD, PASSWORD) if owner else (PASSWORD,):
            if self.environ.get(variable):
                return self.environ[variable]
            if self.environ.get(variable + FILE_SUFFIX):
                return _of_file(variable + FILE_SUFFIX, Path(self.environ[variable + FILE_SUFFIX]))
        return None


def _of_file(variable: str, path: Path) -> str:
    """The first line of a file."""
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
        text = content.decode()
    except OSError as error:
        raise BadSetting(
            f"{path}, which {variable} names, cannot be read ({error.strerror}): see who owns it"
        ) from error
    except UnicodeDecodeError:
        # Not even as a cause: it would show bytes of the password.
        raise BadSetting(f"{path}, which {variable} names, is not UTF-8: write the password in that encoding") from None
    if len(content) > LONGEST or not text.splitlines() or not text.splitlines()[0]:
        raise BadSetting(f"{path}, which {variable} names, has no password in its first line: write it there")
    return text.splitlines()[0]
