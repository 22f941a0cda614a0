"""Types that many answers share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

DIGEST = r"^[0-9a-f]{64}$"
HASH = r"^0x[0-9a-f]{64}$"
ADDRESS = r"^0x[0-9a-fA-F]{40}$"
DECIMAL = r"^-?[0-9]+$"

Digest = Annotated[str, Field(pattern=DIGEST, description="SHA-256 of a root, in hexadecimal.")]
Cid = Annotated[str, Field(description="The same digest as the CID under which IPFS has the root.")]
Address = Annotated[str, Field(pattern=ADDRESS, description="Address of an account.")]
Amount = Annotated[str, Field(pattern=DECIMAL, description="Amount of tokens in units of 1e-18, as a decimal text.")]
Time = Annotated[int, Field(ge=0, description="Unix time in seconds.")]
Block = Annotated[int, Field(ge=0, description="Number of a block.")]
Cursor = Annotated[
    str | None, Field(description="What to give as `after` for the items that follow; null where there are none.")
]
BasisPoints = Annotated[int, Field(ge=0, le=10_000, description="Basis points: 10000 is certain.")]


class Answer(BaseModel):
    """What every answer is: its fields and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(Answer):
    """Why a request was refused, after RFC 9457."""

    type: str = Field(description="Names the kind of problem.", examples=["urn:anomalyhive:problem:unknown-round"])
    title: str = Field(description="The kind of problem in words.", examples=["Not Found"])
    status: int = Field(ge=400, le=599, description="The HTTP status.", examples=[404])
    detail: str = Field(description="What is wrong with this request.", examples=["round 9 was never opened"])
    instance: str = Field(description="The path that was asked for.", examples=["/v1/rounds/9"])
