"""A signer that survives: every transaction is in a file before it is on its way, and is followed until it is final.

The chain's count of a key's transactions says which nonce is next, the file whose each one is. So after a kill at any
moment, or a reorganisation, whoever asks for the same again gets the same bytes sent again, or what became of them;
and a nonce that nothing in the file has used tells of another process with the key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from web3 import Web3
from web3.exceptions import ContractLogicError, TransactionNotFound, Web3RPCError
from web3.types import TxReceipt

from anomalyhive.chain.fees import FeeLimits, Offer, present_offer
from anomalyhive.chain.outbox import Attempt, Outbox, State
from anomalyhive.chain.purposes import feed_of, is_once, purpose_of
from anomalyhive.chain.reverts import decode_revert
from anomalyhive.chain.rpc import answering
from anomalyhive.chain.signer import FIRST_PAUSE, GAS_MARGIN_PERCENT, LONGEST_PAUSE, Call, Mined, Signer
from anomalyhive.errors import ChainFailure, FeeTooHigh, KeyInUse, NotMined, Reverted

MOST_OTHERS = 8
"""Transactions of an earlier life that may turn out to have the nonce first, one after the other."""

TRANSFER_GAS = 21_000
"""Of a transfer of the chain's own coin (EIP-2028)."""


@dataclass(frozen=True)
class Pace:
    """Seconds: for how long a transaction may be unmined before it is replaced, how often it is sent again, for how
    long one waits for it at a time; and how often, each a second, a nonce is looked up that nothing seems to have used.
    """

    stuck: float = 45.0
    repeat: float = 10.0
    wait: float = 90.0
    doubts: int = 10
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)


def nobody_told(mined: Mined, purpose: str) -> None:
    """Hear of a transaction, and keep it to oneself."""


