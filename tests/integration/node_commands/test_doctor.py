"""The doctor, on nodes that really are in each of the states that it knows."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from adversaries import Dicing, Uncommitted, Withholding
from web3 import Web3

from anomalyhive.chain.fees import FeeLimits
from anomalyhive.chain.journaled import JournaledSigner, Pace
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.outbox import Outbox
from anomalyhive.chain.rpc import request
from anomalyhive.chain.views import Kind, Phase
from anomalyhive.errors import NotMined
from anomalyhive.node import keystore
from anomalyhive.node.amounts import tokens
from anomalyhive.node.doctor import CHECKS, examine
from anomalyhive.node.keystore import read_key
from anomalyhive.roles.steps import take_steps
from anomalyhive.roles.trainer import Trainer
from anomalyhive.roles.validator import Validator

from .hives import PASSWORD, Command, Hive, Made, settle_in
from .playing import Play, begin

HONEST = (Trainer, Trainer, Validator, Validator, Validator)


@pytest.fixture(scope="module")
def played(bare_hive: Hive, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """One round is final: trainer 1 committed to another vector than its own, validator 2 threw dice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keystore, "COST", 1 << 10)
        play = begin(bare_hive, tmp_path_factory.mktemp("nodes"))
        view = play.round((Trainer, Uncommitted, Validator, Validator, Dicing))
    assert view.phase is Phase.FINAL
    return play


@pytest.fixture
def play(played: Play) -> Iterator[Play]:
    """The same; what happens on the chain and in the settings is taken back."""
    settings = {made.folder.config: made.folder.config.read_bytes() for made in played.nodes}
    with played.hive.undone():
        yield played
    for path, content in settings.items():
        path.write_bytes(content)


def said(command: Command, made: Made, runs: bool = True) -> dict[str, list[str]]:
    """Check -> what it says, of a node that runs or does not; the exit code is 1 if and only if there is anything."""
    if runs:
        with made.folder.held():
            done = command("doctor", "--json", "--home", made.home)
    else:
        done = command("doctor", "--json", "--home", made.home)
    found: dict[str, list[str]] = {}
    for one in json.loads(done.out):
        found.setdefault(one["check"], []).append(f"{one['says']} → {one['remedy']}")
    assert done.code == (1 if found else 0), done.err
    return found


def test_doctor_of_node_that_earns_finds_nothing(command: Command, play: Play) -> None:
    made = play.trainers[0]
    command("node", "claim", "--home", made.home).succeeded()
    play.open()
    assert said(command, made) == {}
    with made.folder.held():
        assert "nothing is wrong" in command("doctor", "--home", made.home).succeeded()


def test_doctor_of_node_with_reward_names_amount_and_command(command: Command, play: Play) -> None:
    made, contracts = play.trainers[0], play.hive.contracts
    owed = contracts.hive.earned(1, 1, Kind.UPDATE, 0)
    assert owed > 0
    [found] = said(command, made)["rewards_are_claimed"]
    assert found == (
        f"{tokens(owed)} are earned and not claimed; they do not expire → anomalyhive node claim --home {made.home}, "
        "or set claim_every"
    )
    before = contracts.token.balance(made.owner.address)
    assert f"{tokens(owed)} to {made.owner.address}" in command("node", "claim", "--home", made.home).succeeded()
    assert contracts.token.balance(made.owner.address) - before == owed
    assert "rewards_are_claimed" not in said(command, made)
    assert "there is nothing to claim" in command("node", "claim", "--home", made.home).succeeded()


def test_claim_without_the_owners_key_is_sent_by_the_operator_through_the_journal(command: Command, play: Play) -> None:
    made, contracts = play.trainers[0], play.hive.contracts
    owner, away = made.owner.address, made.folder.owner.with_suffix(".away")
    made.folder.name_outside_owner(owner)
    made.folder.owner.rename(away)
    before = contracts.token.balance(owner)
    try:
        with made.folder.held():
            command("node", "claim", "--home", made.home).refused(2, "in use by another process")
        assert contracts.token.balance(owner) == before
        command("node", "claim", "--home", made.home).succeeded()
        assert contracts.token.balance(owner) > before
        outbox = Outbox(made.folder.journal, 31337, made.operator.address)
        assert [one.function for one in outbox.of(f"claim/{made.number}")] == ["claim"]
        outbox.close()
    finally:
        away.rename(made.folder.owner)
        made.folder.outside_owner.unlink()
        made.folder.journal.unlink(missing_ok=True)  # what it tells of is taken back with the chain


def test_doctor_of_node_that_does_not_run_says_so_for_people(command: Command, play: Play) -> None:
    made = play.trainers[0]
    done = command("doctor", "--home", made.home)
    assert done.code == 1
    assert "✗ the node does not run" in done.out
    assert f"→ anomalyhive node run --home {made.home}" in done.out


def test_doctor_of_rejected_trainer_gives_the_validators_reason(command: Command, play: Play) -> None:
    [found] = said(command, play.trainers[1])["updates_are_accepted"]
    assert "round 1 of task 1 the update of shard 1 was rejected: commitment does not open to the vector" in found


