"""Client of `AlertFeed`: posts, alerts, appeals, money, and what the feed says of an address."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from web3 import Web3
from web3.exceptions import Web3ValidationError

from anomalyhive.chain.artifacts import FEED
from anomalyhive.chain.contract import ContractClient
from anomalyhive.chain.events import Event, read_events, receipt_events, word
from anomalyhive.chain.feed_folding import TIMED, FeedBook, fold_feed
from anomalyhive.chain.feed_views import Appeal, Entry, Monitor, Past, Risk, Rules, Said, Standing
from anomalyhive.chain.rpc import answering, latest_time
from anomalyhive.chain.signer import Mined, Signer
from anomalyhive.errors import BadInput, Reverted
from anomalyhive.protocol.hashing import vote_hash

BATCH = 100
"""Alerts in a transaction, where nothing else is asked for: some 6 million gas if all of them are new."""


@dataclass(frozen=True)
class Posted:
    """What came of posting: the transactions, and of each alert that counted how the feed keeps it.

    ``skipped`` are those that did not count, for what others or the time had brought about.
    """

    mined: tuple[Mined, ...]
    counted: tuple[tuple[str, Entry], ...]
    skipped: tuple[str, ...]


class FeedClient(ContractClient):
    """`AlertFeed`. Functions that write take the signer and return what was mined."""

    NAME = FEED

    def __init__(self, web3: Web3, address: str, deployed_in: int = 0) -> None:
        """``deployed_in`` is the block of the deployment, before which no log is looked for."""
        super().__init__(web3, address)
        self.deployed_in = deployed_in

    # What it is

    def hive(self) -> str:
        """The hive whose task it serves."""
        return str(self.read("hive"))

    def task(self) -> int:
        """The task."""
        return int(self.read("task"))

    def rules(self) -> Rules:
        """The rules, which never change."""
        found: Rules = Rules.of(self.read("rules"))
        return found

    # What it says

    def risk_of(self, subject: str) -> Risk:
        """What the feed says of an address now."""
        found: Risk = Risk.of(self.read("riskOf", address_of(subject)))
        return found

    def alert_of(self, subject: str, post: int) -> Entry:
        """The latest alert of a post about an address, live or not."""
        found: Entry = Entry.of(self.read("alertOf", address_of(subject), post))
        return found

    def past_of(self, subject: str, node: int) -> Past:
        """What a node's earlier alerts about an address keep it from."""
        found: Past = Past.of(self.read("pastOf", address_of(subject), node))
        return found

    def standing_of(self, node: int) -> Standing:
        """What became of a node's alerts."""
        found: Standing = Standing.of(self.read("standingOf", node))
        return found

    def posts_on(self, subject: str) -> int:
        """Bit p: there is an alert from post p that was neither retracted nor overturned."""
        return int(self.read("postsOn", address_of(subject)))

    def model_of(self, round_: int) -> bytes:
        """The model of a round by which alerts were posted, zeros if none was."""
        return bytes(self.read("modelOf", round_))

    def events(self, last: int | str = "latest", first: int | None = None) -> list[Event]:
        """All events of the feed, in the order of the chain."""
        begin = self.deployed_in if first is None else first
        return read_events(self.web3, [self.address], begin, last, contracts=(FEED,))

    def book(self) -> FeedBook:
        """The whole state of the feed, from its events."""
        events = self.events()
        blocks = {one.block for one in events if one.name in TIMED}
        with answering("eth_getBlockByNumber"):
            times = {block: int(self.web3.eth.get_block(block)["timestamp"]) for block in blocks}
        return fold_feed(events, times)

    def now(self) -> int:
        """The time that the next block will have at the earliest, in unix seconds."""
        return max(latest_time(self.web3), int(time.time()))

    # Posts

    def post(self, post: int) -> Monitor:
        """Who holds a post."""
        found: Monitor = Monitor.of(self.read("post", post))
        return found

    def post_of(self, node: int) -> int | None:
        """The post that a node holds, None if it holds none."""
        found = int(self.read("postOf", node))
        return found - 1 if found else None

    def term_end(self, term: int) -> int:
        """When a term at a post ended, 0 while it lasts."""
        return int(self.read("termEnd", term))

    def take_post(self, signer: Signer, post: int) -> Mined:
        """Take a free post for the signer's node."""
        return signer.transact(self.call("takePost", post))

    def release_post(self, signer: Signer, post: int) -> Mined:
        """Give the post of the signer's node up; its alerts are not live any more."""
        return signer.transact(self.call("releasePost", post))

    def refresh_post(self, signer: Signer, post: int) -> Mined:
        """Let a post know its holder's present operator."""
        return signer.transact(self.call("refreshPost", post))

    def free_post(self, signer: Signer, post: int) -> Mined:
        """Take a post from a holder who is not active any more."""
        return signer.transact(self.call("freePost", post))

    # Alerts

    def post_alerts(self, signer: Signer, post: int, round_: int, alerts: Sequence[Said], batch: int = BATCH) -> Posted:
        """Post or renew alerts by the model of a final round, ``batch`` in a transaction.

        A batch none of which counts is skipped whole. Raises BadInput where nothing is to be posted or a transaction
        would have none, Reverted for what the feed takes from nobody; earlier batches stay posted then.
        """
        if not alerts or batch < 1:
            raise BadInput(f"{len(alerts)} alerts in batches of {batch} are nothing to post")
        mined, counted = [], []
        for begin in range(0, len(alerts), batch):
            rows = [one.as_tuple() for one in alerts[begin : begin + batch]]
            try:
                mined.append(signer.transact(self.call("postAlerts", post, round_, rows)))
            except Reverted as refusal:
                if refusal.error != "NothingPosted":
                    raise
                continue
            counted += [
                (str(one.values["subject"]), Entry.of(one.values["entry"]))
                for one in receipt_events(mined[-1].receipt, self.address, (FEED,))
                if one.name == "AlertPosted"
            ]
        had = {subject for subject, _ in counted}
        skipped = [one for one in (address_of(alert.subject) for alert in alerts) if one not in had]
        return Posted(tuple(mined), tuple(counted), tuple(dict.fromkeys(skipped)))

    def retract(self, signer: Signer, node: int, post: int, subjects: Sequence[str]) -> Mined:
        """Take a node's alerts back that it posted from a post, whether or not it still holds it."""
        return signer.transact(self.call("retract", node, post, [address_of(one) for one in subjects]))

    # Appeals

    def appeal_count(self) -> int:
        """How many appeals there have been."""
        return int(self.read("appealCount"))

    def appeal_state(self, appeal: int) -> Appeal:
        """An appeal. Raises Reverted with UnknownAppeal."""
        found: Appeal = Appeal.of(self.read("appealState", appeal))
        return found

    def appeal_on(self, subject: str) -> int:
        """The open appeal about an address, 0 if there is none."""
        return int(self.read("appealOn", address_of(subject)))

    def appealable_at(self, subject: str) -> int:
        """Before this second there is no new appeal about an address."""
        return int(self.read("appealableAt", address_of(subject)))

    def appeal(self, signer: Signer, subject: str, evidence: bytes) -> int:
        """Appeal against a flag, with the digest of what speaks for the address; the appeal's number.

        The bond must have been approved.
        """
        mined = signer.transact(self.call("appeal", address_of(subject), evidence))
        events = receipt_events(mined.receipt, self.address, (FEED,))
        return next(int(one.values["appeal"]) for one in events if one.name == "AppealOpened")

    def vote_hash(self, appeal: int, seat: int, node: int, uphold: bool, salt: bytes) -> bytes:
        """What a seat commits to for a vote."""
        return vote_hash(self.address, appeal, seat, node, uphold, salt)

    def committed_vote(self, appeal: int, seat: int) -> bytes:
        """What a seat has committed in an appeal, zeros if nothing."""
        topics = [None, word(appeal), word(seat)]
        events = read_events(self.web3, [self.address], self.deployed_in, topics=topics, contracts=(FEED,))
        return next((bytes(one.values["commitHash"]) for one in events if one.name == "VoteCommitted"), bytes(32))

    def commit_vote(self, signer: Signer, appeal: int, seat: int, hidden: bytes) -> Mined:
        """Commit to a vote by its hash."""
        return signer.transact(self.call("commitVote", appeal, seat, hidden))

    def reveal_vote(self, signer: Signer, appeal: int, seat: int, node: int, uphold: bool, salt: bytes) -> Mined:
        """Show a committed vote."""
        return signer.transact(self.call("revealVote", appeal, seat, node, uphold, salt))

    def decide(self, signer: Signer, appeal: int) -> Mined:
        """Count the votes of an appeal."""
        return signer.transact(self.call("decide", appeal))

    # Money

    def escrow(self) -> int:
        """What is neither locked nor owed."""
        return int(self.read("escrow"))

    def locked(self) -> int:
        """What is locked for alerts and votes."""
        return int(self.read("locked"))

    def owed(self, node: int) -> int:
        """What a node has earned and not been paid."""
        return int(self.read("owed", node))

    def bonds(self, appellant: str) -> int:
        """Bonds of an appellant that came back and were not fetched."""
        return int(self.read("bonds", address_of(appellant)))

    def unburned(self) -> int:
        """Lost bonds that the token did not burn: nobody's."""
        return int(self.read("unburned"))

    def fund(self, signer: Signer, amount: int) -> Mined:
        """Add to the escrow. The amount must have been approved."""
        return signer.transact(self.call("fund", amount))

    def withdraw_escrow(self, signer: Signer, amount: int) -> Mined:
        """Take back escrow that nothing has locked; for the task's sponsor."""
        return signer.transact(self.call("withdrawEscrow", amount))

    def settle(self, signer: Signer, post: int, subjects: Sequence[str]) -> Mined:
        """Settle alerts of a post; those of which nothing is certain yet are left as they are."""
        return signer.transact(self.call("settle", post, [address_of(one) for one in subjects]))

    def claim(self, signer: Signer, node: int) -> Mined:
        """Have a node's owner paid for settled alerts and votes."""
        return signer.transact(self.call("claim", node))

    def fetch_bonds(self, signer: Signer, appellant: str) -> Mined:
        """Have an appellant paid the bonds that came back."""
        return signer.transact(self.call("fetchBonds", address_of(appellant)))


def address_of(text: str) -> str:
    """An address with its checksum. Raises BadInput for what is none."""
    try:
        if Web3.is_address(text):
            return str(Web3.to_checksum_address(text))
    except (ValueError, Web3ValidationError):
        pass
    raise BadInput(f"{text[:60]!r} is no address: give 0x and 40 hexadecimal digits")
