"""The chain of a hive in the wild: Anvil, which makes a block a second by itself once the hive is founded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from web3 import Web3

from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.rpc import connect, request

BLOCK_SECONDS = 1


class WildChain(LocalChain):
    """Anvil that can be set going, and made to change its mind."""

    def __init__(self, folder: Path) -> None:
        super().__init__("anvil", folder)

    def set_going(self) -> None:
        """Make blocks at their own pace from now on, whether or not there is a transaction."""
        request(self.web3, "evm_setAutomine", [False])
        request(self.web3, "evm_setIntervalMining", [BLOCK_SECONDS])

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make no block in the meantime: what is read in several answers is of one moment."""
        request(self.web3, "evm_setIntervalMining", [0])
        try:
            yield
        finally:
            request(self.web3, "evm_setIntervalMining", [BLOCK_SECONDS])

    def reorganise(self, depth: int) -> int:
        """Replace the last ``depth`` blocks by empty ones; return the number of the first that was given up."""
        depth = min(depth, self.web3.eth.block_number)
        first = self.web3.eth.block_number - depth + 1
        request(self.web3, "anvil_reorg", [depth, []])
        return first


def own_connection(url: str) -> Web3:
    """A connection of one's own, for what watches a hive from outside."""
    return connect(url)