class JournaledSigner(Signer):
    """Sends transactions for one key, one at a time, each written down first.

    No other process may use the key meanwhile: see `locks`. Signatures are for ``chain_id``, whatever a node says that
    it is. ``tell`` hears of every transaction that went through, with its purpose.
    """

    def __init__(
        self,
        web3: Web3,
        key: bytes,
        journal: Path,
        limits: FeeLimits,
        *,
        chain_id: int,
        confirmations: int = 1,
        pace: Pace | None = None,
        tell: Callable[[Mined, str], None] = nobody_told,
    ) -> None:
        super().__init__(web3, key)
        self._chain_id = chain_id
        self._outbox = Outbox(journal, chain_id, self.address)
        self._limits = limits
        self._confirmations = confirmations
        self._pace = pace or Pace()
        self._tell = tell

    def transact(self, call: Call) -> Mined:
        """Send a contract call, unless that has been done, and return when it is in a block.

        Raises Reverted with the contract's custom error; FeeTooHigh, NotMined or another ChainFailure for what is to
        be tried again; KeyInUse where another process sends with the key.
        """
        function = str(call.fn_name)

        def body() -> Mapping[str, Any]:
            try:
                # Where the call would revert, the estimate says so and no gas is spent.
                gas = call.estimate_gas({"from": self.address})
                gas += gas * GAS_MARGIN_PERCENT // 100
                options: Any = {"from": self.address, "nonce": 0, "gas": gas, "chainId": self._chain(), "gasPrice": 0}
                built: Any = call.build_transaction(options)
            except (ContractLogicError, Web3RPCError) as error:
                raise decode_revert(function, error) from error
            return {"to": built["to"], "data": Web3.to_hex(hexstr=built["data"]), "value": built["value"], "gas": gas}

        with answering(function):
            return self._do(purpose_of(function, tuple(call.args), feed_of(call)), function, body)

    def transfer(self, to: str, wei: int) -> Mined:
        """Send the chain's own coin, in wei."""
        body = {"to": Web3.to_checksum_address(to), "data": "0x", "value": wei, "gas": TRANSFER_GAS}
        with answering(f"a transfer of {wei} wei from {self.address} to {to}"):
            return self._do("transfer", "transfer", lambda: body)

    def finish(self, attempt: Attempt) -> Mined:
        """See a contract call through that may still be on its way, with the same bytes where they can still be mined.

        Raises as `transact`; Reverted where the contract refuses it by now: then its nonce is the next call's.
        """

        def body() -> Mapping[str, Any]:
            sent: Any = {"from": self.address, **{name: attempt.body[name] for name in ("to", "data", "value")}}
            try:
                self._web3.eth.estimate_gas(sent)
            except (ContractLogicError, Web3RPCError) as error:
                raise decode_revert(attempt.function, error) from error
            return attempt.body

        with answering(attempt.function):
            return self._do(attempt.purpose, attempt.function, body)

    def settle(self) -> None:
        """Bring the journal up to what the chain says: what was mined, what has vanished, what is there for good.

        Raises KeyInUse for a transaction of the key that the journal does not know.
        """
        with answering("the transactions of this key"):
            self._settle()

    def unsettled(self) -> Sequence[Attempt]:
        """What may be on its way, or may still vanish."""
        return self._outbox.unsettled()

    def close(self) -> None:
        """Close the journal."""
        self._outbox.close()

    def _do(self, purpose: str, function: str, body: Callable[[], Mapping[str, Any]]) -> Mined:
        pending = {one.number for one in self._outbox.of(purpose) if one.state is State.OPEN}
        self._settle()
        for _ in range(MOST_OTHERS):
            done = self._done(purpose, pending)
            if done is not None:
                return done
            try:
                wanted = body()
            except Reverted:
                # It may be refused because it has been done, by a transaction sent before a kill.
                self._settle()
                done = self._done(purpose, pending)
                if done is not None:
                    return done
                raise
            nonce = self._count("latest")
            attempt = self._attempt(purpose, function, nonce, wanted)
            pending.add(attempt.number)
            self._broadcast(attempt)
            winner, receipt = self._see_through(nonce)
            if winner.purpose == purpose and winner.does(wanted):
                return self._outcome(winner, receipt)
        raise ChainFailure(f"{function} was overtaken {MOST_OTHERS} times by older transactions of {self.address}")

    def _done(self, purpose: str, pending: set[int]) -> Mined | None:
        """What was mined for a purpose: of all time where nobody has to do it twice, else of those pending."""
        for one in reversed(self._outbox.of(purpose)):
            if one.state in (State.MINED, State.CONFIRMED) and (is_once(purpose) or one.number in pending):
                receipt = self._receipt(one)
                if receipt is not None:
                    return self._outcome(one, receipt)
        return None

    def _attempt(self, purpose: str, function: str, nonce: int, body: Mapping[str, Any]) -> Attempt:
        """The attempt to send at a nonce: one that is there and does the same, else a new one that outbids all."""
        former = self._outbox.at(nonce)
        for one in reversed(former):
            if one.purpose == purpose and one.does(body):
                return one
        offer = present_offer(self._web3, self._chain(), self._limits)
        for one in former:
            offer = offer.above(one.offer)
        if not offer.within(self._limits):
            # Nodes take no second transaction with the nonce for less, so the first one has to be seen through.
            return former[-1]
        return self._sign(purpose, function, nonce, body, offer)

    def _sign(self, purpose: str, function: str, nonce: int, body: Mapping[str, Any], offer: Offer) -> Attempt:
        signed = self._account.sign_transaction(
            {**body, "nonce": nonce, "chainId": self._chain(), **offer.fields()},
        )
        raw, digest = bytes(signed.raw_transaction), bytes(signed.hash)
        return self._outbox.add(
            Attempt(0, purpose, function, nonce, digest, raw, body, offer, State.OPEN, None, time.time())
        )

    def _broadcast(self, attempt: Attempt) -> None:
        try:
            self._web3.eth.send_raw_transaction(attempt.raw)
        except Web3RPCError as error:
            # Sent before, mined meanwhile, or another one with the nonce is on its way: then that will be seen.
            if self._count("latest") > attempt.nonce or any(map(self._on_its_way, self._outbox.at(attempt.nonce))):
                return
            raise decode_revert(attempt.function, error) from error

    def _on_its_way(self, attempt: Attempt) -> bool:
        return self._knows(attempt.hash)

    def _see_through(self, nonce: int) -> tuple[Attempt, TxReceipt]:
        """Wait until an attempt with the nonce is mined, whichever it is; send again and replace on the way."""
        began = sent = offered = time.monotonic()
        pause = FIRST_PAUSE
        while True:
            if self._count("latest") > nonce:
                return self._winner(nonce)
            now = time.monotonic()
            newest = self._outbox.at(nonce)[-1]
            if now - began > self._pace.wait:
                raise NotMined(
                    f"{newest.function} ({Web3.to_hex(newest.hash)}) is not mined after {self._pace.wait:.0f} s, for "
                    f"{newest.offer.fee} wei for a unit of gas: it stays in the journal and is seen to again"
                )
            outbid = now - offered > self._pace.stuck
            if outbid:
                newest, offered = self._outbid(newest), now
            if outbid or now - sent > self._pace.repeat:
                self._broadcast(newest)
                sent = now
            self._pace.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _outbid(self, stuck: Attempt) -> Attempt:
        """The same for more, within the limits; where they are reached, the same bytes again."""
        try:
            offer = present_offer(self._web3, self._chain(), self._limits).above(stuck.offer)
        except FeeTooHigh:
            return stuck
        if not offer.within(self._limits):
            return stuck
        return self._sign(stuck.purpose, stuck.function, stuck.nonce, stuck.body, offer)

    def _winner(self, nonce: int) -> tuple[Attempt, TxReceipt]:
        """The attempt that was mined with a nonce, marked as such. Raises KeyInUse where it is none of the journal's.

        An endpoint may know a block before it knows its receipts, so one look is not enough to tell.
        """
        for doubt in range(self._pace.doubts + 1):
            if doubt:
                self._pace.sleep(1.0)
            for one in self._outbox.at(nonce):
                receipt = self._receipt(one)
                if receipt is not None:
                    self._mark(one, receipt)
                    return one, receipt
            if self._count("latest") <= nonce:
                raise ChainFailure(f"the block with transaction {nonce} of {self.address} has vanished again")
        raise KeyInUse(
            f"transaction {nonce} of {self.address} on chain {self._chain()} is not in the journal "
            f"{self._outbox.path}: another process uses the same key, or did. End it, and give this node a key that "
            "nobody else has (anomalyhive node rotate-operator)"
        )

    def _mark(self, one: Attempt, receipt: TxReceipt) -> None:
        block = int(receipt["blockNumber"])
        state = State.MINED if receipt["status"] == 1 else State.FAILED
        if one.state is State.CONFIRMED or (one.state, one.block) == (state, block):
            return
        self._outbox.settle(one, state, block)
        if one.block is None and state is State.MINED:
            self._tell(Mined(one.function, int(receipt["gasUsed"]), block, receipt), one.purpose)

    def _settle(self) -> None:
        count, head = self._count("latest"), self._web3.eth.block_number
        unsettled = self._outbox.unsettled()
        for nonce in sorted({one.nonce for one in unsettled}):
            if nonce >= count:
                if any(one.nonce == nonce and one.state is State.MINED for one in unsettled):
                    self._outbox.reopen(nonce)
                continue
            winner, receipt = self._winner(nonce)
            if receipt["status"] == 1 and head - int(receipt["blockNumber"]) + 1 >= self._confirmations:
                self._outbox.settle(winner, State.CONFIRMED, int(receipt["blockNumber"]))
        known = self._outbox.accounted
        for nonce in range(count if known is None else known, count):
            self._winner(nonce)
        if known != count:
            self._outbox.accounted = count

    def _outcome(self, attempt: Attempt, receipt: TxReceipt) -> Mined:
        """What a mined attempt came to. Raises Reverted or ChainFailure for one that failed."""
        if receipt["status"] != 1:
            sent = {"from": self.address, **{name: attempt.body[name] for name in ("to", "data", "value")}}
            raise self._reason(attempt.function, sent, receipt)
        return Mined(attempt.function, int(receipt["gasUsed"]), int(receipt["blockNumber"]), receipt)

    def _receipt(self, attempt: Attempt) -> TxReceipt | None:
        try:
            return self._web3.eth.get_transaction_receipt(Web3.to_hex(attempt.hash))
        except TransactionNotFound:
            return None
