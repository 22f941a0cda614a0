"""What comparable functions of other systems' contracts use.

Measured on their own sources with the same compiler and settings, each called as its tests or its documentation do.
The figures are constants here: the sources are not part of this project.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """A function of another system; ``most`` is more than ``least`` where its cost depends on the call."""

    system: str
    function: str
    least: int
    most: int
    remark: str = ""

    @property
    def range(self) -> str:
        """As it is printed."""
        return f"{self.least:,}" if self.least == self.most else f"{self.least:,} to {self.most:,}"


PEERS: dict[str, tuple[Peer, ...]] = {
    "submit": (
        Peer("Gensyn", "submitReward", 92_000, 92_000),
        Peer("Prime", "submitWork", 235_000, 235_000),
        Peer("permissionless FL", "commit", 141_000, 141_000),
        Peer("VeryFL", "upload", 58_000, 115_000, "grows with the number of clients"),
        Peer("DeCAI", "addData", 214_000, 214_000, "10 features"),
    ),
    "batch of 50, first of their shards: per update": (
        Peer("permissionless FL", "commit in batches", 116_000, 116_000),
    ),
    "claim of one round": (Peer("1inch", "cumulative claim", 53_000, 59_000),),
}
"""Figure of ours -> what does the like elsewhere."""
