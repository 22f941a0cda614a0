"""The deployment record, and what is said when a deployment fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anomalyhive.chain.create2 import SUPPLY
from anomalyhive.chain.deployment import Contracts, Deployment, deploy
from anomalyhive.chain.localchain import LocalChain, choose_port
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.chain.verification import verify
from anomalyhive.errors import ChainFailure

from .conftest import Place

ADDRESS = "0x" + "ab" * 20


def record() -> dict[str, Any]:
    contracts = {
        name: {"address": ADDRESS, "block": block, "gas": gas}
        for name, block, gas in (
            ("HiveToken", 3, 300), ("NodeRegistry", 4, None), ("TaskRules", 4, None), ("Hive", 4, 400),
        )
    }  # fmt: skip
    return {"chainId": 31337, "verifySums": True, "deployer": ADDRESS, "salt": "0x" + "11" * 32, "contracts": contracts}


def test_read_of_a_record_has_the_first_block_and_the_gas_by_contract(tmp_path: Path) -> None:
    (tmp_path / "deployment.json").write_text(json.dumps(record()))
    deployment = Deployment.read(tmp_path / "deployment.json")
    assert (deployment.chain_id, deployment.block, deployment.verify_sums) == (31337, 3, True)
    assert deployment.gas == {"HiveToken": 300, "Hive": 400}
    assert deployment.hive.lower() == ADDRESS


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '"x"',
        json.dumps({**record(), "contracts": {}}),
        json.dumps({**record(), "chainId": "x"}),
        json.dumps({**record(), "salt": 7}),
    ],
)
def test_read_of_a_damaged_record_names_the_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "deployment.json").write_text(content)
    with pytest.raises(ChainFailure, match=r"deployment\.json cannot be used"):
        Deployment.read(tmp_path / "deployment.json")


def test_contracts_at_another_chain_are_refused(anvil: Place) -> None:
    deployment = Deployment(5, ADDRESS, ADDRESS, ADDRESS, 0, True, {})
    with pytest.raises(ChainFailure, match="on chain 5, and this is 31337"):
        Contracts.at(anvil.web3, deployment)


def test_deploy_that_fails_says_why_in_one_line_and_the_rest_in_a_private_file(tmp_path: Path) -> None:
    key, url = new_key(), f"http://user:s3cret@127.0.0.1:{choose_port(None)}/v3/s3cret"
    with pytest.raises(ChainFailure, match="Brownie could not deploy the contracts") as refused:
        deploy(url, key, tmp_path / "chain" / "deployment.json")
    said, log = str(refused.value), tmp_path / "chain" / "deployment.log"
    assert "\n" not in said
    assert "Traceback" not in said
    assert "s3cret" not in said
    assert str(log) in said
    assert log.stat().st_mode & 0o077 == 0
    assert key.hex() not in log.read_text()
    assert [one.name for one in log.parent.iterdir()] == ["deployment.log"]


def test_deploy_twice_by_one_key_gives_two_hives_and_with_one_salt_the_same(tmp_path: Path) -> None:
    key = new_key()
    with LocalChain("anvil", tmp_path / "chain") as chain:
        deployer = Signer(chain.web3, key)
        chain.fund(deployer.address, 10**20)
        first, second = (deploy(chain.url, key, tmp_path / f"{number}.json") for number in range(2))
        assert not set(first.addresses.values()) & set(second.addresses.values())
        assert first.plan is not None
        again = deploy(chain.url, key, tmp_path / "again.json", first.plan.salt)
        assert again == first
        for deployment in (first, second):
            contracts = Contracts.at(chain.web3, deployment)
            assert contracts.token.read("balanceOf", deployer.address) == SUPPLY
            assert [one.faults for one in verify(chain.web3, deployment)] == [()] * 4
    assert sorted(one.name for one in tmp_path.iterdir()) == ["0.json", "1.json", "again.json", "chain"]


def test_deploy_is_not_told_of_the_settings_of_who_deploys_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANOMALYHIVE_NETWORK", "polygon")
    monkeypatch.setenv("ANOMALYHIVE_VERIFY_SUMS", "false")
    key = new_key()
    with LocalChain("anvil", tmp_path / "chain") as chain:
        chain.fund(Signer(chain.web3, key).address, 10**20)
        assert deploy(chain.url, key, tmp_path / "deployment.json").verify_sums
