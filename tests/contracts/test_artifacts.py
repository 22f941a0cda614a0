"""What the Python package keeps of the contracts is what Brownie compiles."""

from __future__ import annotations

from typing import Any

import pytest

from anomalyhive.chain.artifacts import CONTRACTS, artifact


@pytest.mark.parametrize("name", CONTRACTS)
def test_artifact_has_the_abi_and_the_bytecode_of_the_compiled_contract(
    name: str, request: pytest.FixtureRequest
) -> None:
    compiled: Any = request.getfixturevalue(name)
    kept = artifact(name)
    advice = "run `make abi`"
    assert kept["abi"] == compiled.abi, advice
    assert kept["bytecode"].removeprefix("0x") == compiled.bytecode.removeprefix("0x"), advice
