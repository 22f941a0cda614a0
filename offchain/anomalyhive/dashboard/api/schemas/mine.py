"""A node of one's own, and audits that are started from here."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from anomalyhive.dashboard.api.schemas.nodes import RoleName
from anomalyhive.dashboard.api.schemas.words import Address, Amount, Answer, Digest, Time


class OwnRole(Answer):
    """A role that the settings of the node have."""

    role: RoleName = Field(description="The role.")
    paused: bool = Field(description="Whether it rests: it begins nothing new, and ends what it has begun.")


class Earnings(Answer):
    """What all tasks of the hive have given the node, in 1e-18 tokens."""

    earned: Amount
    claimed: Amount
    unclaimed: Amount


class JournalEntry(Answer):
    """A transaction of the node, from its journal."""

    purpose: str = Field(description="What it is for.", examples=["update/1/7/3"])
    function: str = Field(description="The function that it calls.", examples=["submitUpdate"])
    nonce: int = Field(ge=0, description="Its number among those of the operator.")
    state: Literal["open", "mined", "confirmed", "failed", "replaced"] = Field(description="Where it stands.")
    at: Time = Field(description="When it was made, in Unix seconds.")
    block: int | None = Field(description="Where it was mined; null before.")
    transaction: str = Field(description="Its hash.")


class Finding(Answer):
    """A check of the doctor."""

    check: str = Field(description="What was looked at.", examples=["operator_has_coin"])
    state: Literal["ok", "wrong", "unknown"] = Field(description="What was found; `unknown` where nobody could look.")
    words: str = Field(description="What is wrong; empty where nothing is.")
    remedy: str = Field(description="What to do about it; empty where nothing is wrong or the words say it.")


class Me(Answer):
    """The node whose home was named at the start. Without one all but `present` is empty."""

    present: bool = Field(description="Whether a home was named.")
    id: int | None = Field(description="Number of the node; null before it is registered.")
    home: str | None = Field(description="The folder of the node.")
    owner: Address | None = Field(description="Who is paid what it earns; null where not known.")
    operator: Address | None = Field(description="The key that acts for it; null where not known.")
    state: Literal["active", "leaving"] | None = Field(description="Null before it is registered.")
    running: bool | None = Field(description="Whether its process runs on this machine; null where not known.")
    stake: Amount
    roles: list[OwnRole] = Field(description="The roles of its settings.")
    earnings: Earnings = Field(description="What it earned in all tasks of the hive.")
    journal: list[JournalEntry] = Field(description="Its latest transactions, the newest first.")
    doctor: list[Finding] | None = Field(description="What the doctor found; null before he has looked.")
    problem: str | None = Field(description="Why it could not be looked at, in words; the rest is then what was seen.")


class Claim(Answer):
    """A transaction for the owner's wallet to sign. The server signs nothing."""

    chain_id: int = Field(ge=1, description="Chain id (EIP-155).")
    to: Address = Field(description="The hive.")
    data: str = Field(pattern=r"^0x[0-9a-f]*$", description="The call of `claim`, encoded.")
    value: str = Field(pattern=r"^[0-9]+$", description="Coin that goes with it, in wei: always 0.")
    gas: int | None = Field(description="Gas that it takes, as the chain estimates it; null where it does not say.")
    task: int = Field(ge=1, description="The task that owes.")


class Claims(Answer):
    """What is to be signed to be paid all that is owed; empty where nothing is."""

    transactions: list[Claim] = Field(description="To be signed one after the other.")


class AuditWanted(Answer):
    """What to audit."""

    model: Digest | None = Field(default=None, description="The model that is asked about; all before it come along.")


class AuditBegun(Answer):
    """An audit has begun."""

    id: str = Field(description="What to ask for at /v1/audits/{id}.")


class AuditCheck(Answer):
    """One line of an audit."""

    name: str = Field(description="Name of the check.", examples=["models"])
    title: str = Field(description="What holds if it does.")
    checked: int = Field(ge=0, description="How many things were looked at.")
    failed: int = Field(ge=0, description="How many do not hold.")
    failures: list[str] = Field(description="Where and what, a hundred at the most.")


class Audit(Answer):
    """How an audit gets on, or what it came to."""

    id: str = Field(description="Its id.")
    state: Literal["running", "done", "failed"] = Field(description="`failed`: it could not be made, see `problem`.")
    stage: str = Field(description="What it is at.", examples=["rounds"])
    done: int = Field(ge=0, description="How much of the stage is done.")
    total: int = Field(ge=0, description="How much of it there is.")
    holds: bool | None = Field(description="Whether all of the lineage holds; null before it is done.")
    checks: list[AuditCheck] = Field(description="What was checked; empty before it is done.")
    problem: str | None = Field(description="Why it could not be made, in words.")
