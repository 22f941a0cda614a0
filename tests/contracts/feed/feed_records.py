"""What the plain model of a feed remembers of alerts and appeals, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn


class Refused(Exception):
    """The feed must refuse, with this error."""


def refuse(error: str) -> NoReturn:
    """Ends the call."""
    raise Refused(error)


@dataclass
class Alert:
    """One alert of a node, from its posting on.

    ``left`` is when its term ended; ``gone`` says that it was retracted, overturned or replaced.
    """

    node: int
    post: int
    since: int
    expiry: int
    probability: int
    category: int
    locked: bool
    left: int | None = None
    gone: bool = False

    def end(self) -> int:
        """First second in which it did not count."""
        return self.expiry if self.left is None else min(self.expiry, self.left)

    def under(self, moment: int) -> bool:
        """Whether an appeal made then is about it."""
        return self.since <= moment < self.expiry and (self.left is None or self.left >= moment)


@dataclass
class Appeal:
    """An appeal; votes by seat, hidden until they are shown."""

    subject: str
    opened: int
    who: str
    reward: int
    hidden: dict[int, bool] = field(default_factory=dict)
    shown: dict[int, bool] = field(default_factory=dict)
    outcome: int = 0
