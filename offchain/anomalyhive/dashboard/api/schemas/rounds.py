"""Rounds: their phases, and who did what in them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from anomalyhive.dashboard.api.schemas.words import Amount, Answer, Cid, Cursor, Digest, Time

PhaseName = Literal["NONE", "TRAIN", "JUDGE", "REVEAL", "TALLY", "ATTEST", "FINAL", "CANCELLED", "STALLED"]

StepName = Literal["TRAIN", "JUDGE", "REVEAL", "TALLY", "ATTEST"]

Quality = dict[str, float | None]


class Phase(Answer):
    """One of the five phases of a round."""

    name: StepName = Field(description="Which of them.")
    state: Literal["ahead", "open", "over"] = Field(description="Whether it is to come, goes on, or is over.")
    starts_at: Time | None = Field(description="When it began; null where it has not.")
    ends_at: Time | None = Field(description="When it ended, or will at the latest; null where that is not known.")
    quota: int | None = Field(description="How many acts end it early; null where only time does.")
    needed: int = Field(description="How many acts it must have for the round to go on.")
    done: int = Field(ge=0, description="How many there are.")


class Round(Answer):
    """A round."""

    round: int = Field(ge=1, description="Its number; a cancelled round keeps its own.")
    phase: PhaseName = Field(description="The phase that it is in, or how it ended.")
    ends_at: Time | None = Field(description="When the phase ends at the latest; null where nothing ends it.")
    phases: list[Phase] = Field(description="Its five phases in their order.")
    seed: str = Field(description="What the round draws from: 32 bytes in hexadecimal.")
    base_model: Digest | None = Field(description="The model that it starts from; null: that of the spec.")
    updates: int = Field(ge=0, description="Updates submitted.")
    accepted: int | None = Field(description="Updates that count; null before the tally.")
    rejected: int | None = Field(description="Updates that do not; null before the tally.")
    verdicts: int = Field(ge=0, description="Verdicts revealed.")
    model: Digest | None = Field(description="The model that it made; null before, or where it was cancelled.")
    reward: Amount = Field(description="What it pays at most, in 1e-18 tokens.")
    paid: Amount | None = Field(description="What it paid, in 1e-18 tokens; null before it is final.")
    gas: int | None = Field(description="Gas of all its transactions; null before they were counted.")
    opened_at: Time
    finalized_at: Time | None = Field(description="When its model was final; null before, or where it was cancelled.")
    ended_at: Time | None = Field(description="When it was final or cancelled; null before.")
    quality: Quality | None = Field(
        description="Measure to value (0 to 1) on the rows that no node has; null where nobody measured.",
        examples=[{"average_precision": 0.86, "roc_auc": 0.95}],
    )


class Participant(Answer):
    """A trainer or a validator in a round, by its place."""

    kind: Literal["trainer", "validator"] = Field(description="What it does in the round.")
    place: int = Field(ge=0, description="The shard of a trainer, the seat of a validator.")
    node: int = Field(ge=1, description="Number of the node.")
    name: str = Field(description="What the node is called.", examples=["trainer-0"])
    submitted: bool | None = Field(description="Whether its update is submitted; null for a validator.")
    committed: bool | None = Field(description="Whether its verdict is committed; null for a trainer.")
    revealed: bool | None = Field(description="Whether its verdict is revealed; null for a trainer.")
    attested: bool | None = Field(description="Whether it attested a model; null for a trainer.")
    score: int | None = Field(
        description="Median of the validators' scores of its update, 0 to 255; null before the tally, or a validator's."
    )
    accepted: bool | None = Field(
        description="Whether its update counts, or its verdict is paid; null before that is known."
    )
    reason: str | None = Field(description="Why not, in words; null where there is no need or nobody said.")
    digest: Digest | None = Field(description="Root of its update or of its verdict; null where there is none yet.")
    cid: Cid | None = Field(description="The same digest as a CID; null where there is none yet.")
    worth: int | None = Field(
        description="What its update weighs in the split of the reward; null before the tally, or for a validator."
    )
    reward: Amount | None = Field(description="What the round earned it, in 1e-18 tokens; null before it is final.")
    slashed: Amount = Field(description="What was burned of its stake in this round, in 1e-18 tokens.")
    model: Digest | None = Field(description="The model that a validator attested; null where it did not.")


class RoundDetail(Round):
    """A round with all who take part in it."""

    participants: list[Participant] = Field(description="Trainers by shard, then validators by seat.")


class Rounds(Answer):
    """Rounds, the newest first."""

    items: list[Round] = Field(description="Rounds, the newest first.")
    next: Cursor


class RoundFigures(Answer):
    """What charts need of a round that is over or open."""

    round: int = Field(ge=1, description="Its number.")
    phase: PhaseName = Field(description="The phase that it is in, or how it ended.")
    opened_at: Time
    ended_at: Time | None = Field(description="When it was final or cancelled; null before.")
    updates: int = Field(ge=0, description="Updates submitted.")
    accepted: int | None = Field(description="Updates that count; null before the tally.")
    validators: int = Field(ge=0, description="Verdicts revealed.")
    reward: Amount = Field(description="What it paid, or pays at most while it is open, in 1e-18 tokens.")
    gas: int | None = Field(description="Gas of all its transactions; null before they were counted.")
    quality: Quality | None = Field(description="Measure to value (0 to 1); null where nobody measured.")


class Participation(Answer):
    """Rounds in ascending order; `next` leads to those before them."""

    items: list[RoundFigures] = Field(description="Rounds in ascending order.")
    next: Cursor
