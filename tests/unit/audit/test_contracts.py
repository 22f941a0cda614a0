"""Whether code on chain is the compiled code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anomalyhive.audit.contracts import PUSH32, check_code, is_deployed_from
from anomalyhive.audit.report import Findings
from anomalyhive.chain.artifacts import CONTRACTS, artifact
from audit.logs import Log

METADATA = b"\xa2meta" + (5).to_bytes(2, "big")
TEMPLATE = bytes([0x60, 0x80, PUSH32]) + bytes(32) + bytes([0x60, 0x02]) + METADATA
CREATION = b"\x5f\x5f constructor \xfe" + TEMPLATE


def deployed(immutable: bytes = b"\x11" * 32, metadata: bytes = METADATA) -> bytes:
    return TEMPLATE[:3] + immutable + TEMPLATE[35 : -len(METADATA)] + metadata


def test_is_deployed_from_takes_any_immutable_and_any_metadata() -> None:
    assert is_deployed_from(deployed(), CREATION)
    assert is_deployed_from(deployed(bytes(32)), CREATION)
    assert is_deployed_from(deployed(metadata=b"\xa2META" + METADATA[-2:]), CREATION)


@pytest.mark.parametrize("at", [0, 1, 2, 35, 36])
def test_is_deployed_from_with_another_byte_outside_of_them_is_false(at: int) -> None:
    code = bytearray(deployed())
    code[at] ^= 1
    assert not is_deployed_from(bytes(code), CREATION)


@pytest.mark.parametrize("code", [b"", b"\x60", deployed()[1:], b"\0" + deployed(), deployed() * 2, METADATA[-2:]])
def test_is_deployed_from_with_code_of_another_length_is_false(code: bytes) -> None:
    assert not is_deployed_from(code, CREATION)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_is_deployed_from_takes_the_runtime_of_every_compiled_contract(contract: str) -> None:
    creation = bytes.fromhex(artifact(contract)["bytecode"].removeprefix("0x"))
    taken = [at for at in range(len(creation) + 1) if is_deployed_from(creation[at:], creation)]
    assert len(taken) == 1
    assert 0 < taken[0] < len(creation) // 2


def test_check_code_names_the_contract_whose_code_is_another() -> None:
    findings = Findings()
    check_code(replace(Log().record(), code={"Hive": b"\x60\x00"}), findings)
    line = findings.report().check("contracts")
    assert line.count == 1
    assert "Hive on chain" in str(line.failures[0])
