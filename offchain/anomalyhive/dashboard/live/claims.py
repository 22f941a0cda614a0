"""Claims for the owner's wallet: what to sign, and nothing signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web3.exceptions import Web3Exception

from anomalyhive.chain.dues import Dues
from anomalyhive.chain.rpc import MALFORMED, NETWORK_ERRORS
from anomalyhive.node.place import Place


@dataclass(frozen=True)
class Unsigned:
    """A transaction to be signed: ``value`` in wei, ``gas`` as the chain estimates it, None where it would not say."""

    chain_id: int
    to: str
    data: str
    value: int
    gas: int | None
    task: int


def unsigned_claims(place: Place, node: int, owed: Mapping[int, Dues]) -> list[Unsigned]:
    """The claims of what tasks owe a node, in their order. Raises ChainFailure."""
    found = []
    hive = place.contracts.hive
    for task, dues in sorted(owed.items()):
        for items in dues.claims:
            rows = [(one.task, int(one.kind), one.index, one.term, one.through) for one in items]
            call: Any = hive.call("claim", node, rows)
            data = str(call._encode_transaction_data())
            found.append(Unsigned(place.config.chain_id, hive.address, data, 0, _gas_of(call, place.operator), task))
    return found


def _gas_of(call: Any, sender: str) -> int | None:
    """Anyone may claim, to the owner: what it takes does not depend on who does."""
    try:
        return int(call.estimate_gas({"from": sender}))
    except (*NETWORK_ERRORS, Web3Exception, *MALFORMED):
        return None
