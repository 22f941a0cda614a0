"""The hive and where it is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from anomalyhive.dashboard.api.schemas.words import Address, Amount, Answer, Block, Digest, Time


class Head(Answer):
    """The latest block that was read."""

    block: Block
    time: Time
    age_seconds: int = Field(ge=0, description="Seconds since then; 0 for a local chain whose clock is ahead.")


class Token(Answer):
    """The token that stakes and rewards are paid in."""

    symbol: str = Field(description="Its symbol.", examples=["HIVE"])
    decimals: int = Field(description="Digits after the point: an amount of 1 is 10 to the minus this.", examples=[18])
    address: Address | None = Field(description="Its contract; null before the hive was found.")


class Offers(Answer):
    """What this dashboard can show beside the hive."""

    watch: bool = Field(description="Whether it reads a watch: alerts and anomaly have something to say.")
    feed: Address | None = Field(description="The AlertFeed that it reads, null for none.")
    me: bool = Field(description="Whether it knows a node of one's own.")
    audits: bool = Field(description="Whether it can audit: it has the content, not only the chain.")


class Hive(Answer):
    """The hive, its task, and whether it can be read now."""

    mode: Literal["run", "live"] = Field(description="`run`: the folder of a run. `live`: a chain asked by its URL.")
    hive: Address | None = Field(description="The Hive contract; null before it was found.")
    registry: Address | None = Field(description="The NodeRegistry contract; null before it was found.")
    chain_id: int | None = Field(description="Chain id (EIP-155); null before the hive was found.", examples=[31337])
    chain: str = Field(description="The chain in words: `anvil`, or the host of its URL.", examples=["anvil"])
    head: Head | None = Field(description="The latest block that was read; null before the first.")
    task: int | None = Field(description="The task that is shown; null before there is one.", examples=[1])
    sponsor: Address | None = Field(description="Who pays for the task.")
    spec: Digest | None = Field(description="The root that says what the task learns.")
    learner: str | None = Field(description="What learns; null where the spec is in no store.", examples=["boost"])
    label: str | None = Field(description="The column that is learned; null where the spec is in no store.")
    classes: list[str] = Field(description="Names of the labels 0, 1, …; empty for labels that are numbers.")
    columns: int | None = Field(description="How many columns a row has; null where the spec is in no store.")
    rounds_total: int | None = Field(description="Final rounds that the task asks for; null without a limit.")
    rounds_final: int = Field(description="Final rounds so far.")
    rounds_opened: int = Field(description="Rounds that were opened, cancelled ones too.")
    escrow: Amount = Field(description="What no round has locked, in 1e-18 tokens.")
    reward: Amount = Field(description="What a round pays at most, in 1e-18 tokens.")
    shards: int | None = Field(description="Places of trainers.")
    seats: int | None = Field(description="Places of validators.")
    quorum: int | None = Field(description="Validators that make a verdict or a model count.")
    connected: bool = Field(description="Whether the chain answers; if not, all else is what was known last.")
    problem: str | None = Field(description="Why it does not answer, or what is missing, in words.")
    data_mode: Literal["public", "private"] | None = Field(
        description="Whether rows are content that anyone recomputes from; null where the spec is in no store."
    )
    token: Token = Field(description="The token of stakes and rewards.")
    offers: Offers = Field(description="What else there is to ask for.")
    version: str = Field(description="Version of this program.", examples=["0.3.0"])
