"""What a sponsor does through the command, and what anyone sees of a task."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Dataset, Spec
from anomalyhive.federation.rows import share_out
from anomalyhive.federation.settings import Settings

from .hives import ACCOUNTS, DEPLOYER_KEY, TOKEN, Command, Hive, Made, make


@pytest.fixture
def sponsor(command: Command, hive: Hive, tmp_path: Path) -> Made:
    """The home of the deployer, who has all tokens."""
    return make(command, hive, tmp_path / "sponsor", ANOMALYHIVE_OWNER_KEY=DEPLOYER_KEY.hex())


TABLE = (ACCOUNTS, "--label", "FLAG", "--id", "Address")


def test_create_from_table_publishes_spec_and_shards_and_names_them_on_the_chain(
    command: Command, hive: Hive, sponsor: Made
) -> None:
    shown = command(
        "task", "create", *TABLE, "--nodes", 3, "--validators", 2, "--rounds", 7, "--phase-seconds", 90,
        "--reward", "12.5", "--min-stake", "10", "--drop", "Sent tnx", "--seed", 4, "--home", sponsor.home,
    ).succeeded()  # fmt: skip
    assert "this is task 1" in shown
    assert "anomalyhive task fund 1 87.5" in shown
    state = hive.contracts.hive.task(1)
    config = state.config
    assert (config.shards, config.update_quota, config.seats, config.quorum, config.rounds) == (3, 3, 2, 2, 7)
    assert (config.train_seconds, config.attest_seconds) == (90, 90)
    assert (config.reward, config.min_stake, config.slash_amount) == (25 * TOKEN // 2, 10 * TOKEN, TOKEN)
    store = DirectoryStore(Path(hive.store.removeprefix("directory:")), read_only=True)
    spec = Spec.fetch(store, state.spec)
    settings = Settings(
        data=str(ACCOUNTS), label="FLAG", id="Address", nodes=3, rounds=7, drop=("Sent tnx",), test_fraction="0",
        seed=4,
    )  # fmt: skip
    due = share_out(settings).shards
    assert [one.rows for one in spec.shards] == [len(table) for table in due]
    for shard, table in zip(spec.shards, due, strict=True):
        assert shard.dataset is not None
        assert Dataset.fetch(store, shard.dataset).ids == tuple(table.ids or ())


def test_create_from_spec_takes_its_shards(command: Command, hive: Hive, sponsor: Made) -> None:
    command("task", "create", *TABLE, "--nodes", 4, "--home", sponsor.home).succeeded()
    first = hive.contracts.hive.task(1)
    command("task", "create", "--spec", first.spec.hex(), "--home", sponsor.home).succeeded()
    second = hive.contracts.hive.task(2)
    assert (second.spec, second.config.shards) == (first.spec, 4)
    assert first.config.seed == second.config.seed == bytes(32), "without --seed, every round has one of its own"


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ((), 2, "there must be one thing to learn from"),
        ((ACCOUNTS,), 2, "name the one that holds 0 and 1 with --label"),
        ((*TABLE, "--spec", "00" * 32), 2, "there must be one thing to learn from"),
        (("--spec", "zz"), 2, "--spec 'zz' is no digest"),
        (("--spec", "00" * 32), 1, "is not in"),
        ((*TABLE, "--reward", "-1"), 2, "--reward '-1' is no amount"),
        ((*TABLE, "--reward", "0"), 2, "--reward 0 tokens is not above 0"),
        ((*TABLE, "--reward", "1e9"), 2, "--reward '1e9' is no amount"),
        ((*TABLE, "--min-stake", "99999999999999"), 2, "more tokens than there are"),
        ((*TABLE, "--phase-seconds", 0), 2, "--phase-seconds 0 is outside"),
        ((*TABLE, "--nodes", 5000), 2, "--nodes 5000 is outside"),
        ((*TABLE, "--learner", "none"), 2, "none"),
        ((*TABLE, "--detectors", "half_space_trees"), 2, "--detectors goes with --shards"),
        ((*TABLE, "--param", "depth"), 2, "NAME=INTEGER"),
    ],
)
def test_create_with_wrong_option_names_it_and_creates_nothing(
    command: Command, hive: Hive, sponsor: Made, options: tuple[object, ...], code: int, words: str
) -> None:
    command("task", "create", *options, "--home", sponsor.home).refused(code, words)
    assert hive.contracts.hive.read("taskCount") == 0


def test_fund_open_status_and_withdraw_move_what_they_say(command: Command, hive: Hive, sponsor: Made) -> None:
    command("task", "create", *TABLE, "--reward", "10", "--home", sponsor.home).succeeded()
    command("task", "open", 1, "--home", sponsor.home).refused(1, "EscrowTooSmall")
    assert "task 1 has 25 tokens in escrow" in command("task", "fund", 1, "25", "--home", sponsor.home).succeeded()
    assert "open round 1 of task 1" in command("task", "open", 1, "--home", sponsor.home).succeeded()
    command("task", "open", 1, "--home", sponsor.home).refused(1, "RoundOpen")
    shown = command("task", "status", 1, "--home", sponsor.home).succeeded()
    assert "final rounds: 0 of 20" in shown
    assert "escrow: 15 tokens, 10 tokens for a round" in shown
    assert "1 TRAIN" in shown
    read = json.loads(command("task", "status", 1, "--json", "--home", sponsor.home).succeeded())
    assert (read["escrow"], read["rounds"][0]["phase"], read["rounds"][0]["updates"]) == (str(15 * TOKEN), "TRAIN", 0)
    command("task", "cancel", 1, "--home", sponsor.home).refused(1, "WrongPhase")
    command("task", "withdraw", 1, "16", "--home", sponsor.home).refused(1, "15 tokens in escrow")
    command("task", "withdraw", 1, "--home", sponsor.home).succeeded()
    assert hive.contracts.hive.task(1).escrow == 0


def test_actions_on_a_task_that_is_not_there_say_so(command: Command, sponsor: Made) -> None:
    for action in (("fund", 9, "1"), ("open", 9), ("status", 9), ("withdraw", 9), ("cancel", 9)):
        command("task", *action, "--home", sponsor.home).refused(1, "UnknownTask" if action[0] != "cancel" else "task")


def test_fund_and_withdraw_by_others_are_refused(command: Command, hive: Hive, sponsor: Made, tmp_path: Path) -> None:
    command("task", "create", *TABLE, "--home", sponsor.home).succeeded()
    command("task", "fund", 1, "25", "--home", sponsor.home).succeeded()
    other = make(command, hive, tmp_path / "other")
    other.fund(tokens=5)
    command("task", "fund", 1, "6", "--home", other.home).refused(1, "has 5 tokens and is to give 6 tokens")
    command("task", "fund", 1, "5", "--home", other.home).succeeded()
    command("task", "withdraw", 1, "--home", other.home).refused(1, "is sponsored by")
    assert hive.contracts.hive.task(1).escrow == 30 * TOKEN
