"""Alerts, anomaly over time, and what is known of an address."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from anomalyhive.dashboard.api.schemas.words import DECIMAL, HASH, Answer, BasisPoints, Block, Cursor, Digest, Time

LowerAddress = Annotated[str, Field(pattern=r"^0x[0-9a-f]{40}$", description="Address of an account, in lower case.")]
Hash = Annotated[str, Field(pattern=HASH, description="A hash of the chain.")]
State = Literal["live", "expired", "withdrawn"]


class Alert(Answer):
    """What a watch says of an address, and what became of it."""

    id: Digest = Field(description="SHA-256 of chain, address, block and model.")
    chain_id: int = Field(ge=1, description="Chain id (EIP-155) of the chain that is watched.")
    address: LowerAddress
    block_number: Block
    block_hash: Hash
    transactions: list[Hash] = Field(description="Transactions of the block that touch the address.")
    probability_bp: BasisPoints
    category: str = Field(description="The class that the model finds, or `unknown`.")
    category_index: int = Field(ge=0, description="Number of the most probable class.")
    reasons: list[str] = Field(description="Why, in words, the strongest first.")
    model: Digest = Field(description="The model that found it.")
    round: int = Field(ge=0, description="The round that made the model.")
    raised_at: Time = Field(description="Time of the block, in Unix seconds.")
    expires_at: Time = Field(description="When it is over unless renewed, in Unix seconds.")
    state: State = Field(description="Whether it holds, is over, or was taken back.")
    ended_at: Time | None = Field(description="When it ended; null while it is live.")
    ended_why: str | None = Field(
        description="`orphaned`, `retracted`, `expired`, `cleared` or `renewed`; null while it is live."
    )
    posted_tx: str | None = Field(description="The transaction that put it on chain; null where none did.")


class Alerts(Answer):
    """Alerts, the newest first."""

    items: list[Alert] = Field(description="Alerts, the newest first.")
    next: Cursor


class Bucket(Answer):
    """Blocks in a stretch of time."""

    from_time: Time
    to_time: Time
    from_block: Block
    to_block: Block
    mean_bp: int = Field(ge=0, le=10_000, description="Mean of the blocks' highest scores, in basis points, floored.")
    highest_bp: int = Field(ge=0, le=10_000, description="The highest score, in basis points.")
    alerts: int = Field(ge=0, description="Alerts that its blocks raised.")


class Peak(Answer):
    """A block whose score stands out: the highest of its bucket, at the threshold or above."""

    block: Block
    time: Time
    bp: BasisPoints
    alerts: list[Digest] = Field(description="Ids of its alerts, ten at the most.")


class Anomaly(Answer):
    """Scores of the blocks that are watched, over time."""

    buckets: list[Bucket] = Field(description="The oldest first; empty where nothing was watched.")
    peaks: list[Peak] = Field(description="The highest ones, in the order of time.")
    threshold_bp: BasisPoints | None = Field(description="From which on an address gets an alert; null if not known.")


class OnChain(Answer):
    """What an AlertFeed says of an address."""

    flagged: bool = Field(description="Whether a quorum of monitors with stake agrees that it is dangerous.")
    appealed: bool = Field(description="Whether an appeal against that is open.")
    probability_bp: int = Field(ge=0, le=10_000, description="Lower median of their alerts, in basis points.")
    category: str = Field(description="What most of them say, or `unknown`.")
    category_index: int = Field(ge=0, le=255, description="The same as the contract has it; 0 is unknown.")
    model: Digest | None = Field(description="The newest model among theirs; null where there is none.")
    expiry: Time | None = Field(description="Until when a quorum of the present alerts lives; null where none does.")
    monitors: int = Field(ge=0, description="Live alerts about it, one a monitor.")


class Risk(Answer):
    """What is known of an address now."""

    address: LowerAddress
    probability_bp: BasisPoints | None = Field(description="In basis points; null where nothing is known.")
    probability: float | None = Field(ge=0, le=1, description="The same from 0 to 1, for reading.")
    verdict: Literal["flagged", "clear"] | None = Field(
        description="`flagged` at the watch's threshold or above, or by a quorum on chain; null where neither says."
    )
    category: str | None = Field(description="The class, or `unknown`; null where nothing is known.")
    reasons: list[str] = Field(description="Of its latest alert, in words.")
    model: Digest | None = Field(description="The model that says so.")
    block: Block | None = Field(description="The block after which the watch scored it; null where it did not.")
    as_of: Time | None = Field(description="Time of that block, or of the chain's head; null where nothing is known.")
    source: Literal["watch", "feed", "none"] = Field(description="Who says so: a watch here, the chain, or nobody.")
    on_chain: OnChain | None = Field(description="What the AlertFeed says; null where none is asked or it is away.")
    problem: str | None = Field(description="Why watch or feed could not be asked, in words; null where they were.")
    alerts: list[Digest] = Field(description="Ids of its live alerts.")


class Score(Answer):
    """A score of an address that was kept."""

    block: Block
    time: Time
    probability_bp: BasisPoints
    category: str = Field(description="The class, or `unknown`.")
    model: Digest


class Statistic(Answer):
    """A number that the model looks at."""

    name: str = Field(description="Its name, as `anomalyhive metrics` has it.", examples=["sent_micro"])
    value: str = Field(pattern=DECIMAL, description="The exact integer as a decimal text.", examples=["12000000"])
    unit: str = Field(
        description="What one of it is. `microether/1024`: 1024 of it are a microether.", examples=["microether"]
    )


class AddressDetail(Answer):
    """What a watch has kept of an address."""

    address: LowerAddress
    history: list[Score] = Field(description="The oldest first; scores that moved, and those of addresses with alerts.")
    alerts: list[Alert] = Field(description="Its alerts, the newest first, a hundred at the most.")
    statistics: list[Statistic] | None = Field(
        description="All that the model looks at, after the last block that was followed, always in the same order; "
        "null of an address that the watch has never seen, and without a watch."
    )
