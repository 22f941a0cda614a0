"""An export held against the chain that it is of: the blocks that its log rests on, and what nothing in it proves."""

from __future__ import annotations

from web3 import Web3

from anomalyhive.audit.export.chainlog import logs_of_block
from anomalyhive.audit.export.proving import Proving
from anomalyhive.audit.reading import ask
from anomalyhive.audit.report import Findings
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.rpc import answering
from anomalyhive.errors import ChainFailure


def confirm(web3: Web3, deployment: Deployment, proving: Proving, findings: Findings) -> None:
    """Compare the hash of every block that the log rests on, and of every block that stands as it was told, its logs.

    Raises ChainFailure where the chain does not answer or is another one.
    """
    with answering("eth_chainId"):
        chain = web3.eth.chain_id
    if chain != deployment.chain_id:
        raise ChainFailure(f"the export is of chain {deployment.chain_id}, and this is {chain}")
    known = {one.last: one.hash for one in proving.stretches} | {one.number: one.hash for one in proving.told}
    answers = ask(web3, [("eth_getBlockByNumber", [hex(number), False]) for number in known])
    for (number, hash_), answer in zip(known.items(), answers, strict=True):
        block = answer.get("result") if isinstance(answer, dict) else None
        found = block.get("hash") if isinstance(block, dict) else None
        if found != f"0x{hash_.hex()}":
            what = f"it has {str(found)[:80]}" if found else "it has no such block"
            findings.fail("log", f"block {number} is 0x{hash_.hex()} in the export, and on the chain {what}")
    for told in proving.told:
        if logs_of_block(web3, deployment, told.number) != told.logs:
            findings.fail("log", f"block {told.number} has other logs on the chain than in the export")
    last = hex(proving.stretches[-1].last)
    for contract, code in proving.unproven.items():
        answer = ask(web3, [("eth_getCode", [deployment.addresses[contract], last])])[0]
        if not isinstance(answer, dict) or answer.get("result") != f"0x{code.hex()}":
            findings.fail("contracts", f"the code of {contract} is not proven, and not what the chain has")


def doubt(proving: Proving, findings: Findings) -> None:
    """Without a chain, what stands as a node told it is no evidence."""
    for one in proving.told:
        findings.fail(
            "log",
            f"block {one.number} stands as a node told it, since it could not be recomputed ({one.why}): ask the chain "
            "with --rpc",
        )
    for contract in proving.unproven:
        findings.fail(
            "contracts",
            f"the code of {contract} is not proven by the state of the log's last block: ask the chain with --rpc",
        )
