"""A chain mined on Anvil, its node's answers kept, and a server that replays them faster than any client reads.

Not Anvil itself is served from: it makes the JSON of every answer anew, so that a client would wait for it. The answers
are Anvil's, made once; the server (a process of its own) only puts them together.

    python scripts/replay.py RECORDING [REPEAT]

serves a recording, its blocks REPEAT times (scripts/repeated.py), and prints the URL; it ends with its standard input.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from web3 import Web3

from anomalyhive.chain.artifacts import artifact
from anomalyhive.chain.localchain import choose_port, find_executable
from anomalyhive.ingestion.transport import JsonRpc
from anomalyhive.ingestion.transport.jsonrpc import Call
from repeated import places

CHAIN_ID = 1
"""Of Ethereum: no client needs to be told of a chain of our own."""

TOKENS = 10**30
"""What a sender has of its token, in its smallest unit."""

TRANSFER = "a9059cbb"
"""Selector of `transfer(address,uint256)`."""

GAS, CREATION_GAS, GAS_LIMIT = 90_000, 5_000_000, 10**9
"""Of a transaction, of one that makes a token, and of a block."""

SENDERS = 10
"""Accounts that Anvil signs for."""


@contextmanager
def anvil(folder: Path) -> Iterator[JsonRpc]:
    """A chain of Ethereum's id whose blocks are mined when asked for."""
    port = choose_port(None)
    command = [*find_executable("anvil"), "--port", str(port), "--chain-id", str(CHAIN_ID), "--no-mining"]
    command += ["--gas-limit", str(GAS_LIMIT), "--timestamp", "1700000000", "--accounts", str(SENDERS)]
    with (folder / "anvil.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        client = JsonRpc([f"http://127.0.0.1:{port}"], batch=1000)
        with client:
            yield client
    finally:
        process.terminate()
        process.wait()


def record(path: Path, blocks: int, transactions: int) -> None:
    """Mine so many blocks of so many transactions, every second one a transfer of HiveToken; keep the answers."""
    with tempfile.TemporaryDirectory() as folder, anvil(Path(folder)) as client:
        senders = [Web3.to_checksum_address(one) for one in client.call("eth_accounts")]
        found = artifact("HiveToken")
        contract = Web3().eth.contract(abi=found["abi"], bytecode=found["bytecode"])
        sent = []
        for sender in senders:  # each makes a token of its own, so that there are several in a block
            data = contract.constructor(sender, TOKENS).data_in_transaction
            sent.append(("eth_sendTransaction", [{"from": sender, "data": data, "gas": hex(CREATION_GAS)}]))
        hashes = client.batch(sent)
        client.call("evm_mine")
        tokens = [one["contractAddress"] for one in client.batch([("eth_getTransactionReceipt", [h]) for h in hashes])]
        with gzip.open(path, "wt", compresslevel=1) as stream:
            nonces = [1] * len(senders)
            for number in range(blocks):
                if number > 1:
                    client.batch(_transfers(senders, tokens, nonces, number, transactions))
                    client.call("evm_mine")
                block = client.call("eth_getBlockByNumber", [hex(number), True])
                receipts = client.call("eth_getBlockReceipts", [hex(number)])
                assert number < 2 or len(receipts) == transactions
                stream.write(json.dumps([block, receipts], separators=(",", ":")) + "\n")


def _transfers(senders: Sequence[str], tokens: Sequence[str], nonces: list[int], number: int, count: int) -> list[Call]:
    """The transactions of a block, to addresses of which a quarter are new; Anvil works on a batch in any order."""
    calls: list[Call] = []
    for place in range(count):
        receiver = Web3.keccak(text=f"{(number + place) // 4} {place}")[-20:].hex()
        at = place // 2 % len(senders)
        sent = {"from": senders[at], "gas": hex(GAS), "nonce": hex(nonces[at])}
        nonces[at] += 1
        if place % 2:
            data = f"0x{TRANSFER}{receiver:0>64}{10**18 + number * place:064x}"
            sent |= {"to": tokens[at], "data": data}
        else:
            sent |= {"to": f"0x{receiver}", "value": hex(10**12 + place)}
        calls.append(("eth_sendTransaction", [sent]))
    return calls


class Answers:
    """The answers of a recording as bytes, by what is asked; its blocks so many times."""

    def __init__(self, path: Path, repeat: int = 1) -> None:
        self.blocks: list[bytes] = []
        self.bare: list[bytes] = []
        self.receipts: list[bytes] = []
        self.receipt: dict[str, bytes] = {}
        self.logs: list[list[tuple[list[str], bytes]]] = []
        self._counts: list[int] = []
        headers = []
        with gzip.open(path, "rt") as stream:
            for line in stream:
                block, receipts = json.loads(line)
                self._add(block, receipts)
                headers.append({name: value for name, value in block.items() if name != "transactions"})
        self.places = list(places(headers, repeat))
        self.transactions = sum(self._counts[place.recorded] for place in self.places)

    def _add(self, block: Any, receipts: Any) -> None:
        self.blocks.append(_packed(block))
        hashes = [one["hash"] for one in block["transactions"]]
        self.bare.append(_packed({**block, "transactions": hashes}))
        for receipt in receipts:
            self.receipt[receipt["transactionHash"]] = _packed(receipt)
        # A recording may be without receipts.
        self.receipts.append(b"[" + b",".join(self.receipt[one] for one in hashes if one in self.receipt) + b"]")
        self.logs.append([(log["topics"], _packed(log)) for receipt in receipts for log in receipt["logs"]])
        self._counts.append(len(hashes))

    def result(self, method: str, params: Any) -> bytes:
        """What a call gives."""
        if method == "eth_getBlockByNumber":
            number = len(self.places) - 1 if params[0] == "latest" else int(params[0], 16)
            return self._of(number, self.blocks if params[1] else self.bare)
        if method == "eth_getBlockReceipts":
            return self._of(int(params[0], 16), self.receipts)
        if method == "eth_getTransactionReceipt":
            return self.receipt[params[0]]
        if method == "eth_getLogs":
            return self._logs(**params[0])
        return {"eth_blockNumber": b'"%s"' % hex(len(self.places) - 1).encode(), "net_version": b'"%d"' % CHAIN_ID}.get(
            method, b'"%s"' % hex(CHAIN_ID).encode()
        )

    def _of(self, number: int, texts: Sequence[bytes]) -> bytes:
        """What these texts have of a block."""
        if number >= len(self.places):
            return b"null"
        place = self.places[number]
        return place.rewritten(texts[place.recorded])

    def _logs(self, fromBlock: str, toBlock: str, topics: Sequence[Any] = (), **_: Any) -> bytes:
        """Logs of a range, by their first topics."""
        wanted = [{one} if isinstance(one, str) else set(one) if one else None for one in topics]
        found = []
        for number in range(int(fromBlock, 16), int(toBlock, 16) + 1):
            place = self.places[number]
            for given, text in self.logs[place.recorded]:
                pairs = zip(wanted, given, strict=False)
                if len(given) >= len(wanted) and all(some is None or one in some for some, one in pairs):
                    found.append(place.rewritten(text))
        return b"[" + b",".join(found) + b"]"

    def answer(self, body: bytes) -> bytes:
        """The body that answers a body."""
        asked = json.loads(body)
        if isinstance(asked, dict):
            return self._one(asked)
        return b"[" + b",".join([self._one(call) for call in asked]) + b"]"

    def _one(self, call: Any) -> bytes:
        result = self.result(call["method"], call.get("params", []))
        return b'{"jsonrpc":"2.0","id":%s,"result":%s}' % (json.dumps(call["id"]).encode(), result)


def _packed(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class Connection(asyncio.Protocol):
    """HTTP as these clients speak it: requests with a length, one after the other on a connection."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            at = self._held[:end].lower().find(b"content-length:")
            length = int(self._held[at + 15 : end].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._held) < end + 4 + length:
                return
            body = self._answer(self._held[end + 4 : end + 4 + length])
            self._held = self._held[end + 4 + length :]
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            self._transport.write(head % len(body))
            self._transport.write(body)


async def serve(answers: Answers) -> None:
    """Serve on a free port of the loopback interface until standard input ends."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(lambda: Connection(answers.answer), "127.0.0.1", 0)
    print(
        f"http://127.0.0.1:{server.sockets[0].getsockname()[1]} {len(answers.places)} {answers.transactions}",
        flush=True,
    )

    def watch() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=watch, daemon=True).start()
    await ended.wait()
    server.close()


@contextmanager
def served(path: Path, repeat: int = 1) -> Iterator[tuple[str, int, int]]:
    """A server of a recording in a process of its own: its URL, how many blocks and how many transactions it has."""
    command = [sys.executable, __file__, str(path), str(repeat)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, blocks, count = process.stdout.readline().split()
        yield url, int(blocks), int(count)
        assert process.stdin is not None
        process.stdin.close()


if __name__ == "__main__":
    asyncio.run(serve(Answers(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)))
