"""Models and their lineage."""

from __future__ import annotations

from pydantic import Field

from anomalyhive.dashboard.api.schemas.rounds import Quality
from anomalyhive.dashboard.api.schemas.words import Answer, Cid, Cursor, Digest


class Model(Answer):
    """A model that a quorum attested."""

    digest: Digest
    cid: Cid
    round: int = Field(ge=1, description="The round that made it.")
    parent: Digest | None = Field(description="The model before; null for the first where its content is in no store.")
    weights_digest: Digest | None = Field(
        description="The learned state alone: equal for equal learning; null where the root is in no store."
    )
    updates: int = Field(ge=0, description="Updates submitted in its round.")
    accepted: int = Field(ge=0, description="Updates that are in it.")
    rejected: int = Field(ge=0, description="Updates that are not.")
    attested_by: list[int] = Field(description="Numbers of the nodes that attested it.")
    quality: Quality | None = Field(description="Measure to value (0 to 1); null where nobody measured.")


class ModelUpdate(Answer):
    """An update that was offered to a model."""

    digest: Digest
    cid: Cid
    shard: int = Field(ge=0, description="The shard that it was learned from.")
    node: int = Field(ge=1, description="Number of the node.")
    name: str = Field(description="What the node is called.")
    accepted: bool = Field(description="Whether it is in the model.")
    score: int = Field(ge=0, le=255, description="Median of the validators' scores.")
    reason: str | None = Field(description="Why it is not, in words; null where there is no need or nobody said.")
    commitment: str = Field(description="Pedersen commitment to its vector: 96 bytes in hexadecimal.")
    rows: int | None = Field(description="Rows that it sums; null where its content is in no store.")
    length: int | None = Field(description="Entries of its vector; null where its content is in no store.")
    sum_contribution: str | None = Field(
        description="Sum of the absolute values of its vector's entries, as a decimal text; null where not in a store."
    )
    share_bp: int | None = Field(
        description="Its part of that sum over all accepted updates, in basis points; null where not known or not in."
    )


class Derivation(Answer):
    """How a model follows from its parent."""

    parent: Digest | None = Field(description="The model before.")
    sum: Digest | None = Field(description="Root of the sum of the accepted vectors; null where in no store.")
    weights: Digest | None = Field(description="Root of the state that comes of it; null where in no store.")
    spec: Digest = Field(description="Root of the task.")
    learner: str | None = Field(description="What absorbs the sum; null where the spec is in no store.")
    words: str = Field(description="The same in a sentence.")


class ModelDetail(Model):
    """A model with the updates of its round."""

    contributions: list[ModelUpdate] = Field(description="All updates of its round, by shard.")
    commitment_sum: str | None = Field(
        description="Sum of the accepted commitments as the contract added it: 96 bytes in hexadecimal; null where the "
        "chain cannot add."
    )
    derivation: Derivation = Field(description="How it follows from its parent.")


class Models(Answer):
    """Models, the newest first."""

    items: list[Model] = Field(description="Models, the newest first.")
    next: Cursor


class Lineage(Answer):
    """The chain of models, the newest first."""

    genesis: Digest | None = Field(description="The model that follows from the spec; null where it is in no store.")
    models: list[Digest] = Field(description="Digests of models, the newest first.")
    next: Cursor
