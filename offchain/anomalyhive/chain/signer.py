"""Transactions of one key: nonces, fees, gas, receipts, and a contract's refusal in words."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.exceptions import ContractLogicError, TransactionNotFound, Web3RPCError
from web3.types import TxReceipt

from anomalyhive.chain.networks import LEAST_TIP
from anomalyhive.chain.reverts import decode_revert
from anomalyhive.chain.rpc import answering
from anomalyhive.errors import BadSetting, ChainFailure, Reverted

RECEIPT_SECONDS = 180.0
"""A transaction not mined for this long has failed."""

FIRST_PAUSE, LONGEST_PAUSE = 0.002, 2.0
"""Seconds between two looks at a transaction that is on its way: each pause is twice the one before."""

TIP_SECONDS = 15.0
"""How long the tip that the chain advises is used."""

GAS_MARGIN_PERCENT = 25
"""Above the estimate: phases may end, and slots fill, between estimate and block."""


CURVE_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""Of secp256k1 (SEC 2, section 2.4.1): private keys are below it."""


class Call(Protocol):
    """What is sent: web3.py's call of a contract's function, or what is built like one."""

    @property
    def fn_name(self) -> Any:
        """The function, as the journal and complaints have it."""

    @property
    def args(self) -> Any:
        """Its arguments."""

    @property
    def address(self) -> Any:
        """The contract."""

    def estimate_gas(self, transaction: Any) -> int:
        """The gas that it takes."""

    def build_transaction(self, transaction: Any) -> Any:
        """The transaction, with what else is given."""


@dataclass(frozen=True)
class Mined:
    """A transaction that went through: function name, gas used, block number."""

    function: str
    gas: int
    block: int
    receipt: TxReceipt


def new_key() -> bytes:
    """A fresh private key, 32 bytes from the system's source of randomness."""
    return secrets.token_bytes(32)


