"""`anomalyhive monitor` as a user starts it: on a live chain, by a run and by a hive, killed, stopped, refused."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_utils.address import to_checksum_address
from tests.unit.monitor.webhooks.receiver import answers, receiving

from anomalyhive.audit import opened_chain
from anomalyhive.chain.rpc import connect, request
from anomalyhive.cli import run as command
from anomalyhive.federation.progress import Progress
from anomalyhive.monitor.alertlog import verify_log
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.schema import FILE
from anomalyhive.monitor.webhooks import verify

from .chains import anvil, blocks
from .command import Done, Warm
from .test_shards import SAMPLE, on_chunks

WHO = [Account.from_key("0x" + digit * 64) for digit in "4567"]
PAYMENTS = 12
QUIET = 12
"""Empty blocks after each payment."""


@pytest.fixture(scope="module")
def run(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the sample of raw transactions."""
    folder = tmp_path_factory.mktemp("monitored") / "run"
    warm(*on_chunks(SAMPLE, folder)).succeeded()
    return folder


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a chain that calls itself Ethereum, with payments between four accounts and many empty blocks."""
    with anvil(tmp_path_factory.mktemp("chain"), "--chain-id", "1") as url:
        web3 = connect(url)
        for one in WHO:
            request(web3, "anvil_setBalance", [one.address, hex(10**21)])
        nonces = [0] * len(WHO)
        for number in range(PAYMENTS):
            sender, receiver = number % 3, (number * 2 + 1) % 4
            made = {"chainId": 1, "nonce": nonces[sender], "gas": 21_000, "gasPrice": 2 * 10**9}
            signed = WHO[sender].sign_transaction(
                {**made, "to": WHO[receiver].address, "value": 10 ** (14 + number % 5)}
            )
            web3.eth.wait_for_transaction_receipt(
                web3.eth.send_raw_transaction(signed.raw_transaction), poll_latency=0.01
            )
            nonces[sender] += 1
            request(web3, "anvil_mine", [hex(QUIET), hex(60)])
        yield url


def said(*arguments: object) -> Done:
    """What a command comes to that runs in this process, where all that it imports is there already."""
    streams = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        code = command([str(one) for one in arguments])
    return Done(code, *(one.getvalue() for one in streams))


def lines(done: Done) -> list[dict[str, Any]]:
    """The lines of JSON on standard output."""
    return [json.loads(line) for line in done.out.splitlines()]


def book(folder: Path) -> list[list[tuple[Any, ...]]]:
    """What a watch holds of the chain, whatever its way there."""
    database = sqlite3.connect(folder / FILE)
    found = [
        sorted(database.execute(f"SELECT * FROM {table}").fetchall(), key=repr)  # noqa: S608
        for table in ("blocks", "alerts", "accounts", "scores")
    ]
    database.close()
    return found


def test_alerts_say_what_score_says_of_the_address_at_that_block(run: Path, chain: str, tmp_path: Path) -> None:
    last = blocks(chain)
    given = ("--source", chain, "--run", run, "--from", 0, "--until", last, "--threshold", 1)
    done = said("monitor", *given, "--watch", tmp_path, "--json").succeeded()
    alerts = [one for one in lines(done) if one["event"] == "alert"]
    assert {one["address"] for one in alerts} == {one.address.lower() for one in WHO}
    for one in alerts:
        scored = said(
            *("score", "--run", run, "--address", one["address"], "--source", chain),
            *("--blocks", f"0:{one['block_number'] + 1}", "--reasons", 6),
        ).succeeded()
        (probability,) = re.findall(r"^  probability +(\d\.\d{4}) ", scored.out, re.MULTILINE)
        assert one["probability_bp"] <= round(float(probability) * 10_000) <= one["probability_bp"] + 1
        assert all(reason in scored.out for reason in one["reasons"])
        assert len(one["reasons"]) == scored.out.count("% of accounts (")
    with WatchReader(tmp_path) as reader:
        assert len(reader.blocks(0)) == last + 1
        for who in WHO:
            latest = reader.latest(who.address.lower())
            scored = said("score", "--run", run, "--address", who.address, "--source", chain).succeeded()
            (probability,) = re.findall(r"^  probability +(\d\.\d{4}) ", scored.out, re.MULTILINE)
            assert latest is not None
            assert latest.probability_bp <= round(float(probability) * 10_000) <= latest.probability_bp + 1


def test_alert_is_a_line_for_people_and_another_run_goes_on(run: Path, chain: str, tmp_path: Path) -> None:
    given = ("monitor", "--source", chain, "--run", run, "--watch", tmp_path, "--threshold", 1)
    assert "· 1 block up to 0 followed, 0 alerts" in said(*given, "--from", 0, "--until", 0).succeeded().out
    done = said(*given, "--until", 30).succeeded()
    assert re.search(r"^alert 0x[0-9a-fA-F]{40}  \d+\.\d\d %, block 1  \w+: ", done.out, re.MULTILINE)
    assert to_checksum_address(WHO[0].address) in done.out
    assert "30 blocks up to 30 followed" in done.out
    done = said(*given, "--until", 60).succeeded()
    assert "from block 31" in done.out
    assert "30 blocks up to 60 followed" in done.out
    assert "0 blocks up to 60 followed" in said(*given, "--until", 50).succeeded().out


def test_alerts_go_to_the_log_and_signed_to_webhooks_each_once_over_two_runs(
    run: Path, chain: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = bytes(range(32))
    monkeypatch.setenv("ANOMALYHIVE_WEBHOOK_SECRET_OPS", "whsec_" + base64.b64encode(secret).decode())
    with receiving(answers(503)) as receiver:
        given = ("monitor", "--source", chain, "--run", run, "--watch", tmp_path, "--threshold", 1, "--json")
        webhook = ("--webhook", f"ops={receiver.url}")
        first = lines(said(*given, "--from", 0, "--until", 30, *webhook).succeeded())
        second = lines(said(*given, "--until", 60, *webhook).succeeded())
        told = [one for one in (*first, *second) if one["event"] in ("alert", "withdrawal")]
        assert len(told) > 2
        sent = receiver.received[1:]
    assert [{"event": one.said["type"], **one.said["data"]} for one in sent] == told
    assert all(verify(secret, one.headers, one.body, time.time()) == one.id for one in sent)
    entries = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    assert [{"event": one["kind"], **one["said"]} for one in entries] == told
    assert verify_log(tmp_path / "alerts.jsonl").lines == len(told)
    assert any("trying again" in one["words"] for one in first if one["event"] == "problem")


@pytest.mark.parametrize(
    ("webhook", "words"),
    [
        ("https://example.org/hush", ["NAME=URL"]),
        ("ops=ftp://example.org/hush", ["webhook ops", "http(s) URL"]),
        ("Ops=https://example.org/hush", ["'Ops'", "a-z"]),
        ("ops=https://example.org/hush", ["ANOMALYHIVE_WEBHOOK_SECRET", "openssl rand"]),
    ],
)
def test_webhook_that_cannot_be_is_refused_without_its_url(
    run: Path, tmp_path: Path, webhook: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANOMALYHIVE_WEBHOOK_SECRET", raising=False)
    given = ("monitor", "--source", "http://127.0.0.1:9", "--run", run, "--watch", tmp_path / "watch")
    done = said(*given, "--webhook", webhook)
    done.refused(2, *words)
    assert "hush" not in done.out + done.err
    assert not (tmp_path / "watch").exists()


def test_watch_killed_at_any_moment_ends_with_the_book_of_one_in_peace(
    warm: Warm, run: Path, chain: str, tmp_path: Path
) -> None:
    given = ("monitor", "--source", chain, "--run", run, "--threshold", 1, "--until", blocks(chain), "--from", 0)
    for goal in (20, 70, 120):
        with warm.start(*given, "--watch", tmp_path / "killed") as running:
            running.until(lambda goal=goal: head(tmp_path / "killed") >= goal)
            running.kill()
    said(*given, "--watch", tmp_path / "killed").succeeded()
    said(*given, "--watch", tmp_path / "peace").succeeded()
    assert book(tmp_path / "killed") == book(tmp_path / "peace")


def head(folder: Path) -> int:
    """The last block in a book, -1 where there is none yet."""
    try:
        with WatchReader(folder) as reader:
            row = reader.head()
            return -1 if row is None else row.number
    except Exception:  # noqa: BLE001 - the file is being made
        return -1


def test_interrupt_ends_the_watch_with_the_book_whole(warm: Warm, run: Path, chain: str, tmp_path: Path) -> None:
    with warm.start("monitor", "--source", chain, "--run", run, "--watch", tmp_path, "--from", 0) as running:
        running.until(lambda: head(tmp_path) == blocks(chain))
        os.kill(running.pid, signal.SIGINT)
        done = running.done()
    assert (done.code, "goes on where it stopped" in done.err) == (130, True)
    with WatchReader(tmp_path) as reader:
        assert len(reader.blocks(0)) == blocks(chain) + 1


def test_model_of_a_live_hive_judges_as_that_of_its_run(run: Path, chain: str, tmp_path: Path) -> None:
    given = ("monitor", "--source", chain, "--threshold", 1, "--until", 50, "--from", 0)
    with opened_chain(run) as web3:
        hive = ("--rpc", web3.provider.endpoint_uri, "--deployment", run / "chain" / "deployment.json")  # type: ignore[attr-defined]
        said(*given, *hive, "--store", f"directory:{run / 'store'}", "--watch", tmp_path / "hive").succeeded()
    said(*given, "--run", run, "--watch", tmp_path / "run").succeeded()
    assert book(tmp_path / "hive") == book(tmp_path / "run")


def test_threshold_by_precision_is_that_of_score(run: Path, chain: str, tmp_path: Path) -> None:
    given = ("monitor", "--source", chain, "--run", run, "--watch", tmp_path, "--from", 0, "--until", 5)
    said(*given, "--false-positive-rate", "0.2").succeeded()
    with WatchReader(tmp_path) as reader:
        assert 0 < (reader.about().threshold_bp or 0) < 10_000
    said(*given, "--precision", "0.2", "--false-positive-rate", "0.2").refused(2, "give one")


def test_watch_follows_a_run_to_its_next_model(warm: Warm, run: Path, chain: str, tmp_path: Path) -> None:
    early = tmp_path / "run"
    shutil.copytree(run, early)
    progress = Progress.read(early / "progress.json")
    whole = progress.as_json()
    (early / "progress.json").write_text(json.dumps({**whole, "rounds": whole["rounds"][:1]}))
    given = ("--source", chain, "--run", early, "--from", 0, "--threshold", 1)
    with warm.start("monitor", *given, "--watch", tmp_path / "watch", "--poll", 0.1) as running:
        running.until(lambda: head(tmp_path / "watch") == blocks(chain))
        assert models(tmp_path / "watch") == {whole["rounds"][0]["model"]}
        (early / "new.json").write_text(json.dumps(whole))
        (early / "new.json").replace(early / "progress.json")
        running.until(lambda: models(tmp_path / "watch") == {whole["rounds"][1]["model"]})


def models(folder: Path) -> set[str]:
    """The models of the live alerts."""
    with WatchReader(folder) as reader:
        return {one.alert.model for one in reader.alerts(state="live", limit=1000)}


def test_history_before_the_first_block_comes_from_chunks(run: Path, chain: str, tmp_path: Path) -> None:
    last = blocks(chain)
    middle = last - 64 - 20
    ingest = (
        "ingest",
        "--chain",
        "ethereum",
        "--source",
        chain,
        "--blocks",
        f"0:{middle}",
        "--out",
        tmp_path / "chunk",
    )
    said(*ingest).succeeded()
    given = ("monitor", "--source", chain, "--run", run, "--until", last)
    said(*given, "--chunks", tmp_path / "chunk", "--watch", tmp_path / "late").succeeded()
    said(*given, "--from", 0, "--watch", tmp_path / "early").succeeded()
    states = []
    for name in ("late", "early"):
        database = sqlite3.connect(tmp_path / name / FILE)
        states.append(dict(database.execute("SELECT address, state FROM accounts").fetchall()))
        database.close()
    assert states[0] == states[1]
    assert len(states[0]) == len(WHO)
    with WatchReader(tmp_path / "late") as reader:
        assert reader.about().start == middle
    refused = said(*given, "--chunks", tmp_path / "chunk", "--from", 3, "--watch", tmp_path / "no")
    refused.refused(2, "--from 3", f"before {middle}")


def test_what_cannot_be_is_refused_with_words(run: Path, chain: str, tmp_path: Path) -> None:
    watch = ("--watch", tmp_path / "watch")
    said("monitor", "--source", chain, *watch).refused(2, "--run", "--hive")
    said("monitor", "--source", chain, *watch, "--run", run, "--rpc", chain).refused(
        2, f"--run {run} and --rpc", "leave one"
    )
    said("monitor", "--source", tmp_path, *watch, "--run", run).refused(2, "--source", "no URL")
    said("monitor", "--source", chain, *watch, "--run", tmp_path).refused(2, "not the folder of a run")
    said("monitor", "--source", chain, *watch, "--run", run, "--threshold", 0).refused(2, "--threshold 0")
    said("monitor", "--source", chain, *watch, "--run", run, "--chain", "monero").refused(2, "monero")
    said("monitor", "--source", chain, *watch, "--run", run, "--chain", "polygon").refused(2, "chain id 1", "137")
    said("monitor", "--source", chain, *watch, "--run", run, "--chunks", SAMPLE, "--from", 1).refused(2, "--from 1")
    # Before anything is asked of the chain, and before there is a folder.
    other = ("--watch", tmp_path / "other", "--run", run)
    said("monitor", "--source", chain, *other, "--chain", "bitcoin").refused(2, "--chain bitcoin", "no accounts")
    said("monitor", "--source", chain, *other, "--from", 5, "--until", 3).refused(2, "--until 3", "--from 5")
    for option in ("--from", "--until", "--for", "--keep-blocks"):
        said("monitor", "--source", chain, *other, option, 1 << 64).refused(2, option, "less than or equal to")
    assert not (tmp_path / "other").exists()
    hive = ("--rpc", chain, "--hive", "0x" + "11" * 20)
    store = ("--store", f"directory:{run / 'store'}")
    said("monitor", "--source", chain, *watch, *hive, *store).refused(1, "no Hive")
    gone = ("--store", f"directory:{tmp_path / 'gone'}")
    said("monitor", "--source", chain, *watch, *hive, *gone).refused(2, "--store", "there is no store of blocks at")
    assert not (tmp_path / "watch" / FILE).exists() or head(tmp_path / "watch") == -1
