"""`anomalyhive score --address`: the history of an address by its three ways, and what is said of it."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from eth_account import Account
from eth_utils.address import to_checksum_address
from web3 import Web3

from anomalyhive.chain.rpc import connect, request
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Dataset, Model, Spec, Weights
from anomalyhive.core.learners import get_learner
from anomalyhive.evaluation.scoring import decimal_text
from anomalyhive.metrics.features import NAMES
from anomalyhive.raw.history import account_in

from .chains import anvil
from .command import Done, Warm, report_of
from .test_shards import SAMPLE, on_chunks

SENDER = Account.from_key("0x" + "41" * 32)
RECEIVER = "0x" + "42" * 20
STRANGER = "0x" + "43" * 20
PAYMENTS = 5


@pytest.fixture(scope="module")
def run(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the sample of raw transactions."""
    folder = tmp_path_factory.mktemp("addresses") / "run"
    warm(*on_chunks(SAMPLE, folder)).succeeded()
    return folder


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a chain with some payments of one account to another."""
    with anvil(tmp_path_factory.mktemp("chain")) as url:
        pay(connect(url))
        yield url


def pay(web3: Web3) -> None:
    request(web3, "anvil_setBalance", [SENDER.address, hex(10**20)])
    for nonce in range(PAYMENTS):
        made = {"chainId": web3.eth.chain_id, "nonce": nonce, "gas": 21_000, "gasPrice": 2 * 10**9}
        signed = SENDER.sign_transaction({**made, "to": to_checksum_address(RECEIVER), "value": 10**16})
        web3.eth.wait_for_transaction_receipt(web3.eth.send_raw_transaction(signed.raw_transaction), poll_latency=0.01)


def content(run: Path) -> tuple[Spec, Any, Any]:
    """Spec, learner and state of the latest model."""
    store = DirectoryStore(run / "store", read_only=True)
    model = Model.fetch(store, bytes.fromhex(report_of(run)["rounds"][-1]["model"]))
    weights = Weights.fetch(store, model.weights)
    return Spec.fetch(store, model.spec), get_learner(weights.learner), weights.state


def probability(done: Done) -> float:
    """What is said of the address."""
    (found,) = re.findall(
        r"^  probability +(0\.\d{4}) that flag is 1, by the model of round 2, not calibrated$", done.out, re.MULTILINE
    )
    return float(found)


def test_row_and_probability_of_an_address_are_those_that_the_federation_has_of_it(warm: Warm, run: Path) -> None:
    spec, learner, state = content(run)
    shard = spec.shards[0].dataset
    assert shard is not None
    dataset = Dataset.fetch(DirectoryStore(run / "store", read_only=True), shard)
    for row in (0, 7, -1):
        address = (dataset.ids or ())[row]
        assert np.array_equal(account_in(SAMPLE, address).row(spec.columns)[0], dataset.features[row])
        done = warm("score", "--run", run, "--address", address).succeeded()
        due = int(learner.probabilities(state, np.asarray(dataset.features)[[row]])[0]) / 2**32
        assert probability(done) == float(f"{due:.4f}")
        assert to_checksum_address(address) in done.out
        assert f"learned from this very address, with flag {dataset.labels[row]}" in done.out
        assert "% of accounts (" in done.out


def test_table_of_an_addresss_statistics_is_scored_as_the_address(warm: Warm, run: Path, tmp_path: Path) -> None:
    spec, learner, state = content(run)
    address = (SAMPLE / "labels.csv").read_text().split()[5].split(",")[0]
    account = account_in(SAMPLE, address)
    with (tmp_path / "statistics.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("address", *NAMES), (address, *account.statistics()[0].tolist())])
    out = tmp_path / "scores.csv"
    warm("score", "--run", run, "--data", tmp_path / "statistics.csv", "--out", out).succeeded()
    due = learner.probabilities(state, account.row(spec.columns)).tolist()
    assert out.read_text().split() == ["id,probability", f"{address},{decimal_text(due[0])}"]


def test_address_on_a_live_chain_is_found_and_scored_without_the_secrets_of_the_url(
    warm: Warm, run: Path, chain: str
) -> None:
    secret = chain.replace("://", "://user:s3cret@")
    done = warm("score", "--run", run, "--address", SENDER.address, "--source", secret, "--reasons", 2).succeeded()
    assert f"{PAYMENTS} transactions and 0 token transfers in the blocks 0 to {PAYMENTS} of chain 31337" in done.out
    assert "s3cret" not in done.out + done.err
    assert 0 < probability(done) < 1
    assert "sent_micro: 0.05 ether, " in done.out or "sent: 5 transactions, " in done.out
    assert done.out.count("% of accounts (") <= 2
    assert "warning" not in done.out
    assert "this very address" not in done.out


def test_address_by_part_of_its_history_is_another_row(warm: Warm, run: Path, chain: str) -> None:
    given = ("score", "--run", run, "--address", RECEIVER.upper().replace("0X", "0x"), "--source", chain)
    done = warm(*given, "--blocks", "2:4").succeeded()
    assert "2 transactions and 0 token transfers in the blocks 2 to 3 of chain" in done.out
    warm(*given, "--blocks", f"2:{PAYMENTS + 2}").refused(2, f"ends beyond {PAYMENTS + 1}")


def test_address_without_a_transaction_gets_an_answer_and_no_probability(warm: Warm, run: Path, chain: str) -> None:
    for more in (("--source", chain), ()):
        done = warm("score", "--run", run, "--address", STRANGER, *more).succeeded()
        assert "has no transaction and no token transfer in the blocks 0 to" in done.out
        assert "probability" not in done.out


def test_verdict_on_an_address_is_by_the_threshold_that_is_wished(warm: Warm, run: Path) -> None:
    address = (SAMPLE / "labels.csv").read_text().split()[5].split(",")[0]
    given = ("score", "--run", run, "--address", address, "--reasons", 0)
    done = warm(*given, "--false-positive-rate", "0.5").succeeded()
    assert re.search(r"^  verdict +[01], by a threshold chosen on \d+ test rows$", done.out, re.MULTILINE)
    assert "reasons" not in done.out
    warm(*given, "--precision", "0.5", "--false-positive-rate", "0.1").refused(2, "give one")
    warm(*given, "--precision", "high").refused(2, "--precision", "'high'")
    warm(*given, "--precision", "1.01").refused(2, "--precision", "from 0 to 1,")
    # All that is called is to be right: a wish like any other, and 1 of the innocent called is no wish at all.
    sure = warm(*given, "--precision", "1")
    assert sure.code == 0 or "--precision 1.0000 is out of reach" in sure.err
    assert "verdict      1, by" in warm(*given, "--false-positive-rate", "1").succeeded().out


def test_history_of_another_chain_than_the_model_learned_from_is_warned_of(
    warm: Warm, run: Path, chain: str, tmp_path: Path
) -> None:
    chunks, other = tmp_path / "chunks", tmp_path / "run"
    with anvil(tmp_path, "--chain-id", "1") as url:
        pay(connect(url))
        taken = ("--blocks", f"0:{PAYMENTS + 1}", "--out", chunks / "one", "--unfinal")
        warm("ingest", "--chain", "ethereum", "--source", url, *taken).succeeded()
    shutil.copytree(run, other)
    settings = json.loads((other / "run.json").read_text())
    (other / "run.json").write_text(json.dumps({**settings, "shards": str(chunks)}))
    given = ("score", "--run", other, "--address", SENDER.address)
    done = warm(*given).succeeded()
    assert f"{PAYMENTS} transactions and 0 token transfers in the blocks 0 to {PAYMENTS} of chain 1, from" in done.out
    assert "warning" not in done.out
    warned = warm(*given, "--source", chain).succeeded()
    assert "warning: the model has learned from chain 1, and this history is of chain 31337" in warned.out
    shutil.rmtree(chunks)
    warm(*given).refused(2, f"no longer in {chunks}", "--source")


def test_model_of_a_table_scores_no_address(warm: Warm, finished: Path) -> None:
    done = warm("score", "--run", finished, "--address", STRANGER)
    done.refused(2, "--address goes with a model of raw transactions", "columns of a table", "--data and --out")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), ["nothing to score", "--data and --out", "--address"]),
        (("--address", STRANGER, "--data", "x.csv"), ["exclude each other"]),
        (("--data", "x.csv"), ["--data needs --out"]),
        (("--data", "x.csv", "--out", "y.csv", "--source", "z"), ["--source goes with --address"]),
        (("--data", "x.csv", "--out", "y.csv", "--blocks", "0:1"), ["--blocks goes with --address"]),
        (("--address", STRANGER, "--out", "y.csv"), ["--out goes with --data"]),
        (("--address", STRANGER, "--id", "a"), ["--id goes with --data"]),
        (("--address", STRANGER, "--missing", "0"), ["--missing goes with --data"]),
        (("--address", "0x12"), ["'0x12' is none", "40 hexadecimal digits"]),
        (("--address", "vitalik.eth"), ["'vitalik.eth' is none"]),
        (("--address", "0x" + "g" * 40), ["is none"]),
        (("--address", SENDER.address.swapcase().replace("0X", "0x")), ["wrong checksum", "mistyped"]),
        (("--address", STRANGER, "--blocks", "5"), ["--blocks '5' is not A:B"]),
        (("--address", STRANGER, "--blocks", "99999999:999999999"), ["none of 99999999:999999999"]),
        (("--address", STRANGER, "--source", "/nowhere"), ["'/nowhere' is neither a folder nor a URL"]),
        (("--address", STRANGER, "--source", "/"), ["/ holds neither"]),
        (("--address", STRANGER, "--source", ""), ["'' is neither a folder nor a URL"]),
        (("--address", STRANGER, "--source", "user:s3cret@node.example/k3y"), ["'…@node.example' is neither"]),
        (("--address", STRANGER, "--source", "https:/node.example/k3y"), ["'https:/node.example…' is neither"]),
        (("--address", STRANGER, "--source", "ftp://host"), ["is no http(s) URL"]),
    ],
)
def test_score_with_what_does_not_fit_is_refused(
    warm: Warm, run: Path, options: tuple[str, ...], words: list[str]
) -> None:
    done = warm("score", "--run", run, *options)
    done.refused(2, *words)
    assert not {"s3cret", "k3y"} & set(re.split(r"\W", done.out + done.err))


def test_score_interrupted_while_a_node_is_silent_ends_at_once(warm: Warm, run: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as node:
        url = f"http://127.0.0.1:{node.getsockname()[1]}"
        with warm.start("score", "--run", run, "--address", STRANGER, "--source", url) as running:
            connection, _ = node.accept()
            asked = b""
            while b"eth_chainId" not in asked:
                asked += connection.recv(1 << 16)
            os.kill(running.pid, signal.SIGINT)
            running.done().refused(130, "interrupted")
            connection.close()
