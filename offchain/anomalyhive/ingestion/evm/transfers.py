"""Token transfers in logs: the event `Transfer` of ERC-20 and of ERC-721.

Both have the same first topic. The token id of ERC-721 is indexed, the amount of ERC-20 is not; old contracts that
index nothing are read as well.
"""

from __future__ import annotations

from collections.abc import Sequence

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""keccak256("Transfer(address,address,uint256)")."""

WORD = 64
"""Hexadecimal digits of a word of the ABI."""

ERC20, ERC721 = 20, 721


def transfer(topics: Sequence[str], data: str) -> tuple[int, str, str, str] | None:
    """(standard, from, to, amount or token id in decimal) of a log, None if it is no transfer."""
    if not topics or topics[0] != TRANSFER or (len(data) - 2) % WORD:
        return None
    words = [topic[2:] for topic in topics[1:]] + [data[at : at + WORD] for at in range(2, len(data), WORD)]
    if len(words) != 3:
        return None
    # Of a topic or word that holds an address only the last 20 bytes are the address (ABI specification, "address").
    sender, receiver = (f"0x{word[-40:]}" for word in words[:2])
    return ERC721 if len(topics) == 4 else ERC20, sender, receiver, str(int(words[2], 16))
