"""Commands of two words: "audit verify-report" beside "audit", each a command of its own."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class TwoWords(TyperGroup):
    """A group in which the name of a command may have two words; the longer name goes first.

    What would be an argument of the shorter one and is written like the second word goes by another spelling:
    ``audit ./verify-report``.
    """

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the words name, and the words that are left for it."""
        two = " ".join(args[:2])
        if len(args) > 1 and two in self.commands:
            return two, self.commands[two], args[2:]
        return super().resolve_command(ctx, args)
