"""The protocol in plain Python: for each call, what it logs and changes, or why it is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from reference.claims import Claims
from reference.part import Event, Refused
from reference.slots import Slots
from reference.tally import Tally
from reference.tasks import Tasks


class Model(Tasks, Slots, Tally, Claims):
    """Token, registry and hive. Knows nothing of storage, encoding or gas."""

    def call(self, sender: str, time: int, function: str, arguments: Sequence[Any]) -> list[Event]:
        """What a transaction in a block of this time logs. Raises Refused, and has changed nothing then."""
        self.sender, self.time, self.log, self.undo = sender, time, [], []
        try:
            getattr(self, re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", function))(*arguments)
        except Refused:
            for thing, name, value in reversed(self.undo):
                setattr(thing, name, value)
            raise
        return self.log
