"""The contracts behind Anvil's JSON-RPC: a transaction in two milliseconds, where Brownie takes fifty.

A transaction is one request that returns its receipt (`eth_sendTransactionSync`), in a block of a given time. What must
be refused is called instead of sent, at that time too: a refused transaction changes nothing.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

import requests
from eth_abi.abi import decode, encode
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic, function_abi_to_4byte_selector
from eth_utils.address import to_checksum_address
from reference.part import Event

GAS = 15_000_000
PANIC = bytes.fromhex("4e487b71")


class Failed(NamedTuple):
    """The error of a call that reverted."""

    error: str
    values: tuple[Any, ...]


class View(NamedTuple):
    """A question to a contract and what it must answer."""

    contract: str
    function: str
    arguments: tuple[Any, ...]
    answer: tuple[Any, ...]


class Contract:
    """How a contract is spoken to."""

    def __init__(self, address: str, abi: Sequence[Mapping[str, Any]]) -> None:
        self.address = address
        of = {kind: [one for one in abi if one["type"] == kind] for kind in ("function", "error", "event")}
        self.functions = {one["name"]: one for one in of["function"]}
        self.selectors = {name: function_abi_to_4byte_selector(one) for name, one in self.functions.items()}
        self.types = {name: _types(one["inputs"]) for name, one in self.functions.items()}
        if "tally" in self.types:
            # Wider than declared: a row whose fields are too wide must be refused, not cut.
            self.types["tally"][2] = "(uint256,uint256,bytes32,(bytes32,bytes32,bytes32))[]"
        self.errors = {function_abi_to_4byte_selector(one): (one["name"], _types(one["inputs"])) for one in of["error"]}
        self.events = {event_abi_to_log_topic(one): one for one in of["event"]}

    def data(self, function: str, arguments: Sequence[Any]) -> str:
        """Calldata."""
        return "0x" + (self.selectors[function] + encode(self.types[function], arguments)).hex()

    def answer(self, function: str, data: bytes) -> tuple[Any, ...]:
        """What a view returns."""
        return plain(decode(_types(self.functions[function]["outputs"]), data))

    def event(self, topics: Sequence[bytes], data: bytes) -> tuple[str, tuple[Any, ...]]:
        """Name and values of a log, in the order of the ABI."""
        inputs = self.events[topics[0]]["inputs"]
        indexed = [one for one in inputs if one["indexed"]]
        rest = iter(decode(_types([one for one in inputs if not one["indexed"]]), data))
        named = {one["name"]: decode([one["type"]], topic)[0] for one, topic in zip(indexed, topics[1:], strict=True)}
        values = [named[one["name"]] if one["indexed"] else next(rest) for one in inputs]
        return self.events[topics[0]]["name"], plain(values)


class Chain:
    """Anvil with a hive on it. ``contracts`` has "hive", "registry" and "token"."""

    def __init__(self, url: str, contracts: Mapping[str, Contract]) -> None:
        self.session, self.url, self.contracts = requests.Session(), url, contracts
        # The chain is on this machine: no proxy to look for at each request.
        self.session.trust_env = False
        self.home = {name: of for of, one in contracts.items() for name in one.functions}
        """Function -> contract: the names of what changes something are all different."""
        self.emitters = {one.address: name for name, one in contracts.items()}
        self.errors = {selector: error for one in contracts.values() for selector, error in one.errors.items()}
        self.logs: list[tuple[int, list[Event]]] = []
        """Time and logs of every transaction that logged anything."""

    def read_past(self) -> None:
        """The logs of what happened before this object was there."""
        found = self.request("eth_getLogs", {"fromBlock": "0x0", "address": list(self.emitters)})
        self.logs = [(int(log["blockTimestamp"], 16), [self._event(log)]) for log in found]

    def copy(self) -> Chain:
        """The same chain with a record of logs of its own."""
        other = copy(self)
        other.logs = list(self.logs)
        return other

    # JSON-RPC

    def request(self, method: str, *parameters: Any) -> Any:
        """One request; an error of the chain's own is no answer."""
        answer = self._post({"jsonrpc": "2.0", "id": 0, "method": method, "params": parameters})
        if "error" in answer:
            raise ValueError(f"{method} failed: {answer['error']}")
        return answer["result"]

    def _post(self, body: Any) -> Any:
        return self.session.post(self.url, json=body, timeout=60).json()

    # Calls that change something

    def send(self, sender: str, time: int, function: str, arguments: Sequence[Any]) -> list[Event] | Failed:
        """A transaction in a block of its own at this time: what it logged, or why it failed."""
        self.request("evm_setNextBlockTimestamp", time)
        receipt = self.request("eth_sendTransactionSync", self._transaction(sender, function, arguments))
        if receipt["status"] != "0x1":
            return self.attempt(sender, time, function, arguments) or Failed("out of gas, or another time", ())
        events = [self._event(log) for log in receipt["logs"]]
        self.logs.append((time, events))
        return events

    def attempt(self, sender: str, time: int, function: str, arguments: Sequence[Any]) -> Failed | None:
        """Why the same would fail at this time, if it would."""
        transaction = self._transaction(sender, function, arguments)
        parameters = [transaction, "latest", {}, {"time": hex(time)}]
        answer = self._post({"jsonrpc": "2.0", "id": 0, "method": "eth_call", "params": parameters})
        if "error" not in answer:
            return None
        return self._failed(bytes.fromhex(answer["error"].get("data", "0x")[2:]))

    def _transaction(self, sender: str, function: str, arguments: Sequence[Any]) -> dict[str, str]:
        contract = self.contracts[self.home[function]]
        data = contract.data(function, arguments)
        return {"from": sender, "to": contract.address, "data": data, "gas": hex(GAS), "gasPrice": "0x0"}

    def _event(self, log: Mapping[str, Any]) -> Event:
        emitter = self.emitters[to_checksum_address(log["address"])]
        topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
        return Event(emitter, *self.contracts[emitter].event(topics, bytes.fromhex(log["data"][2:])))

    def _failed(self, data: bytes) -> Failed:
        if data[:4] == PANIC:
            return Failed("Panic", plain(decode(["uint256"], data[4:])))
        name, types = self.errors.get(data[:4], (f"0x{data.hex()}", []))
        return Failed(name, plain(decode(types, data[4:])) if types else ())

    # Looking

    def differences(self, views: Iterable[View]) -> list[str]:
        """Which views do not answer what they must, as of the latest block."""
        asked = list(views)
        bodies = [
            {"jsonrpc": "2.0", "id": i, "method": "eth_call", "params": [self._question(view), "latest"]}
            for i, view in enumerate(asked)
        ]
        answers = {one["id"]: one["result"] for one in self._post(bodies)} if bodies else {}
        found = []
        for i, view in enumerate(asked):
            answer = self.contracts[view.contract].answer(view.function, bytes.fromhex(answers[i][2:]))
            if answer != view.answer:
                found.append(f"{view.function}{view.arguments} is {answer}, not {view.answer}")
        return found

    def _question(self, view: View) -> dict[str, str]:
        contract = self.contracts[view.contract]
        return {"to": contract.address, "data": contract.data(view.function, view.arguments)}

    def storage(self, contract: str) -> dict[int, int]:
        """Every slot of a contract's storage that is not 0."""
        dumped = json.loads(gzip.decompress(bytes.fromhex(self.request("anvil_dumpState")[2:])))
        slots = dumped["accounts"][self.contracts[contract].address.lower()]["storage"]
        return {int(slot, 16): int(value, 16) for slot, value in slots.items() if int(value, 16)}

    # Time

    def reach(self, time: int) -> None:
        """An empty block at this time."""
        self.request("evm_setNextBlockTimestamp", time)
        self.request("evm_mine")

    def block(self) -> Mapping[str, Any]:
        """The latest one."""
        found: Mapping[str, Any] = self.request("eth_getBlockByNumber", "latest", False)
        return found


def plain(value: Any) -> Any:
    """Sequences as tuples, addresses with their checksum: what the model compares with."""
    if isinstance(value, (list, tuple)):
        return tuple(plain(one) for one in value)
    return to_checksum_address(value) if isinstance(value, str) and len(value) == 42 else value


def _types(inputs: Sequence[Mapping[str, Any]]) -> list[str]:
    return [collapse_if_tuple(dict(one)) for one in inputs]
