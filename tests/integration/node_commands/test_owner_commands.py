"""What an owner does through the command: make a node, register it, claim, rotate, leave."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from eth_account import Account

from anomalyhive.chain.views import Role
from anomalyhive.node.home import NodeHome
from anomalyhive.node.keystore import address_in

from .hives import ACCOUNTS, DEPLOYER_KEY, PASSWORD, TOKEN, Command, Hive, Made, make


@pytest.fixture
def sponsor(command: Command, hive: Hive, tmp_path: Path) -> Made:
    """The home of the deployer, who has all tokens."""
    return make(command, hive, tmp_path / "sponsor", ANOMALYHIVE_OWNER_KEY=DEPLOYER_KEY.hex())


def task_of(command: Command, sponsor: Made, *more: object) -> None:
    """Task 1 of the hive."""
    command(
        "task", "create", ACCOUNTS, "--label", "FLAG", "--id", "Address", "--nodes", 2, "--validators", 1,
        "--home", sponsor.home, "--reward", "10", *more,
    ).succeeded()  # fmt: skip


def test_init_makes_a_home_that_says_what_to_fund(command: Command, hive: Hive, tmp_path: Path) -> None:
    home = tmp_path / "node"
    done = command(
        "node", "init", "--home", home, "--endpoint", hive.chain.url, "--deployment", hive.record, "--role", "validate"
    ).succeeded()
    folder = NodeHome(home)
    for path in (folder.operator, folder.owner, folder.salt, folder.config):
        assert path.stat().st_mode & 0o777 == 0o600
    assert address_in(folder.operator) in done
    assert address_in(folder.owner) in done
    assert len({address_in(one) for one in (folder.operator, folder.owner, folder.salt)}) == 3
    assert "anomalyhive node register" in done
    assert PASSWORD not in done + folder.config.read_text()


def test_init_twice_changes_nothing(command: Command, hive: Hive, tmp_path: Path) -> None:
    made = make(command, hive, tmp_path / "node")
    before = {path: path.read_bytes() for path in made.home.rglob("*") if path.is_file()}
    command("node", "init", "--home", made.home, "--endpoint", hive.chain.url, "--deployment", hive.record).refused(
        2, "there is a node", "already"
    )
    assert {path: path.read_bytes() for path in made.home.rglob("*") if path.is_file()} == before


def test_init_after_a_kill_keeps_the_keys_that_are_there(command: Command, hive: Hive, tmp_path: Path) -> None:
    made = make(command, hive, tmp_path / "node")
    before = made.folder.operator.read_bytes(), made.folder.owner.read_bytes()
    made.folder.config.unlink()
    made.folder.salt.unlink()
    make(command, hive, made.home)
    assert (made.folder.operator.read_bytes(), made.folder.owner.read_bytes()) == before
    assert made.folder.open_keys  # and the salt is there again
    assert made.folder.salt.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--role", "trian"), "--role has 'trian'"),
        (("--task", "0"), "--task has 0"),
        (("--store", "ipfs"), "--store has 'ipfs'"),
        (("--owner", "0x1234"), "--owner has '0x1234'"),
        (("--owner", "0x52908400098527886E0F7030069857D2E4169Ee7"), "no address"),  # one letter's case is wrong
    ],
)
def test_init_with_wrong_option_names_it_and_makes_nothing(
    command: Command, hive: Hive, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    home = tmp_path / "node"
    command(
        "node", "init", "--home", home, "--endpoint", hive.chain.url, "--deployment", hive.record, *options
    ).refused(2, words)
    assert not home.exists()


def test_init_with_wrong_owner_key_does_not_show_it(command: Command, hive: Hive, tmp_path: Path) -> None:
    done = command(
        "node", "init", "--home", tmp_path / "node", "--endpoint", hive.chain.url, "--deployment", hive.record,
        ANOMALYHIVE_OWNER_KEY="hunter2",
    )  # fmt: skip
    done.refused(2, "ANOMALYHIVE_OWNER_KEY is no private key")
    assert "hunter2" not in done.err


def test_register_approves_registers_and_says_the_number(
    command: Command, hive: Hive, sponsor: Made, tmp_path: Path
) -> None:
    task_of(command, sponsor)
    made = make(command, hive, tmp_path / "node", "--task", 1, "--role", "train", "--role", "validate")
    command("node", "register", "--home", made.home).refused(1, "has 0 tokens and needs 1,000 tokens")
    made.fund(1_500)
    assert "this is node 1" in command("node", "register", "--home", made.home).succeeded()
    record = hive.contracts.registry.node(made.number)
    assert (record.stake, record.roles) == (1_000 * TOKEN, Role.TRAIN | Role.VALIDATE)
    assert (record.owner, record.operator) == (made.owner.address, made.operator.address)
    # Again it changes nothing; with other settings it brings the node up to them.
    sent = hive.web3.eth.get_transaction_count(made.owner.address)  # type: ignore[arg-type]
    assert "is registered" in command("node", "register", "--home", made.home).succeeded()
    assert hive.web3.eth.get_transaction_count(made.owner.address) == sent  # type: ignore[arg-type]
    made.set(roles='["train"]')
    command("node", "register", "--home", made.home, "--stake", "1200.5").succeeded()
    record = hive.contracts.registry.node(made.number)
    assert (record.stake, record.roles) == (12_005 * TOKEN // 10, Role.TRAIN)


def test_register_with_outside_owner_prints_what_to_sign(
    command: Command, hive: Hive, sponsor: Made, tmp_path: Path
) -> None:
    task_of(command, sponsor)
    wallet = Account.from_key(WALLET_KEY)
    made = make(command, hive, tmp_path / "node", "--task", 1, "--owner", wallet.address)
    assert not made.folder.owner.exists()
    made.fund(1_000)
    shown = command("node", "register", "--home", made.home).succeeded()
    assert shown.count("To sign:") == 2
    assert "let the registry" in shown
    _sign(hive, shown)
    assert hive.contracts.registry.node(made.number).owner == wallet.address
    assert "is registered" in command("node", "register", "--home", made.home).succeeded()


WALLET_KEY = bytes([9]) * 32


def _sign(hive: Hive, shown: str) -> None:
    """Do as a wallet does with what a command has shown."""
    wallet = Account.from_key(WALLET_KEY)
    for to, data in re.findall(r"to (0x[0-9a-fA-F]{40}) value 0 data (0x[0-9a-f]+)", shown):
        transaction = {
            "from": wallet.address, "to": to, "data": data, "value": 0, "gas": 500_000, "chainId": 31337,
            "nonce": hive.web3.eth.get_transaction_count(wallet.address), "gasPrice": hive.web3.eth.gas_price,
        }  # fmt: skip
        sent = hive.web3.eth.send_raw_transaction(wallet.sign_transaction(transaction).raw_transaction)
        assert hive.web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.01)["status"] == 1


def test_outside_owner_rotates_and_leaves_by_what_is_printed(
    command: Command, hive: Hive, sponsor: Made, tmp_path: Path
) -> None:
    task_of(command, sponsor)
    wallet = Account.from_key(WALLET_KEY)
    made = make(command, hive, tmp_path / "node", "--task", 1, "--owner", wallet.address)
    made.fund(1_000)
    _sign(hive, command("node", "register", "--home", made.home).succeeded())
    hive.contracts.hive.take_shard(made.operator, 1, 0)
    former = made.operator.address

    shown = command("node", "rotate-operator", "--home", made.home).succeeded()
    assert shown.count("To sign:") == 2
    assert made.operator.address == former, "until the wallet has signed"
    _sign(hive, shown)
    assert "To sign" not in command("node", "rotate-operator", "--home", made.home).succeeded()
    assert made.operator.address != former
    assert hive.contracts.hive.read("shard", 1, 0)[0] == made.operator.address

    shown = command("node", "exit", "--yes", "--home", made.home).succeeded()
    assert "There is no way back" not in shown
    assert shown.count("To sign:") == 2
    _sign(hive, shown)
    assert "can be withdrawn from" in command("node", "exit", "--home", made.home).succeeded()
    hive.pass_time(int(hive.contracts.registry.read("EXIT_DELAY")) + 1)
    _sign(hive, command("node", "exit", "--home", made.home).succeeded())
    assert hive.contracts.token.balance(wallet.address) == 1_000 * TOKEN


@pytest.fixture
def node(command: Command, hive: Hive, sponsor: Made, tmp_path: Path) -> Made:
    """A registered trainer that holds shard 0 of task 1."""
    task_of(command, sponsor)
    made = make(command, hive, tmp_path / "node", "--task", 1)
    made.fund()
    command("node", "register", "--home", made.home).succeeded()
    hive.contracts.hive.take_shard(made.operator, 1, 0)
    return made


def test_status_says_number_stake_slots_and_money(command: Command, hive: Hive, node: Made) -> None:
    shown = command("node", "status", "--home", node.home).succeeded()
    assert "Node 1" in shown
    assert "the roles train and 1,000 tokens of stake" in shown
    assert "does not run here" in shown
    assert "Task 1: shard 0" in shown
    assert "no round was opened yet" in shown
    with node.folder.held():
        read = json.loads(command("node", "status", "--json", "--home", node.home).succeeded())
    assert read["running"] is True
    assert (read["node"], read["stake"], read["tasks"][0]["slots"]) == (1, str(1_000 * TOKEN), ["shard 0 of task 1"])


def test_claim_without_anything_earned_sends_nothing(command: Command, node: Made) -> None:
    assert "nothing to claim" in command("node", "claim", "--home", node.home).succeeded()


def test_rotate_operator_puts_new_key_in_registry_and_slot(command: Command, hive: Hive, node: Made) -> None:
    former = node.operator.address
    command("node", "rotate-operator", "--home", node.home).succeeded()
    assert node.operator.address != former
    assert hive.contracts.registry.node(1).operator == node.operator.address
    assert hive.contracts.hive.read("shard", 1, 0)[0] == node.operator.address
    assert [address_in(one) for one in node.folder.keys.glob("operator.*.former.json")] == [former]
    assert len(node.folder.open_keys(_passwords()).salt) == 32


def test_rotate_operator_killed_halfway_goes_on_with_the_same_key(command: Command, hive: Hive, node: Made) -> None:
    former = node.folder.operator.read_bytes()
    command("node", "rotate-operator", "--home", node.home).succeeded()
    fresh = node.operator.address
    # As if the kill had come after the transactions and before the files were put in their places.
    node.folder.operator.rename(node.folder.keys / "operator.new.json")
    node.folder.operator.write_bytes(former)
    command("node", "rotate-operator", "--home", node.home).succeeded()
    assert node.operator.address == fresh


def test_rotate_operator_of_lost_key_takes_the_nodes_number(command: Command, hive: Hive, node: Made) -> None:
    node.folder.operator.unlink()
    command("node", "rotate-operator", "--home", node.home).refused(2, "there is no key in")
    command("node", "rotate-operator", "--home", node.home, "--node", 1).succeeded()
    assert hive.contracts.registry.node(1).operator == node.operator.address
    assert hive.contracts.hive.read("shard", 1, 0)[0] == node.operator.address


def test_send_moves_coin_and_tokens_from_the_owner(command: Command, hive: Hive, sponsor: Made) -> None:
    to = Account.from_key(bytes([11]) * 32).address
    command("node", "send", to, "--tokens", "1.5", "--coin", "0.25", "--home", sponsor.home).succeeded()
    assert hive.contracts.token.balance(to) == 3 * TOKEN // 2
    assert hive.web3.eth.get_balance(to) == TOKEN // 4
    command("node", "send", to, "--home", sponsor.home).refused(2, "there is nothing to send")
    command("node", "send", "0x12", "--tokens", 1, "--home", sponsor.home).refused(2, "ADDRESS has '0x12'")


def test_rotate_operator_with_wrong_password_makes_no_key(command: Command, node: Made) -> None:
    command(
        "node", "rotate-operator", "--home", node.home,
        ANOMALYHIVE_PASSWORD="another one", ANOMALYHIVE_OWNER_PASSWORD=PASSWORD,
    ).refused(2, "the password is not that of")  # fmt: skip
    assert not (node.folder.keys / "operator.new.json").exists()


def test_rotate_operator_while_the_node_runs_is_refused(command: Command, node: Made) -> None:
    with node.folder.held():
        command("node", "rotate-operator", "--home", node.home).refused(2, "a node runs in", "stop it first")


def test_exit_releases_waits_and_withdraws(command: Command, hive: Hive, node: Made) -> None:
    registry = hive.contracts.registry
    command("node", "exit", "--home", node.home).refused(2, "add --yes")
    assert registry.node(1).exit_at == 0
    shown = command("node", "exit", "--yes", "--home", node.home).succeeded()
    assert "give up shard 0 of task 1" in shown
    assert "can be withdrawn from" in shown
    assert hive.contracts.hive.shard_holder(1, 0) == 0
    assert "can be withdrawn from" in command("node", "exit", "--home", node.home).succeeded()
    hive.pass_time(int(registry.read("EXIT_DELAY")) + 1)
    before = hive.contracts.token.balance(node.owner.address)
    assert "node 1 has left" in command("node", "exit", "--home", node.home).succeeded()
    assert hive.contracts.token.balance(node.owner.address) == before + 1_000 * TOKEN


def test_exit_with_a_bound_shard_says_until_when(command: Command, hive: Hive, sponsor: Made, node: Made) -> None:
    command("task", "fund", 1, "100", "--home", sponsor.home).succeeded()
    command("task", "open", 1, "--home", sponsor.home).succeeded()
    hive.contracts.hive.submit_update(node.operator, 1, 1, 0, b"\x01" * 32, bytes(96))
    shown = command("node", "exit", "--yes", "--home", node.home).succeeded()
    assert "shard 0 of task 1 is bound until round 1 is over: it is in phase TRAIN until" in shown
    assert hive.contracts.registry.node(1).exit_at > 0


def test_owner_action_above_the_fee_ceiling_is_refused(command: Command, hive: Hive, node: Made) -> None:
    node.set(max_fee_wei="1", max_tip_wei="0")
    command("node", "register", "--home", node.home, "--stake", "1001").refused(1, "tokens and needs")
    node.fund(1)
    command("node", "register", "--home", node.home, "--stake", "1001").refused(1, "max_fee_wei is 1")


def _passwords() -> object:
    from anomalyhive.node.passwords import Passwords

    return Passwords({"ANOMALYHIVE_PASSWORD": PASSWORD}, lambda _: "")
