"""What the Python package keeps of the contracts is what the sources compile to."""

from __future__ import annotations

import pytest

from anomalyhive.chain.artifacts import CONTRACTS, FEED
from anomalyhive.chain.bytecode import Compiled, without_metadata
from export_abi import TARGET, text_of


@pytest.mark.parametrize("name", [*CONTRACTS, FEED])
def test_artifact_is_what_the_sources_compile_to(name: str) -> None:
    assert (TARGET / f"{name}.json").read_text(encoding="utf-8") == text_of(name), "run `make abi`"


@pytest.mark.parametrize("name", [*CONTRACTS, FEED])
def test_artifact_is_what_brownie_compiles_to_but_for_metadata(request: pytest.FixtureRequest, name: str) -> None:
    build = request.getfixturevalue(name)._build
    assert without_metadata(bytes.fromhex(build["bytecode"])) == without_metadata(Compiled.of(name).creation)
    assert len(build["deployedBytecode"]) == 2 * len(Compiled.of(name).runtime)
