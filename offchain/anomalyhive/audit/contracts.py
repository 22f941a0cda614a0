"""Whether what runs at the contracts' addresses is the code of this version."""

from __future__ import annotations

from anomalyhive.audit.record import ChainRecord
from anomalyhive.audit.report import Findings
from anomalyhive.chain.verification import check_codes


def check_code(record: ChainRecord, findings: Findings) -> None:
    """Hold the code on chain, where the record has it, against the compiled one, with its immutables."""
    for one in check_codes(record.deployment, record.code):
        findings.count("contracts")
        if one.faults:
            findings.fail(
                "contracts",
                f"the code of {one.contract} on chain is not the code of this version: {'; '.join(one.faults)} "
                "(after a change of the contracts, `make abi` keeps the compiled code up to date)",
            )
