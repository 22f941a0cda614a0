"""Nodes, and what they earn."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from anomalyhive.dashboard.api.schemas.words import Address, Amount, Answer, Cursor, Time

RoleName = Literal["train", "validate", "monitor", "audit"]


class Node(Answer):
    """A node of the registry, and what it did in the task that is shown."""

    id: int = Field(ge=1, description="Its number.")
    name: str = Field(description="What it is called.", examples=["trainer-0"])
    owner: Address = Field(description="Who is paid what it earns.")
    operator: Address = Field(description="The key that acts for it.")
    roles: list[RoleName] = Field(description="What it offers to do.")
    stake: Amount = Field(description="Its stake in 1e-18 tokens.")
    slashed: Amount = Field(description="What was burned of its stake so far, in 1e-18 tokens.")
    state: Literal["active", "leaving", "left"] = Field(description="Whether it takes part, asked to leave, or has.")
    exit_at: Time | None = Field(description="When its stake is free; null unless it asked to leave.")
    registered_at: Time
    shards: list[int] = Field(description="Shards that it holds.")
    seats: list[int] = Field(description="Seats that it holds.")
    updates: int = Field(ge=0, description="Updates submitted.")
    accepted: int = Field(ge=0, description="Updates that count.")
    rejected: int = Field(ge=0, description="Updates that do not.")
    verdicts: int = Field(ge=0, description="Verdicts revealed.")
    unrevealed: int = Field(ge=0, description="Verdicts committed and never revealed, for which it was slashed.")
    earned: Amount = Field(description="What final rounds earned it, in 1e-18 tokens.")
    claimed: Amount = Field(description="What of it was claimed, in 1e-18 tokens.")
    unclaimed: Amount = Field(description="What of it was not, in 1e-18 tokens.")


class Nodes(Answer):
    """Nodes by their number."""

    items: list[Node] = Field(description="Nodes by their number.")
    next: Cursor


class Reward(Answer):
    """What a round earned a node for one update or one verdict."""

    round: int = Field(ge=1, description="The final round.")
    node: int = Field(ge=1, description="Number of the node.")
    name: str = Field(description="What it is called.")
    kind: Literal["update", "verdict"] = Field(description="What it is paid for.")
    place: int = Field(ge=0, description="The shard or the seat.")
    amount: Amount


class Totals(Answer):
    """Sums over all final rounds of the task, in 1e-18 tokens."""

    earned: Amount
    claimed: Amount
    unclaimed: Amount


class Rewards(Answer):
    """Rewards, the newest round first."""

    items: list[Reward] = Field(description="Rewards, the newest round first.")
    next: Cursor
    totals: Totals = Field(description="Sums, of the node that is asked for or of all.")
