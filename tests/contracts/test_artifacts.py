"""What the Python package keeps of the contracts is what Brownie compiles."""

from __future__ import annotations

import pytest

from anomalyhive.chain.artifacts import CONTRACTS
from export_abi import TARGET, text_of


@pytest.mark.parametrize("name", CONTRACTS)
def test_artifact_is_what_the_sources_compile_to(name: str) -> None:
    assert (TARGET / f"{name}.json").read_text(encoding="utf-8") == text_of(name), "run `make abi`"