def test_doctor_of_deviating_validator_says_by_how_much(command: Command, play: Play) -> None:
    [found] = said(command, play.validators[2])["verdicts_are_paid"]
    assert re.search(r"seat 2 was not paid: scores deviate from the medians by \d+ over 2 updates, 64 are", found)


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


def test_doctor_of_new_node_says_what_stake_and_shard_it_lacks(command: Command, play: Play, tmp_path: Path) -> None:
    made = settle_in(play.hive, tmp_path / "late", "train", stake=400)
    found = said(command, made)
    assert "the stake is 400 tokens, and task 1 asks for 1,000 tokens" in found["stake_suffices"][0]
    assert "holds no shard of task 1: all 2 have a holder" in found["slots_are_held"][0]
    made.set(shard="1")
    assert f"node {play.trainers[1].number} holds shard 1" in said(command, made)["slots_are_held"][0]
    made.set(shard="7")
    assert "task 1 has 2 shards, and the settings want shard 7" in said(command, made)["slots_are_held"][0]
    play.hive.contracts.hive.read("shard", 1, 1)
    play.trainers[1].operator.transact(play.hive.contracts.hive.call("releaseShard", 1, 1))
    made.set(shard="1")
    assert "and shard 1 is free" in said(command, made)["slots_are_held"][0]


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


def test_doctor_of_slashed_validator_says_what_was_burned(command: Command, play: Play) -> None:
    play.round((Trainer, Trainer, Validator, Validator, Withholding))
    found = said(command, play.validators[2])
    assert "1 times a verdict was committed and not revealed: 100 tokens of stake" in found["node_was_not_slashed"][0]
    assert "the stake is 900 tokens, and task 1 asks for 1,000" in found["stake_suffices"][0]
    assert any("committed a verdict and did not reveal it" in one for one in found["verdicts_are_paid"])


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


@pytest.mark.parametrize("store", ["/ip4/127.0.0.1/tcp/1", "directory:{file}/store"])
def test_doctor_with_unusable_store_names_it(command: Command, play: Play, tmp_path: Path, store: str) -> None:
    file = tmp_path / "file"
    file.touch()
    made, wanted = play.trainers[0], store.format(file=file)
    made.set(store=f'"{wanted}"')
    found = said(command, made)
    assert wanted.removeprefix("directory:") in found["store_works"][0]
    assert "rewards_are_claimed" in found, "the rest is looked at all the same"


def test_doctor_with_store_that_lacks_the_spec_says_which(command: Command, play: Play, tmp_path: Path) -> None:
    made = play.trainers[0]
    made.set(store=f'"directory:{tmp_path}/empty"')
    [found] = said(command, made)["specs_are_there"]
    assert f"the store does not give spec {play.task.spec_digest.hex()} of task 1" in found


def test_doctor_of_trainer_that_missed_a_round_says_which(command: Command, play: Play) -> None:
    play.round((Trainer, None, Validator, Validator, Validator))
    [found] = said(command, play.trainers[1])["rounds_are_not_missed"]
    assert "shard 1 of task 1 brought nothing to round 2; after 3 in a row anyone may take its place" in found


def test_doctor_with_stalled_round_says_what_it_lacks_and_its_remedy_works(command: Command, play: Play) -> None:
    play.open()
    play.hive.pass_time(601)
    made = play.trainers[0]
    [found] = said(command, made)["rounds_go_on"]
    assert "round 2 of task 1 has stalled: it had 0 updates and needs 1 → anomalyhive task cancel 1" in found
    command("task", "cancel", 1, "--home", made.home).succeeded()
    [found] = said(command, made)["rounds_go_on"]
    assert "no round of task 1 is open → anomalyhive task open 1" in found
    command("task", "open", 1, "--home", made.home).succeeded()
    assert "rounds_go_on" not in said(command, made)


def test_doctor_with_round_that_nobody_counts_says_for_how_long(command: Command, play: Play) -> None:
    number, hive = play.open(), play.hive.contracts.hive
    actors = [play.actor(made, kind) for made, kind in zip(play.nodes, HONEST, strict=True)]
    while take_steps(actors, lambda: hive.round(1, number)):
        pass
    assert hive.phase(1, number)[0] is Phase.TALLY
    assert "rounds_go_on" not in said(command, play.trainers[0])
    play.hive.pass_time(200)
    [found] = said(command, play.trainers[0])["rounds_go_on"]
    assert re.search(r"round 2 of task 1 waits for somebody to count it for 2\d\d s, and then stalls", found)
    assert "keeper = true" in found


def test_doctor_with_empty_escrow_names_the_sponsor(command: Command, play: Play) -> None:
    hive = play.hive.contracts.hive
    hive.withdraw_escrow(play.hive.deployer, 1, hive.task(1).escrow)
    [found] = said(command, play.trainers[0])["rounds_go_on"]
    assert "task 1 has 0 tokens in escrow, and a round takes 10 tokens" in found
    assert play.hive.deployer.address in found


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
        assert f"1 transactions of operator {made.operator.address} are sent and not mined" in found
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
