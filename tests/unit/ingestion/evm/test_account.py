"""The code of an account, proven: against a live chain's state, and with every part of a proof changed."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from anomalyhive.chain.rpc import request
from anomalyhive.ingestion.evm.account import code_hash
from anomalyhive.ingestion.evm.header import header_rlp
from anomalyhive.ingestion.evm.sealed import Header
from anomalyhive.ingestion.evm.values import Malformed

from .conftest import Live


@pytest.fixture
def proven(live: Live) -> tuple[bytes, bytes, list[bytes], bytes]:
    """State root, address and proof of a contract, and its code."""
    web3 = live.chain.web3
    head = request(web3, "eth_blockNumber", [])
    header = Header.read(header_rlp(request(web3, "eth_getBlockByNumber", [head, False])))
    told = request(web3, "eth_getProof", [live.token, [], head])["accountProof"]
    nodes = [bytes.fromhex(node[2:]) for node in told]
    return header.state, bytes.fromhex(live.token[2:]), nodes, bytes(web3.eth.get_code(live.token))


def test_code_hash_of_a_live_account_is_that_of_its_code(proven: tuple[bytes, bytes, list[bytes], bytes]) -> None:
    root, address, proof, code = proven
    assert len(proof) > 1
    assert code_hash(root, address, proof) == keccak(code)


def test_proof_with_anything_changed_proves_nothing(proven: tuple[bytes, bytes, list[bytes], bytes]) -> None:
    root, address, proof, _ = proven
    changes = [
        (bytes(32), address, proof),
        (root, bytes(20), proof),
        (root, address, proof[:-1]),
        (root, address, proof[1:]),
        (root, address, [*proof, proof[-1]]),
        (root, address, proof[::-1]),
        (root, address, []),
    ]
    for place, node in enumerate(proof):
        for at in range(0, len(node), 7):
            made = node[:at] + bytes([node[at] ^ 1]) + node[at + 1 :]
            changes.append((root, address, [*proof[:place], made, *proof[place + 1 :]]))
    for change in changes:
        with pytest.raises(Malformed):
            code_hash(*change)
