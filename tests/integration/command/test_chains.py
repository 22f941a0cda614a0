"""Chains that are not the run's own: what is there, what it can do, who pays, and what happens when it is away."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import federations
import pytest
from web3 import Web3

from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.hive import HiveClient
from anomalyhive.chain.rpc import connect
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.federation.coin import FUNDER_VARIABLE
from anomalyhive.federation.progress import Progress

from .chains import Line, anvil, ask, blocks, events_of
from .command import Warm, federate, report_of, weights_of


@pytest.fixture(scope="module")
def expected(finished: Path) -> list[str]:
    """The weights of the undisturbed run."""
    return weights_of(report_of(finished))


def is_founded(run: Path) -> bool:
    return (run / "progress.json").is_file()


def count_of(run: Path, url: str, name: str) -> Counter[tuple[Any, ...]]:
    """How often each (round, shard or seat) has an event of this name."""
    return Counter(
        (event.values["round"], event.values.get("shard", event.values.get("seat")))
        for event in events_of(run, connect(url))
        if event.name == name
    )


def test_federate_on_a_running_chain_killed_in_the_middle_of_rounds_sends_nothing_twice(
    warm: Warm, expected: list[str], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    with anvil(tmp_path) as url:
        arguments = federate(run, "--chain", url)

        def kill_at(block: int) -> None:
            with warm.start(*arguments) as running:
                running.until(lambda: blocks(url) >= block)
                running.kill()

        with warm.start(*arguments) as running:
            running.until(lambda: is_founded(run))
            running.kill()
        start = blocks(url)
        # The chain goes on where it was killed: between two updates, verdicts, reveals, attestations, and claims.
        for block in (2, 4, 6, 9, 13):
            kill_at(start + block)
        kill_with_a_transaction_on_its_way(warm, run, url, arguments)
        kill_at(start + 21)
        warm(*arguments).succeeded()

        names = ("UpdateSubmitted", "VerdictCommitted", "VerdictRevealed", "RoundTallied", "RoundFinalized")
        for name in names:
            assert set(count_of(run, url, name).values()) == {1}, name
        report = report_of(run)
        assert weights_of(report) == expected
        assert report["audit"]["holds"] is True
        assert_coin_for_gas_was_not_wasted(run, connect(url))


def kill_with_a_transaction_on_its_way(warm: Warm, run: Path, url: str, arguments: list[object]) -> None:
    """Kill a run whose transaction waits to be mined; started again it must not send the same once more."""
    ask(url, "evm_setAutomine", False)
    with warm.start(*arguments) as running:
        running.until(lambda: int(ask(url, "txpool_status")["pending"], 16) == 1)
        running.kill()
    with warm.start(*arguments) as running:
        running.until(lambda: "going on" in running.said())
        time.sleep(0.2)  # would it send again, it had done it by now
        assert int(ask(url, "txpool_status")["pending"], 16) == 1
        ask(url, "evm_setAutomine", True)
        ask(url, "evm_mine")
        block = blocks(url)
        running.until(lambda: blocks(url) > block)
        running.kill()


def assert_coin_for_gas_was_not_wasted(run: Path, web3: Web3) -> None:
    """Every key got enough, and at most a few hundredths of the chain's coin."""
    for key in (run / "nodes").glob("*/o*.key"):
        left = web3.eth.get_balance(Web3.to_checksum_address(Signer(web3, bytes.fromhex(key.read_text())).address))
        assert 0 < left < 10**18 // 3, key


