"""A chain's record, read through JSON-RPC: the log, and everything around it at the same block.

Requests go in batches: an audit asks thousands of small questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak
from web3 import HTTPProvider, Web3
from web3.exceptions import ContractLogicError, Web3ValueError
from web3.types import RPCEndpoint

from anomalyhive.audit.record import ChainRecord, Seat, View
from anomalyhive.chain.artifacts import artifact
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.events import Event, read_events
from anomalyhive.chain.reverts import decode_revert
from anomalyhive.chain.rpc import answering
from anomalyhive.errors import ChainFailure

BATCH = 200
"""Requests sent at once; public endpoints refuse much larger batches."""

ANSWER_ERRORS = (KeyError, TypeError, ValueError, OverflowError, DecodingError, Web3ValueError)
"""What an answer of another form than JSON-RPC's makes its reader raise."""


def read_record(web3: Web3, deployment: Deployment) -> ChainRecord:
    """Everything that a chain says of a hive up to its latest block. Raises ChainFailure."""
    with answering("eth_blockNumber"):
        chain, last = web3.eth.chain_id, web3.eth.block_number
    if chain != deployment.chain_id:
        raise ChainFailure(f"the contracts are on chain {deployment.chain_id}, and this is {chain}")
    addresses = [deployment.token, deployment.registry, deployment.hive]
    events = read_events(web3, addresses, deployment.block, last)
    return ChainRecord(
        deployment=deployment,
        events=events,
        times=_read_times(web3, events),
        salts=_read_salts(web3, deployment, events),
        code=_read_code(web3, deployment, last),
        answers=Questions(web3, deployment, last),
    )


class Questions:
    """Asks the contracts at one block; an `anomalyhive.audit.record.Answers`."""

    def __init__(self, web3: Web3, deployment: Deployment, block: int) -> None:
        self._web3 = web3
        self.block = block
        self._addresses = deployment.addresses

    def __call__(self, views: Sequence[View]) -> list[Any]:
        """The answer to each question, or the error that it met."""
        calls = [{"to": self._addresses[view.contract], "data": _calldata(view)} for view in views]
        responses = ask(self._web3, [("eth_call", [call, hex(self.block)]) for call in calls])
        return [_answer(view, response) for view, response in zip(views, responses, strict=True)]


# web3.py looks a function up among all of a contract at every call, which takes longer than the call.
@cache
def signature(contract: str, function: str) -> tuple[bytes, list[str], list[str]]:
    """Selector, types of the arguments and types of the results of a view function."""
    abi = artifact(contract)["abi"]
    entry = next(one for one in abi if one["type"] == "function" and one["name"] == function)
    inputs, outputs = ([_type(one) for one in entry[side]] for side in ("inputs", "outputs"))
    return keccak(text=f"{function}({','.join(inputs)})")[:4], inputs, outputs


def _type(parameter: dict[str, Any]) -> str:
    if not parameter["type"].startswith("tuple"):
        return str(parameter["type"])
    return f"({','.join(_type(one) for one in parameter['components'])}){parameter['type'][len('tuple') :]}"


def _calldata(view: View) -> str:
    selector, inputs, _ = signature(view.contract, view.function)
    return "0x" + (selector + encode(inputs, list(view.arguments))).hex()


def _answer(view: View, response: Any) -> Any:
    if "error" in response:
        return decode_revert(str(view), ContractLogicError(str(response["error"]), data=_revert(response["error"])))
    try:
        data = bytes.fromhex(response["result"].removeprefix("0x"))
        values = decode(signature(view.contract, view.function)[2], data)
    except (*ANSWER_ERRORS, AttributeError) as error:
        return ChainFailure(f"{view} was answered by {str(response)[:200]}: {error}")
    return values[0] if len(values) == 1 else values


def _revert(error: Any) -> str | None:
    data = error.get("data") if isinstance(error, dict) else None
    return data if isinstance(data, str) else None


def _read_times(web3: Web3, events: Sequence[Event]) -> dict[int, int]:
    """Block -> unix seconds."""
    blocks = sorted({event.block for event in events})
    answers = ask(web3, [("eth_getBlockByNumber", [hex(block), False]) for block in blocks])
    try:
        return {
            block: int(response["result"]["timestamp"], 16) for block, response in zip(blocks, answers, strict=True)
        }
    except ANSWER_ERRORS as error:
        raise ChainFailure(
            f"the chain does not give the times of its blocks: {type(error).__name__}: {error}"
        ) from error


def _read_salts(web3: Web3, deployment: Deployment, events: Sequence[Event]) -> dict[Seat, bytes]:
    """The salts of revealed verdicts, from the calls that revealed them; calls through other contracts show none."""
    hashes = list(dict.fromkeys(event.transaction for event in events if event.name == "VerdictRevealed"))
    salts: dict[Seat, bytes] = {}
    for response in ask(web3, [("eth_getTransactionByHash", [Web3.to_hex(one)]) for one in hashes]):
        try:
            called = response["result"]
            if Web3.to_checksum_address(called["to"]) == deployment.hive:
                salts.update(salt_in(bytes.fromhex(called["input"].removeprefix("0x"))))
        except (*ANSWER_ERRORS, AttributeError):
            continue  # the count of the check says how many could be read
    return salts


def salt_in(calldata: bytes) -> dict[Seat, bytes]:
    """The seat whose verdict a call of the hive reveals, and the salt; nothing where it is another call."""
    selector, inputs, _ = signature("Hive", "revealVerdict")
    if calldata[:4] != selector:
        return {}
    try:
        task, round_, seat, _, _, salt = decode(inputs, calldata[4:])
    except (DecodingError, ValueError, OverflowError):
        return {}
    return {(task, round_, seat): bytes(salt)}


def _read_code(web3: Web3, deployment: Deployment, block: int) -> dict[str, bytes]:
    addresses = deployment.addresses
    answers = ask(web3, [("eth_getCode", [address, hex(block)]) for address in addresses.values()])
    try:
        return {
            name: bytes.fromhex(response["result"].removeprefix("0x"))
            for name, response in zip(addresses, answers, strict=True)
        }
    except (*ANSWER_ERRORS, AttributeError) as error:
        raise ChainFailure(f"the chain does not give the contracts' code: {type(error).__name__}: {error}") from error


def ask(web3: Web3, requests: Sequence[tuple[str, Any]]) -> list[Any]:
    """The response to each request (method, parameters), in their order, sent in batches. Raises ChainFailure."""
    provider = cast(HTTPProvider, web3.provider)
    responses: list[Any] = []
    for first in range(0, len(requests), BATCH):
        batch = [(RPCEndpoint(method), params) for method, params in requests[first : first + BATCH]]
        with answering(batch[0][0]):
            answer = provider.make_batch_request(batch)
        if not isinstance(answer, list) or len(answer) != len(batch):
            raise ChainFailure(f"the chain refused a batch of {len(batch)} {batch[0][0]}: {str(answer)[:200]}")
        responses += answer
    return responses