class Signer:
    """Sends transactions for one key, one at a time.

    ``on_mined`` hears of every transaction that went through.
    """

    def __init__(self, web3: Web3, key: bytes, on_mined: Callable[[Mined], None] | None = None) -> None:
        if len(key) != 32 or not 0 < int.from_bytes(key, "big") < CURVE_ORDER:
            # The key itself is never shown.
            raise BadSetting(
                "a private key is 32 bytes, written as 64 hexadecimal digits; it lies between 0 and the curve's order"
            )
        self._account: LocalAccount = Account.from_key(key)
        self._web3 = web3
        self._on_mined = on_mined
        self._nonce: int | None = None
        self._chain_id: int | None = None
        self._tip: tuple[float, int] | None = None

    @property
    def address(self) -> str:
        """The checksum address of the key."""
        return str(self._account.address)

    @property
    def web3(self) -> Web3:
        """The connection that transactions go through."""
        return self._web3

    def transact(self, call: Call) -> Mined:
        """Send a contract call and wait until it is mined.

        Raises Reverted with the contract's custom error, or ChainFailure.
        """
        name = str(call.fn_name)
        with answering(name):
            try:
                fees = self._fees()
                # Where the call would revert, the estimate says so and no gas is spent.
                gas = call.estimate_gas({"from": self.address})
                options: Any = {
                    "from": self.address,
                    "nonce": self._next_nonce(),
                    "gas": gas + gas * GAS_MARGIN_PERCENT // 100,
                    "chainId": self._chain(),
                    **fees,
                }
                return self._send(name, dict(call.build_transaction(options)))
            except (ContractLogicError, Web3RPCError) as error:
                raise decode_revert(name, error) from error

    def transfer(self, to: str, wei: int) -> Mined:
        """Send the chain's own coin, in wei."""
        with answering(f"a transfer of {wei} wei from {self.address} to {to}"):
            transaction = {
                "from": self.address,
                "to": Web3.to_checksum_address(to),
                "value": wei,
                "nonce": self._next_nonce(),
                "gas": 21_000,
                "chainId": self._chain(),
                **self._fees(),
            }
            return self._send("transfer", transaction)

    def settle(self) -> None:
        """Wait until nothing that this key sent is on its way any more, be it sent by a process that was killed.

        Who looks at the chain before that may send the same again. Raises ChainFailure.
        """
        deadline, pause = time.monotonic() + RECEIPT_SECONDS, FIRST_PAUSE
        with answering("eth_getTransactionCount"):
            while (mined := self._count("latest")) < self._count("pending"):
                if time.monotonic() > deadline:
                    raise ChainFailure(
                        f"transaction {mined} of {self.address} is not mined after {RECEIPT_SECONDS:.0f} s: "
                        "the chain is stuck or the fee too low"
                    )
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _fees(self) -> dict[str, Any]:
        base = self._web3.eth.get_block("latest").get("baseFeePerGas")
        if base is None:
            return {"gasPrice": self._web3.eth.gas_price}
        if self._tip is None or time.monotonic() - self._tip[0] > TIP_SECONDS:
            # Some chains' nodes advise less than they take.
            least = LEAST_TIP.get(self._chain(), 0)
            self._tip = (time.monotonic(), max(self._web3.eth.max_priority_fee, least))
        tip = self._tip[1]
        # Twice the base fee lasts six full blocks in a row (EIP-1559 raises it by 1/8 at most).
        return {"maxFeePerGas": 2 * base + tip, "maxPriorityFeePerGas": tip}

    def _next_nonce(self) -> int:
        """The nonce after the last transaction that went through here, or what the chain says."""
        if self._nonce is None:
            self._nonce = self._count("pending")
        return self._nonce

    def _count(self, block: Literal["latest", "pending"]) -> int:
        return self._web3.eth.get_transaction_count(self._account.address, block)

    def _chain(self) -> int:
        """The chain id, asked for once: a signature holds for one chain."""
        if self._chain_id is None:
            self._chain_id = self._web3.eth.chain_id
        return self._chain_id

    def _send(self, name: str, transaction: dict[str, Any]) -> Mined:
        signed = self._account.sign_transaction(transaction)
        # Known again only when this one is mined: after a failure the chain is asked anew.
        nonce, self._nonce = transaction["nonce"], None
        digest = bytes(signed.hash)
        try:
            self._web3.eth.send_raw_transaction(signed.raw_transaction)
        except Web3RPCError:
            # Where the answer to the first try was lost, a second one is told that the nonce has been used: by this.
            if not self._knows(digest):
                raise
        receipt = self._wait(name, digest)
        self._nonce = nonce + 1
        mined = Mined(name, receipt["gasUsed"], receipt["blockNumber"], receipt)
        if receipt["status"] != 1:
            raise self._reason(name, transaction, receipt)
        if self._on_mined is not None:
            self._on_mined(mined)
        return mined

    def _knows(self, digest: bytes) -> bool:
        try:
            self._web3.eth.get_transaction(Web3.to_hex(digest))
        except TransactionNotFound:
            return False
        return True

    def _wait(self, name: str, digest: bytes) -> TxReceipt:
        deadline, pause = time.monotonic() + RECEIPT_SECONDS, FIRST_PAUSE
        while time.monotonic() < deadline:
            try:
                return self._web3.eth.get_transaction_receipt(Web3.to_hex(digest))
            except TransactionNotFound:
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        raise ChainFailure(
            f"{name} ({Web3.to_hex(digest)}) is not mined after {RECEIPT_SECONDS:.0f} s: "
            "the chain is stuck or the fee too low"
        )

    def _reason(self, name: str, transaction: dict[str, Any], receipt: TxReceipt) -> Reverted | ChainFailure:
        """Why a mined transaction failed, from repeating it as a call on the same block."""
        call = {key: transaction[key] for key in ("from", "to", "data", "value") if key in transaction}
        try:
            self._web3.eth.call(call, receipt["blockNumber"])  # type: ignore[arg-type]  # built by web3 itself
        except (ContractLogicError, Web3RPCError) as error:
            return decode_revert(name, error)
        return ChainFailure(f"{name} failed in block {receipt['blockNumber']} with {receipt['gasUsed']} gas used")
