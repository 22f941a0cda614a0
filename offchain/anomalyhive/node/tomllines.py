"""Where in a TOML text its keys and the elements of its lists stand, which the standard library's parser does not say.

The text has passed that parser, so this scanner only has to tell strings and comments from what else there is
(TOML 1.0.0, https://toml.io/en/v1.0.0); it checks nothing. Each character is looked at once.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module

TOML = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
"""The parser: Python 3.10 has it under its older name."""

Places = Mapping[str, tuple[int, ...]]
"""Key -> the line on which it stands, then those of its list's elements. Lines count from 1."""

BETWEEN = re.compile(r"(?:[ \t\r\n]|#[^\n]*)+")
BARE = re.compile(r"[A-Za-z0-9_-]+")
STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}(?!")', re.DOTALL),
    re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)
"""The four kinds of string, longest quotes first; two more quotes may stand before the closing three."""


def lines_of(text: str) -> Places:
    """The places of all keys at the top of a valid TOML text; of a table, the place of its first mention."""
    return _Scanner(text).scan()


def nested_lines(text: str) -> Mapping[str, int]:
    """The line of each table's header, of `TABLE`, and of the keys in it, `TABLE.KEY`; the first one of each."""
    scanner = _Scanner(text)
    scanner.scan()
    return scanner.nested


@dataclass
class _Scanner:
    text: str
    at: int = 0
    line: int = 1
    found: dict[str, tuple[int, ...]] = field(default_factory=dict)
    nested: dict[str, int] = field(default_factory=dict)
    table: str = ""

    def scan(self) -> Places:
        top = True
        while self._more():
            if self._sees("["):
                top = False
                self._step(len("[[") if self.text.startswith("[[", self.at) else 1)
                self._between()
                line, self.table = self.line, self._key()
                self._name(self.table, (line,))
                self._name_nested(self.table, line)
                self._name_nested(f"{self.table}.{self._rest_of_header()}", line)
            else:
                line, key = self.line, self._key()
                elements = self._value()
                if top:
                    self._name(key, (line, *elements))
                else:
                    self._name_nested(f"{self.table}.{key}", line)
        return self.found

    def _name_nested(self, name: str, line: int) -> None:
        self.nested.setdefault(name, line)

    def _name(self, key: str, places: tuple[int, ...]) -> None:
        self.found.setdefault(key, places)

    def _more(self) -> bool:
        self._between()
        return self.at < len(self.text)

    def _key(self) -> str:
        """The first part of a key, decoded; what follows a dot is left for whoever reads on."""
        bare = BARE.match(self.text, self.at)
        if bare is not None:
            self._step(len(bare.group()))
            return bare.group()
        quoted = self._string()
        return str(next(iter(TOML.loads(f"{quoted} = 0")), "")) if quoted else self._step(1)

    def _rest_of_header(self) -> str:
        """Go past what a header has after its first part; the second part, where it is a bare one."""
        begin = self.at
        while self.at < len(self.text) and not self._sees("\n"):
            self._pass()
        second = re.match(r"[ \t]*\.[ \t]*([A-Za-z0-9_-]+)", self.text[begin : self.at])
        return second.group(1) if second else ""

    def _value(self) -> list[int]:
        """Go past what follows a key, up to the end of its line; the lines of the elements if it is a list."""
        elements: list[int] = []
        depth, due, equals = 0, False, False
        while self.at < len(self.text):
            if self._sees("\n") and depth == 0:
                break
            sign = self.text[self.at]
            if sign.isspace() or sign == "#":
                self._pass()
                continue
            if due and depth == 1 and sign not in ",]}":
                elements.append(self.line)
                due = False
            if not equals:
                equals = sign == "="
            elif sign in "[{":
                due = due or depth == 0
                depth += 1
            elif sign in "]}":
                depth -= 1
            elif sign == "," and depth == 1:
                due = True
            self._pass()
        return elements

    def _pass(self) -> None:
        """Go past one character, string or comment; a comment's line is not yet at its end."""
        if self._sees("#"):
            end = self.text.find("\n", self.at)
            self._step((len(self.text) if end < 0 else end) - self.at)
        elif not self._string():
            self._step(1)

    def _between(self) -> None:
        """Go past spaces, comments and ends of lines."""
        blank = BETWEEN.match(self.text, self.at)
        if blank is not None:
            self._step(len(blank.group()))

    def _string(self) -> str:
        """Go past a string if one begins here; it with its quotes, or nothing."""
        if self.text[self.at : self.at + 1] not in ('"', "'"):
            return ""
        for form in STRINGS:
            match = form.match(self.text, self.at)
            if match is not None:
                self._step(len(match.group()))
                return match.group()
        return ""

    def _sees(self, sign: str) -> bool:
        return self.text.startswith(sign, self.at)

    def _step(self, count: int) -> str:
        """Go on by so many characters; the characters."""
        passed = self.text[self.at : self.at + count]
        self.at += count
        self.line += passed.count("\n")
        return passed
