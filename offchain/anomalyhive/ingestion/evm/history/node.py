"""The history of an address from the endpoints of a chain, by the quickest way that they offer."""

from __future__ import annotations

from typing import Any

from anomalyhive.errors import BadSetting, ChainFailure
from anomalyhive.ingestion.chains import CHAINS, Chain
from anomalyhive.ingestion.evm.history.history import History, Listener, transactions_of, transfers_table
from anomalyhive.ingestion.evm.history.logs import Transfers, find_transfers
from anomalyhive.ingestion.evm.history.otterscan import Search, has_otterscan
from anomalyhive.ingestion.evm.history.scan import scan
from anomalyhive.ingestion.evm.source import EvmSource
from anomalyhive.ingestion.evm.values import Malformed, integer
from anomalyhive.ingestion.transport import JsonRpc

MOST_BLOCK = 1 << 40
"""Above every block's number: one a second gets there in 35,000 years."""


def history_of(client: JsonRpc, address: str, blocks: range | None, listener: Listener) -> History:
    """The history of an address (lower case) in these blocks, up to the newest one by default.

    Where no endpoint finds transactions by address, the blocks are read one by one, and have to be named. Raises
    BadSetting, ChainFailure.
    """
    chain_id, head = (_asked(client, method) for method in ("eth_chainId", "eth_blockNumber"))
    if head >= MOST_BLOCK:
        raise ChainFailure(f"the endpoint says that its last block is {head}, which no chain has: ask another one")
    if blocks is not None and blocks.stop > head + 1:
        raise BadSetting(f"--blocks {blocks.start}:{blocks.stop} ends beyond {head + 1}: the last block is {head}")
    if has_otterscan(client):
        return _found(client, chain_id, address, range(head + 1) if blocks is None else blocks, listener)
    if blocks is None:
        raise BadSetting(
            "the endpoint of --source does not find transactions by address (it has no method ots_getApiLevel, as "
            "Erigon and Anvil do): say with --blocks A:B which blocks to read one by one"
        )
    return scan(EvmSource(client, _chain(chain_id)), chain_id, address, blocks, listener)


def _found(client: JsonRpc, chain_id: int, address: str, blocks: range, listener: Listener) -> History:
    transfers = Transfers(address)
    search = Search(client, address, blocks, transfers, listener)
    search.run()
    find_transfers(client, address, blocks, transfers, listener)
    return History(
        address,
        blocks,
        chain_id,
        transactions_of(search.rows.values()),
        transfers_table(transfers.all),
        search.set_aside,
    )


def _chain(chain_id: int) -> Chain:
    """The chain of that id; one without a name is as good."""
    known = [chain for chain in CHAINS.values() if chain.chain_id == chain_id]
    return known[0] if known else Chain(f"chain {chain_id}", "evm", chain_id, "gwei", 0)


def _asked(client: JsonRpc, method: str) -> int:
    answer: Any = client.call(method)
    try:
        return integer(answer, method)
    except Malformed as error:
        raise ChainFailure(f"the answer to {method} cannot be read: {error}") from error
