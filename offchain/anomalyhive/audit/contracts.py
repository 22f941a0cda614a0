"""Whether what runs at the contracts' addresses is the code of this version."""

from __future__ import annotations

from anomalyhive.audit.record import ChainRecord
from anomalyhive.audit.report import Findings
from anomalyhive.chain.artifacts import CONTRACTS, artifact

PUSH32 = 0x7F
WORD = 32

INVALID, PUSH1 = 0xFE, 0x60
FREE_MEMORY = range(0x80, 0x100, WORD)
"""Where a contract's free memory may begin: after 0x80, as many words as the optimizer keeps for itself."""


def check_code(record: ChainRecord, findings: Findings) -> None:
    """Hold the code on chain, where the record has it, against the compiled one."""
    for contract in CONTRACTS:
        code = record.code.get(contract)
        if code is None:
            continue
        findings.count("contracts")
        compiled = bytes.fromhex(str(artifact(contract)["bytecode"]).removeprefix("0x"))
        if not is_deployed_from(code, compiled):
            findings.fail(
                "contracts",
                f"the code of {contract} on chain is not the code of this version: it was deployed from other sources "
                "(after a change of the contracts, `make abi` keeps the compiled code up to date)",
            )


def is_deployed_from(code: bytes, creation: bytes) -> bool:
    """Whether ``code`` is what the creation code returns, whatever its immutables are.

    The compiler puts the runtime code at the end of the creation code, with PUSH32 of zero wherever the constructor
    fills in an immutable. Its last bytes are metadata, which nothing executes and which differ with the paths of the
    sources; their length is the last two bytes (Solidity documentation, "Contract metadata").
    """
    end = len(code) - 2 - int.from_bytes(code[-2:], "big")
    # The creation code of what its constructor deploys stands behind the hive's.
    return end >= 1 and any(_is_at(begin, code, creation, end) for begin in range(1, len(creation) - len(code) + 1))


def _is_at(begin: int, code: bytes, creation: bytes, end: int) -> bool:
    template = creation[begin:]
    # A later part of the code would not begin so: INVALID ends the constructor, then the first free memory is pushed.
    if creation[begin - 1] != INVALID or template[0] != PUSH1 or template[1] not in FREE_MEMORY:
        return False
    at = 0
    while at < end:
        if code[at] != template[at]:
            return False
        is_gap = template[at] == PUSH32 and not any(template[at + 1 : at + 1 + WORD])
        at += 1 + WORD if is_gap else 1
    return True
