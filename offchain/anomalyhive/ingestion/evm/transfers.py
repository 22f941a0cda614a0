"""Token transfers in logs: the event `Transfer` of ERC-20 and of ERC-721.

Both have the same first topic. The token id of ERC-721 is indexed, the amount of ERC-20 is not; old contracts that
index nothing are read as well.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""keccak256("Transfer(address,address,uint256)")."""

WORD = 64
"""Hexadecimal digits of a word of the ABI."""

WORDS = 3
"""Sender, receiver, and amount or token id."""

ERC20, ERC721 = 20, 721


def transfer(topics: Sequence[str], data: str) -> tuple[int, str, str, str] | None:
    """(standard, from, to, amount or token id in decimal) of a log, None if it is no transfer."""
    if not topics or topics[0] != TRANSFER or (len(data) - 2) % WORD:
        return None
    words = [topic[2:] for topic in topics[1:]] + [data[at : at + WORD] for at in range(2, len(data), WORD)]
    if len(words) != WORDS:
        return None
    # Of a topic or word that holds an address only the last 20 bytes are the address (ABI specification, "address").
    sender, receiver = (f"0x{word[-40:]}" for word in words[:2])
    return ERC721 if len(topics) == 4 else ERC20, sender, receiver, str(int(words[2], 16))


def standards(topic_counts: Integers, data_lengths: Integers) -> Integers:
    """The standard of logs whose first topic is that of a transfer, 0 where one is none, as `transfer` judges."""
    words = topic_counts - 1 + (data_lengths - 2) // WORD
    fits = ((data_lengths - 2) % WORD == 0) & (words == WORDS)
    found: Integers = np.where(fits, np.where(topic_counts == 4, ERC721, ERC20), 0)
    return found
