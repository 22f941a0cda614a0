"""The chain's time, to the second: tests stand on both sides of a deadline."""

from __future__ import annotations

from typing import Any


class Clock:
    """Time of the local chain in Unix seconds; it only goes forward."""

    def __init__(self, web3: Any) -> None:
        self.web3 = web3

    @property
    def now(self) -> int:
        """When the latest block was made."""
        return int(self.web3.eth.get_block("latest")["timestamp"])

    def next(self, timestamp: int) -> None:
        """The next block, and with it the next transaction, is made at this time. Views still see the last block."""
        self._request("evm_setNextBlockTimestamp", [timestamp])

    def reach(self, timestamp: int) -> None:
        """Make an empty block at this time: views see it; the next transaction may come seconds later."""
        self.next(timestamp)
        self._request("evm_mine", [])

    def _request(self, method: str, arguments: list[int]) -> None:
        answer = self.web3.provider.make_request(method, arguments)
        if "error" in answer:
            raise ValueError(f"{method}({arguments}) failed: {answer['error']}")