def test_federate_through_a_line_that_is_cut_waits_a_while_then_fails_in_words_and_goes_on_later(
    warm: Warm, expected: list[str], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    with anvil(tmp_path) as url, Line(url) as line:
        arguments = federate(run, "--chain", line.url)
        with warm.start(*arguments) as running:
            # This process carries the line: it must not be busy with looking.
            running.until(lambda: is_founded(run), pace=0.1)
            line.cut()
            time.sleep(2)
            line.mend()
            running.until(lambda: Progress.read(run / "progress.json").rounds, pace=0.1)
            line.cut()
            cut = time.monotonic()
            running.done().refused(1, "stopped answering", "repeat the command")
            assert 10 < time.monotonic() - cut < 60
        warm(*arguments).refused(1, f"no chain answers at {line.url}")
        assert len(Progress.read(run / "progress.json").rounds) == 1
        line.mend()
        warm(*arguments).succeeded()
        assert weights_of(report_of(run)) == expected
        assert set(count_of(run, url, "UpdateSubmitted").values()) == {1}


@pytest.mark.parametrize("lost", [b"eth_sendRawTransaction", b"eth_getTransactionReceipt", b"eth_estimateGas"])
def test_transaction_whose_answer_is_lost_counts_once(tmp_path: Path, lost: bytes) -> None:
    with anvil(tmp_path) as url, Line(url) as line:
        signer = Signer(connect(line.url), new_key())
        ask(url, "anvil_setBalance", signer.address, hex(10**18))
        for sent in (1, 2):
            line.swallow(lost)
            signer.transfer("0x" + "11" * 20, 5)
            assert int(ask(url, "eth_getTransactionCount", signer.address, "latest"), 16) == sent
        assert int(ask(url, "eth_getBalance", "0x" + "11" * 20, "latest"), 16) == 10


def test_federate_on_a_chain_without_the_precompile_names_it_and_learns_the_same(warm: Warm, tmp_path: Path) -> None:
    """The gas is paid by a key of the user's, and all rows are trained on."""
    run = tmp_path / "run"
    with anvil(tmp_path, "--hardfork", "shanghai", "--accounts", "0") as url:
        key = new_key()
        ask(url, "anvil_setBalance", Signer(Web3(), key).address, hex(10**19))
        secret_url = url.replace("127.0.0.1", "user:s3cret@127.0.0.1") + "/?key=s3cret"
        arguments = federate(run, "--chain", secret_url, "--test-fraction", 0, rounds=1)
        done = warm(*arguments, **{FUNDER_VARIABLE: key.hex()}).succeeded()
        assert "no EIP-2537" in done.out
        report = report_of(run)
        deployment = Deployment.read(run / "chain" / "deployment.json")
        assert deployment.verify_sums is report["chain"]["sums_checked_on_chain"] is False
        assert HiveClient(connect(url), deployment.hive).verify_sums() is False
        assert weights_of(report) == federations.centralised(federations.accounts(nodes=2, rounds=1))
        assert [(one["average_precision"], one["roc_auc"]) for one in report["rounds"]] == [(None, None)]
        assert report["pooled"] == {"average_precision": None, "roc_auc": None}
        assert report["audit"]["holds"] is True
        spent = 10**19 - int(ask(url, "eth_getBalance", Signer(Web3(), key).address, "latest"), 16)
        assert 0 < spent < 10**18
    assert_secret_is_in_the_settings_alone(run, done.out)


def assert_secret_is_in_the_settings_alone(run: Path, out: str) -> None:
    """What is needed to open the chain again stands in run.json, for its user's eyes, and nowhere else."""
    assert "s3cret" not in out
    holding = [file.name for file in run.rglob("*") if file.is_file() and b"s3cret" in file.read_bytes()]
    assert holding == ["run.json"]
    assert (run / "run.json").stat().st_mode & 0o077 == 0


def test_federate_on_ganache_names_what_it_lacks_and_learns_the_same(
    warm: Warm, expected: list[str], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    arguments = federate(run, "--chain", "ganache", validators=1)
    with warm.start(*arguments) as running:
        running.until(lambda: is_founded(run) and Progress.read(run / "progress.json").rounds)
        running.kill()
    done = warm(*arguments).succeeded()
    assert "ganache has no EIP-2537" in done.out
    report = report_of(run)
    assert report["chain"]["sums_checked_on_chain"] is False
    assert weights_of(report) == expected
    assert report["audit"]["holds"] is True


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", ["nobody pays for gas", FUNDER_VARIABLE]),
        ("0x1234", [FUNDER_VARIABLE, "64 hexadecimal digits"]),
        ("a secret that is no key", [FUNDER_VARIABLE, "64 hexadecimal digits"]),
    ],
)
def test_federate_where_nobody_pays_is_refused_and_makes_nothing(
    warm: Warm, tmp_path: Path, key: str, words: list[str]
) -> None:
    run = tmp_path / "run"
    with anvil(tmp_path, "--accounts", "0") as url:
        done = warm(*federate(run, "--chain", url), **{FUNDER_VARIABLE: key})
        done.refused(2, *words)
        assert not key or key not in done.err
        assert blocks(url) == 0
    assert not run.exists()


def test_federate_whose_funder_is_poor_fails_in_words(warm: Warm, tmp_path: Path) -> None:
    with anvil(tmp_path, "--accounts", "0") as url:
        done = warm(*federate(tmp_path / "run", "--chain", url), **{FUNDER_VARIABLE: new_key().hex()})
        done.refused(1, "a transfer of", "nsufficient funds")


def test_federate_after_phases_have_passed_cancels_the_rounds_and_goes_on(warm: Warm, tmp_path: Path) -> None:
    """Away when all updates were in and none was published, and again when one validator of two had attested."""
    run = tmp_path / "run"
    with anvil(tmp_path) as url:
        with warm.start(*federate(run, "--chain", url)) as running:
            running.until(lambda: is_founded(run))
            start = blocks(url)
            for block, event in ((3, "UpdateSubmitted"), (4 + 1 + 9, "ModelAttested")):
                running.until(lambda block=block: blocks(url) >= start + block)
                os.kill(running.pid, signal.SIGSTOP)
                assert count_of(run, url, event)
                ask(url, "evm_increaseTime", 10_000)
                ask(url, "evm_mine")
                os.kill(running.pid, signal.SIGCONT)
            running.done().succeeded()
        report = report_of(run)
        assert [one["round"] for one in report["cancelled"]] == [1, 2]
        assert [one["round"] for one in report["rounds"]] == [3, 4]
        assert report["audit"]["holds"] is True
