"""The doctor on nodes that really are in each state that it knows: slots, rounds, verdicts and rewards."""

from __future__ import annotations

import re
from pathlib import Path

from adversaries import Withholding

from anomalyhive.chain.outbox import Outbox
from anomalyhive.chain.views import Kind, Phase
from anomalyhive.node.amounts import tokens
from anomalyhive.roles.steps import take_steps
from anomalyhive.roles.trainer import Trainer
from anomalyhive.roles.validator import Validator

from .hives import Command, settle_in
from .playing import Play, said

HONEST = (Trainer, Trainer, Validator, Validator, Validator)


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


def test_doctor_of_rejected_trainer_gives_the_validators_reason(command: Command, play: Play) -> None:
    [found] = said(command, play.trainers[1])["updates_are_accepted"]
    assert "round 1 of task 1 the update of shard 1 was rejected: commitment does not open to the vector" in found


def test_doctor_of_deviating_validator_says_by_how_much(command: Command, play: Play) -> None:
    [found] = said(command, play.validators[2])["verdicts_are_paid"]
    assert re.search(r"seat 2 was not paid: scores deviate from the medians by \d+ over 2 updates, 64 are", found)


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


def test_doctor_of_slashed_validator_says_what_was_burned(command: Command, play: Play) -> None:
    play.round((Trainer, Trainer, Validator, Validator, Withholding))
    found = said(command, play.validators[2])
    assert "1 times a verdict was committed and not revealed: 100 tokens of stake" in found["node_was_not_slashed"][0]
    assert "the stake is 900 tokens, and task 1 asks for 1,000" in found["stake_suffices"][0]
    assert any("committed a verdict and did not reveal it" in one for one in found["verdicts_are_paid"])


def test_doctor_with_store_that_lacks_the_spec_says_which(command: Command, play: Play, tmp_path: Path) -> None:
    made = play.trainers[0]
    (tmp_path / "empty").mkdir()
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
    play.hive.pass_time(200)
    [found] = said(command, play.trainers[0])["rounds_go_on"]
    assert re.search(r"round 2 of task 1 waits for somebody to count it for \d{3} s, and then stalls", found)
    assert "keeper = true" in found


def test_doctor_with_empty_escrow_names_the_sponsor(command: Command, play: Play) -> None:
    hive = play.hive.contracts.hive
    hive.withdraw_escrow(play.hive.deployer, 1, hive.task(1).escrow)
    [found] = said(command, play.trainers[0])["rounds_go_on"]
    assert "task 1 has 0 tokens in escrow, and a round takes 10 tokens" in found
    assert play.hive.deployer.address in found
