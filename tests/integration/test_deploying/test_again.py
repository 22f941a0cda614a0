"""A deployment that is run again: after it was done, after it was killed, and with other settings."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from anomalyhive.chain.create2 import PROXY, Plan
from anomalyhive.chain.rpc import request
from anomalyhive.chain.verification import code_at
from anomalyhive.errors import BadSetting
from deploy import Settings
from test_deploying.chains import (
    DEPLOYER,
    KEY,
    SECONDS,
    Chain,
    anvil,
    deployed,
    environment,
    refused,
    relay,
    run,
    start,
)

PLAN = Plan(DEPLOYER, True)


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    with anvil() as chain:
        yield chain


@pytest.fixture
def fresh(chain: Chain) -> Iterator[Chain]:
    """The chain before anything was deployed."""
    snapshot = request(chain.web3, "evm_snapshot", [])
    yield chain
    request(chain.web3, "evm_revert", [snapshot])


def send_token(chain: Chain) -> None:
    """Deploy the token alone, as a deployment does that ends after it."""
    web3 = chain.web3
    sent = web3.eth.send_transaction({"from": DEPLOYER, "to": PROXY, "data": PLAN.salt + PLAN.token_code})
    assert web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.01)["status"] == 1


def test_deploy_whose_record_is_lost_writes_it_again_from_the_history(fresh: Chain, tmp_path: Path) -> None:
    first = deployed(fresh.url, tmp_path / "first.json")
    request(fresh.web3, "anvil_mine", [hex(7)])
    sent = fresh.sent
    assert deployed(fresh.url, tmp_path / "second.json") == first
    assert fresh.sent == sent


def test_deploy_that_is_started_elsewhere_deploys_and_writes_its_record_there(fresh: Chain, tmp_path: Path) -> None:
    with start(fresh.url, Path("record.json"), tmp_path) as process:
        out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, out + err
    assert deployed(fresh.url, tmp_path / "record.json")["contracts"]["Hive"]["address"] == PLAN.hive


def test_deploy_on_a_node_without_history_keeps_what_its_record_says_and_invents_nothing(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    with anvil("--prune-history", 1) as chain:
        first = deployed(chain.url, path)
        request(chain.web3, "anvil_mine", [hex(20)])
        assert deployed(chain.url, path) == first
        again = deployed(chain.url, tmp_path / "other.json")
    for entry in again["contracts"].values():
        assert (entry["block"], entry["gas"], entry["transaction"]) == (None, None, None)


def test_deploy_after_one_that_ended_between_token_and_hive_sends_the_hive_alone(fresh: Chain, tmp_path: Path) -> None:
    send_token(fresh)
    sent = fresh.sent
    record = deployed(fresh.url, tmp_path / "record.json")
    assert fresh.sent == sent + 1
    token, hive = (record["contracts"][name] for name in ("HiveToken", "Hive"))
    assert (token["block"], hive["block"]) == (hive["block"] - 1, fresh.web3.eth.block_number)
    assert token["gas"] > 0


def test_deploy_after_one_that_was_killed_waits_for_what_is_on_its_way(tmp_path: Path) -> None:
    path, asked = tmp_path / "record.json", list[str]()

    def listen(request: Any) -> None:
        if request["method"] == "eth_sendRawTransaction":
            asked.append("sent")
        elif request["params"] == [DEPLOYER, "pending"]:
            asked.append("waits")

    with anvil("--no-mining") as chain, relay(chain, listen) as url:
        with start(url, path) as killed:
            while not pending(chain):
                assert killed.poll() is None
            killed.send_signal(signal.SIGKILL)
        asked.clear()
        with start(url, path) as second:
            while len(asked) < 5:
                assert second.poll() is None
            assert asked == ["waits"] * len(asked)
            while second.poll() is None:
                request(chain.web3, "evm_mine", [])
            assert second.returncode == 0, second.communicate()
        assert chain.sent == 2
        assert json.loads(path.read_text())["contracts"]["Hive"]["address"] == PLAN.hive
    assert [one.name for one in tmp_path.iterdir()] == ["record.json"]


def pending(chain: Chain) -> bool:
    return chain.web3.eth.get_transaction_count(Web3.to_checksum_address(DEPLOYER), "pending") > 0


def test_deploy_by_somebody_who_was_quicker_gives_the_deployer_the_same_contracts(fresh: Chain, tmp_path: Path) -> None:
    thief = fresh.web3.eth.accounts[1]
    for code in (PLAN.token_code, PLAN.hive_code):
        fresh.web3.eth.send_transaction({"from": thief, "to": PROXY, "data": PLAN.salt + code})
    sent = fresh.sent
    record = deployed(fresh.url, tmp_path / "record.json")
    assert fresh.sent == sent
    assert record["contracts"]["Hive"]["address"] == PLAN.hive
    assert record["contracts"]["HiveToken"]["arguments"][0] == DEPLOYER


def test_deploy_over_the_record_of_another_deployment_is_refused(fresh: Chain, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    deployed(fresh.url, path)
    sent = fresh.sent
    refused(fresh.url, path, "the record of another deployment", "its salt is", SALT="0x" + "11" * 32)
    assert fresh.sent == sent


def test_deploy_where_other_code_is_at_a_predicted_address_is_refused(fresh: Chain, tmp_path: Path) -> None:
    deployed(fresh.url, tmp_path / "record.json")
    rules = PLAN.addresses["TaskRules"]
    fresh.set_code(rules, code_at(fresh.web3, rules)[:-60] + bytes(60))
    refused(fresh.url, tmp_path / "other.json", "not what these sources compile to", "TaskRules")


def test_deploy_with_a_salt_of_its_own_has_other_addresses_on_the_same_chain(fresh: Chain, tmp_path: Path) -> None:
    first = deployed(fresh.url, tmp_path / "first.json")
    second = deployed(fresh.url, tmp_path / "second.json", SALT="0x" + "11" * 32)
    places = [entry["address"] for record in (first, second) for entry in record["contracts"].values()]
    assert len(set(places)) == len(places)
    assert second["salt"] == "0x" + "11" * 32


def test_deploy_without_coin_says_how_much_it_needs(fresh: Chain, tmp_path: Path) -> None:
    refused(fresh.url, tmp_path / "record.json", "has 0 wei and may need", DEPLOYER_KEY="22" * 32)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DEPLOYER_KEY", "", "ANOMALYHIVE_DEPLOYER_KEY is not set"),
        ("SALT", "0x12", "give 64 hexadecimal digits"),
        ("SALT", "anomaly", "give 64 hexadecimal digits"),
        ("VERIFY_SUMS", "yes", "give true or false"),
    ],
)
def test_settings_that_cannot_be_used_are_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    for setting, usual in environment("http://127.0.0.1:1", Path("record.json")).items():
        monkeypatch.setenv(setting, usual)
    assert Settings.read().verify_sums is None
    monkeypatch.setenv(f"ANOMALYHIVE_{name}", value)
    with pytest.raises(BadSetting, match=words):
        Settings.read()


def test_deploy_with_a_key_that_is_none_does_not_show_it(fresh: Chain, tmp_path: Path) -> None:
    code, out, err = run(fresh.url, tmp_path / "record.json", DEPLOYER_KEY="0x1234beef")
    assert code == 1
    assert "no private key" in err
    assert "1234beef" not in out + err


def test_deploy_that_reaches_no_chain_does_not_tell_the_secret_in_the_url(tmp_path: Path) -> None:
    code, out, err = run("http://user:s3cret@127.0.0.1:1/v3/s3cret", tmp_path / "record.json")
    assert code == 1
    assert "127.0.0.1:1" in err
    assert "s3cret" not in out + err
    assert KEY.hex() not in out + err
