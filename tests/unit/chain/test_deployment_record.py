"""The record of a deployment, and which deployment it is of."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from eth_utils.address import to_checksum_address

from anomalyhive.chain.artifacts import CONTRACTS
from anomalyhive.chain.create2 import Plan
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.deployment_record import Deployed, births_in, contradiction, load, write
from anomalyhive.chain.history import UNKNOWN, Birth
from anomalyhive.errors import ChainFailure

PLAN = Plan(to_checksum_address("0x" + "5a" * 20), True)
BIRTHS = {"HiveToken": Birth(3, 300, "0x03"), "Hive": Birth(4, 400, "0x04")}
DEPLOYED = Deployed(137, "polygon", PLAN, dict.fromkeys(CONTRACTS, b"\x60\x00"), BIRTHS)


def record() -> dict[str, Any]:
    return copy.deepcopy(DEPLOYED.as_json())


def test_record_that_is_written_and_loaded_is_the_same_and_there_is_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "new" / "record.json"
    write(path, record())
    write(path, record())
    assert load(path) == record()
    assert [one.name for one in path.parent.iterdir()] == ["record.json"]
    assert births_in(record()) == BIRTHS


def test_deployment_of_a_record_begins_with_the_first_block_and_knows_its_plan(tmp_path: Path) -> None:
    write(tmp_path / "record.json", record())
    deployment = Deployment.read(tmp_path / "record.json")
    assert (deployment.chain_id, deployment.block, deployment.gas) == (137, 3, {"HiveToken": 300, "Hive": 400})
    assert deployment.plan == PLAN
    assert deployment.addresses == PLAN.addresses


def test_deployment_of_a_record_with_an_unknown_block_begins_with_the_chain(tmp_path: Path) -> None:
    births = {**BIRTHS, "HiveToken": UNKNOWN}
    write(tmp_path / "record.json", Deployed(137, "polygon", PLAN, DEPLOYED.codes, births).as_json())
    deployment = Deployment.read(tmp_path / "record.json")
    assert (deployment.block, deployment.gas) == (0, {"Hive": 400})


def test_contradiction_of_a_deployments_own_record_is_none() -> None:
    assert contradiction(record(), 137, PLAN) is None


@pytest.mark.parametrize("name", ["chainId", "deployer", "salt", "proxy", "verifySums"])
def test_contradiction_names_what_is_another_deployments(name: str) -> None:
    assert f"its {name} is 'other'" in str(contradiction({**record(), name: "other"}, 137, PLAN))
    content = record()
    del content[name]
    assert f"its {name} is None" in str(contradiction(content, 137, PLAN))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_contradiction_names_the_contract_that_comes_from_other_sources(contract: str) -> None:
    for damage in ({"creationHash": "0x00"}, {}, None, 7):
        content = record()
        content["contracts"][contract] = damage
        assert contradiction(content, 137, PLAN) == f"its {contract} comes from other sources"
    assert contradiction({**record(), "contracts": []}, 137, PLAN) is not None


def test_load_of_what_is_no_record_fails_and_of_no_file_is_none(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    assert load(path) is None
    for text in ("", "[]", "{", '"x"'):
        path.write_text(text)
        with pytest.raises(ChainFailure, match=r"record\.json cannot be used"):
            load(path)
    path.write_text(json.dumps(record()))
    assert load(path) == record()
