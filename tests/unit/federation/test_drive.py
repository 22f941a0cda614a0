"""How time passes on a chain of somebody else's."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from chain.conftest import Place, settle_in

from anomalyhive.chain.localchain import LocalChain, choose_port, find_executable
from anomalyhive.chain.rpc import connect, latest_time, request
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.errors import ChainFailure
from anomalyhive.federation.drive import WallClock


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The contracts on a chain that makes a block for a transaction and at no other time."""
    with LocalChain("anvil", tmp_path_factory.mktemp("anvil")) as chain:
        yield settle_in(chain)


def test_wait_until_on_a_chain_without_blocks_of_its_own_makes_one(place: Place) -> None:
    signer, until = place.signer(), latest_time(place.web3) + 2
    WallClock(place.contracts.hive, signer, quiet_seconds=0.2).wait_until(until)
    assert latest_time(place.web3) >= until


def test_wait_until_a_time_that_has_passed_returns_at_once_and_sends_nothing(place: Place) -> None:
    signer, block = place.signer(), place.web3.eth.block_number
    WallClock(place.contracts.hive, signer, quiet_seconds=0).wait_until(latest_time(place.web3))
    assert place.web3.eth.block_number == block


def test_wait_until_on_a_chain_that_makes_blocks_by_itself_sends_nothing(place: Place, tmp_path: Path) -> None:
    port = choose_port(None)
    command = [*find_executable("anvil"), "--port", str(port), "--block-time", "1", "--silent"]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            while True:
                try:
                    web3 = connect(f"http://127.0.0.1:{port}", patient=False)
                    break
                except ChainFailure:
                    time.sleep(0.02)
            signer = Signer(web3, new_key())
            request(web3, "anvil_setBalance", [signer.address, hex(10**18)])
            hive = type(place.contracts.hive)(web3, place.contracts.hive.address)
            until = latest_time(web3) + 2
            WallClock(hive, signer, quiet_seconds=5).wait_until(until)
            assert latest_time(web3) >= until
            assert web3.eth.get_transaction_count(signer.address) == 0  # type: ignore[arg-type]  # a checksum address
        finally:
            process.kill()
