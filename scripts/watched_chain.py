"""A chain with people who pay each other and a few who collect from many, watched by `anomalyhive monitor`.

For pictures of a watch: what is paid is made up, and what the model says of it is not.
"""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from web3 import Web3

from anomalyhive.chain.localchain import choose_port, find_executable
from anomalyhive.chain.rpc import connect, request
from anomalyhive.errors import ChainFailure
from anomalyhive.monitor.reading import WatchReader

BLOCKS, SECONDS = 240, 12
"""Blocks that are made, and the time between two."""

PEOPLE, COLLECTORS = 16, 4
"""Accounts, and those of them that collect."""

ETHER = 10**18


@contextlib.contextmanager
def watched(run: Path, folder: Path, threshold: int) -> Iterator[None]:
    """A watch in ``folder`` by the model of a run, up to the last block of such a chain, until the end of the block."""
    with _anvil(folder.parent) as (url, web3):
        _live(web3, random.Random(7))  # noqa: S311 - the same picture each time
        options = ["monitor", "--source", url, "--run", run, "--watch", folder, "--from", 1, "--threshold", threshold]
        with subprocess.Popen(
            [sys.executable, "-c", "from anomalyhive.cli import main; main()", *map(str, options)],
            stdout=subprocess.DEVNULL,
        ) as process:
            try:
                while _followed(folder) < BLOCKS:
                    if process.poll() is not None:
                        raise SystemExit("error: the watch ended before the chain did")
                    time.sleep(0.5)
                yield
            finally:
                process.terminate()


@contextlib.contextmanager
def _anvil(folder: Path) -> Iterator[tuple[str, Web3]]:
    """The URL of a chain of Ethereum's id whose blocks are made when asked for; the last of them is of now."""
    port = choose_port(None)
    command = [
        *find_executable("anvil"),
        "--port",
        str(port),
        "--chain-id",
        "1",
        "--no-mining",
        "--accounts",
        str(PEOPLE),
    ]
    command += ["--timestamp", str(int(time.time()) - BLOCKS * SECONDS), "--silent"]
    with (folder / "anvil.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            yield url, _answering(url, process)
        finally:
            process.kill()


def _answering(url: str, process: subprocess.Popen[bytes]) -> Web3:
    while True:
        try:
            return connect(url)
        except ChainFailure:
            if process.poll() is not None:
                raise
            time.sleep(0.05)


def _live(web3: Web3, chance: random.Random) -> None:
    """Let people pay each other, in bursts, and the collectors come one after another."""
    people = web3.eth.accounts
    collectors, others = people[:COLLECTORS], people[COLLECTORS:]
    share = BLOCKS // (COLLECTORS + 1)
    for number in range(BLOCKS):
        for _ in range(chance.choice((0, 0, 1, 2, 3))):
            payer, payee = chance.sample(others, 2)
            _pay(web3, payer, payee, chance.randint(1, 400) * ETHER // 1000)
        # The first stretch is the people's alone; in each of the others one collector comes, is paid by many, and goes.
        turn, place = divmod(number, share)
        if turn and place in range(share // 2, share // 2 + 8):
            collector = collectors[min(turn, COLLECTORS) - 1]
            _pay(web3, chance.choice(others), collector, chance.randint(5, 20) * ETHER // 10)
            if place % 4 == 3:
                _pay(web3, collector, chance.choice(others), 3 * ETHER)
        request(web3, "evm_increaseTime", [SECONDS - 1])
        request(web3, "evm_mine", [])


def _pay(web3: Web3, payer: str, payee: str, wei: int) -> None:
    """An ordinary payment, by a key that the chain's node holds."""
    request(web3, "eth_sendTransaction", [{"from": payer, "to": payee, "value": hex(wei), "gas": hex(21_000)}])


def _followed(folder: Path) -> int:
    """The last block that the watch has followed, 0 before the first."""
    if not (folder / "watch.sqlite").exists():
        return 0
    with WatchReader(folder) as reader:
        head = reader.head()
    return 0 if head is None else head.number
