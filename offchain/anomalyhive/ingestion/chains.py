"""The chains that can be ingested, and what differs between them."""

from __future__ import annotations

from dataclasses import dataclass

from anomalyhive.errors import BadSetting


@dataclass(frozen=True)
class Chain:
    """A chain as `--chain` names it.

    ``chain_id`` is that of EIP-155, or None where the chain has none, whose first block then tells it (`Source`).
    ``unit`` is that of the amounts in its tables.
    ``finality`` is how many blocks deep one lies that no honest node gives up any more.
    """

    name: str
    family: str
    chain_id: int | None
    unit: str
    finality: int


CHAINS = {
    chain.name: chain
    for chain in (
        # Two epochs of 32 slots: an honest two thirds of the stake has then finalized the block.
        Chain("ethereum", "evm", 1, "gwei", 64),
        # Deeper than any reorganisation of the Bor chain that its milestones allow.
        Chain("polygon", "evm", 137, "gwei", 256),
        # Six confirmations: section 11 of the Bitcoin paper.
        Chain("bitcoin", "bitcoin", None, "satoshi", 6),
        # The depth beyond which zcashd refuses a reorganisation (MAX_REORG_LENGTH 99).
        Chain("zcash", "zcash", None, "zatoshi", 100),
        # Coins can be spent after ten blocks.
        Chain("monero", "monero", None, "piconero", 10),
    )
}
"""Name -> chain."""


def chain_named(name: str) -> Chain:
    """The chain of that name. Raises BadSetting."""
    if name not in CHAINS:
        raise BadSetting(f"--chain {name!r} is unknown: choose one of {', '.join(CHAINS)}")
    return CHAINS[name]
