"""The doctor on nodes that really are in each state that it knows: machine, chain and account."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from web3 import Web3

from anomalyhive.chain.fees import FeeLimits
from anomalyhive.chain.journaled import JournaledSigner, Pace
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.rpc import request
from anomalyhive.errors import NotMined
from anomalyhive.node.doctor import CHECKS, examine
from anomalyhive.node.keystore import read_key

from .hives import PASSWORD, Command, Made
from .playing import Play, said


def test_doctor_of_node_that_does_not_run_says_so_for_people(command: Command, play: Play) -> None:
    made = play.trainers[0]
    done = command("doctor", "--home", made.home)
    assert done.code == 1
    assert "✗ the node does not run" in done.out
    assert f"→ anomalyhive node run --home {made.home}" in done.out


def test_doctor_of_unreadable_settings_says_where(command: Command, play: Play) -> None:
    made = play.trainers[0]
    made.folder.config.write_text("chain_id = one\n")
    found = said(command, made)
    assert list(found) == ["settings"]
    assert f"{made.folder.config}, line 1: " in found["settings"][0]


def test_doctor_of_dead_and_of_foreign_endpoints_names_them(command: Command, play: Play) -> None:
    made, url = play.trainers[0], play.hive.chain.url
    made.set(endpoints='["http://127.0.0.1:1/secret"]')
    found = said(command, made)
    assert list(found) == ["endpoints_answer"]
    assert "no chain answers at http://127.0.0.1:1 (" in found["endpoints_answer"][0]
    assert "secret" not in found["endpoints_answer"][0]
    made.set(endpoints=f'["{url}"]', chain_id="5")
    found = said(command, made)
    assert f"{url} is of chain 31337, and the settings say 5" in found["endpoints_answer"][0]


def test_doctor_of_lagging_endpoint_says_by_how_many_blocks(command: Command, play: Play, tmp_path: Path) -> None:
    made = play.trainers[0]
    with LocalChain("anvil", tmp_path / "other") as other:
        made.set(endpoints=f'["{play.hive.chain.url}", "{other.url}"]')
        [found] = said(command, made)["endpoints_answer"]
    assert f"{other.url} lags {play.hive.web3.eth.block_number} blocks" in found


def test_doctor_with_chain_ahead_of_the_clock_says_by_how_much(command: Command, play: Play) -> None:
    play.hive.pass_time(5_000)
    [found] = said(command, play.trainers[0])["clock_is_right"]
    assert re.search(r"the latest block is \d{4,} s ahead of this machine's clock", found)


def test_doctor_with_other_code_at_the_hive_looks_no_further(command: Command, play: Play) -> None:
    address = play.hive.contracts.hive.address
    code = bytearray(play.hive.web3.eth.get_code(address))  # type: ignore[arg-type]  # a checksum address
    code[100] ^= 1
    request(play.hive.web3, "anvil_setCode", [address, Web3.to_hex(bytes(code))])
    found = said(command, play.trainers[0])
    assert list(found) == ["contracts_are_ours"]
    assert f"Hive at {address} is not this version's: 1 bytes of the code differ" in found["contracts_are_ours"][0]
    request(play.hive.web3, "anvil_setCode", [address, "0x"])
    found = said(command, play.trainers[0])
    assert "there is no code" in found["contracts_are_ours"][0]


def test_doctor_of_unregistered_node_without_coin_says_both(command: Command, play: Play, tmp_path: Path) -> None:
    done = command(
        "node", "init", "--home", tmp_path / "new", "--endpoint", play.hive.chain.url, "--deployment",
        play.hive.record, "--store", play.hive.store, "--task", 1,
    )  # fmt: skip
    done.succeeded()
    found = said(command, Made(tmp_path / "new", play.hive))
    assert "acts for no node → anomalyhive node register" in found["node_is_registered"][0]
    assert "has 0 coin, and a round takes about" in found["operator_has_coin"][0]


def test_doctor_of_leaving_node_says_when_its_stake_is_free(command: Command, play: Play) -> None:
    made = play.trainers[0]
    command("node", "exit", "--yes", "--home", made.home).succeeded()
    [found] = said(command, made)["node_stays"]
    assert "asked to leave and can take no slot; its stake is free from 20" in found


def test_doctor_of_node_with_other_roles_says_which(command: Command, play: Play) -> None:
    made = play.trainers[0]
    made.set(roles='["train", "validate"]')
    found = said(command, made)
    assert "the settings have the roles train, validate, the registry train" in found["roles_agree"][0]
    made.set(roles='["audit"]')
    assert any("earn nothing" in one for one in said(command, made)["roles_agree"])


def test_doctor_without_coin_says_how_much_a_round_takes(command: Command, play: Play) -> None:
    made = play.trainers[0]
    request(play.hive.web3, "anvil_setBalance", [made.operator.address, "0x0"])
    [found] = said(command, made)["operator_has_coin"]
    assert f"operator {made.operator.address} has 0 coin, and a round takes about 0." in found


def test_doctor_with_base_fee_above_ceiling_says_both(command: Command, play: Play) -> None:
    made = play.trainers[0]
    made.set(max_fee_wei="1000", max_tip_wei="1")
    request(play.hive.web3, "anvil_setNextBlockBaseFeePerGas", [hex(2_000)])
    request(play.hive.web3, "evm_mine", [])
    [found] = said(command, made)["fee_is_enough"]
    assert "the base fee is 2000 wei, above max_fee_wei, which is 1000" in found


@pytest.mark.parametrize("store", ["/ip4/127.0.0.1/tcp/1", "directory:{file}/store", "directory:{file}.misspelt"])
def test_doctor_with_unusable_store_names_it(command: Command, play: Play, tmp_path: Path, store: str) -> None:
    file = tmp_path / "file"
    file.touch()
    made, wanted = play.trainers[0], store.format(file=file)
    made.set(store=f'"{wanted}"')
    found = said(command, made)
    assert wanted.removeprefix("directory:") in found["store_works"][0]
    assert "rewards_are_claimed" in found, "the rest is looked at all the same"
    assert list(tmp_path.iterdir()) == [file], "a doctor makes nothing"


def test_doctor_with_task_that_is_not_there_says_which_and_what_to_write(command: Command, play: Play) -> None:
    made = play.trainers[0]
    made.set(tasks="[1, 77]")
    [found] = said(command, made)["tasks_exist"]
    assert f"has no task 77 → write the tasks to work for into `tasks` in {made.home}" in found


def test_doctor_with_transaction_that_is_not_mined_counts_it(command: Command, play: Play) -> None:
    made, web3 = play.trainers[0], play.hive.web3
    request(web3, "evm_setAutomine", [False])
    try:
        signed = made.operator._account.sign_transaction(
            {"to": made.operator.address, "value": 0, "gas": 21_000, "gasPrice": web3.eth.gas_price,
             "nonce": web3.eth.get_transaction_count(made.operator.address), "chainId": 31337}
        )  # fmt: skip
        web3.eth.send_raw_transaction(signed.raw_transaction)
        [found] = said(command, made)["nothing_is_stuck"]
        assert f"operator {made.operator.address} has sent 1 transaction that the chain has not mined" in found
    finally:
        request(web3, "evm_setAutomine", [True])
        request(web3, "evm_mine", [])


def test_doctor_with_open_transaction_in_the_journal_names_it(command: Command, play: Play) -> None:
    made, web3 = play.trainers[0], play.hive.web3
    signer = JournaledSigner(
        web3, read_key(made.folder.operator, PASSWORD), made.folder.journal, FeeLimits(10**12, 10**9), chain_id=31337,
        pace=Pace(wait=0.01),
    )  # fmt: skip
    request(web3, "evm_setAutomine", [False])
    try:
        with pytest.raises(NotMined):
            signer.transact(play.hive.contracts.hive.call("releaseShard", 1, 0))
        [open_] = signer.unsettled()
        assert "nothing_is_stuck" not in {name for name, _ in examine(made.home, time.time)}
        [found] = [one for name, one in examine(made.home, lambda: time.time() + 500) if name == "nothing_is_stuck"]
        assert f"releaseShard ({Web3.to_hex(open_.hash)}, nonce {open_.nonce}) is in the journal for 5" in found.says
        shown = command("node", "status", "--home", made.home).succeeded()
        assert f"releaseShard, nonce {open_.nonce}, is not known to be mined: {Web3.to_hex(open_.hash)}" in shown
    finally:
        signer.close()
        made.folder.journal.unlink()
        request(web3, "evm_setAutomine", [True])
        request(web3, "evm_mine", [])


def test_doctor_of_lost_and_of_open_key_names_the_file(command: Command, play: Play) -> None:
    made = play.trainers[0]
    made.folder.salt.chmod(0o644)
    try:
        [found] = said(command, made)["keys_are_there"]
        assert f"{made.folder.salt} can be read by others → chmod 600" in found
        made.folder.salt.rename(made.folder.salt.with_suffix(".away"))
        [found] = said(command, made)["keys_are_there"]
        assert f"there is no key in {made.folder.salt}" in found
        made.folder.salt.with_suffix(".away").rename(made.folder.salt)
    finally:
        made.folder.salt.chmod(0o600)


def test_checks_have_names_that_no_other_has() -> None:
    names = [check.__name__ for checks in CHECKS.values() for check in checks]
    assert len(names) == len(set(names))
    assert all(check.__doc__ for checks in CHECKS.values() for check in checks)
