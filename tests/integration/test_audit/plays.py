"""Everything that can happen to the contracts, acted out once on a real chain, without content."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from eth_account import Account

from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.chain.hive import ClaimItem
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.signed_update import UpdateOrder
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.chain.views import Kind, Phase, Submission, TaskConfig
from anomalyhive.commitments import commit
from anomalyhive.content.cid import digest_of
from anomalyhive.protocol.hashing import verdict_hash

STAKE = 100
WEEK = 7 * 24 * 3600

SLOW = TaskConfig(
    train_seconds=1000,
    judge_seconds=1000,
    reveal_seconds=1000,
    tally_seconds=1000,
    attest_seconds=1000,
    shards=40,
    update_quota=0,
    min_updates=2,
    seats=4,
    quorum=3,
    verdict_quota=0,
    miss_limit=1,
    tolerance=120,
    reward=100_003,
    min_stake=STAKE,
    trainer_bps=7_777,
    rounds=0,
    slash_amount=60,
    seed=bytes(32),
)
QUICK = replace(SLOW, shards=2, update_quota=2, min_updates=1, verdict_quota=3, seed=b"\x05" * 32, rounds=3)


@dataclass
class Party:
    """A node with its keys; ``number`` is what the registry gave it."""

    owner: Signer
    operator: Signer
    number: int


class Play:
    """Drives the contracts as their parties would, without content."""

    def __init__(self, chain: LocalChain, deployment: Deployment, sponsor: Signer) -> None:
        self.chain, self.sponsor = chain, sponsor
        self.contracts = Contracts.at(chain.web3, deployment)
        self.hive, self.registry, self.token = self.contracts.hive, self.contracts.registry, self.contracts.token
        self.parties: list[Party] = []
        self.keys: dict[str, bytes] = {}
        self.task = self.round = 0
        self.updates: dict[int, Submission] = {}
        self.scores: dict[int, bytes] = {}

    def signer(self) -> Signer:
        key = new_key()
        signer = Signer(self.chain.web3, key)
        self.keys[signer.address] = key
        self.chain.fund(signer.address, 10**18)
        return signer

    def join(self, roles: int) -> Party:
        party = Party(self.signer(), self.signer(), 0)
        self.token.send(self.sponsor, party.owner.address, 10 * STAKE)
        self.token.approve(party.owner, self.registry.address, 2**256 - 1 if roles == 1 else STAKE)
        party.number = self.registry.register(party.owner, party.operator.address, roles, STAKE)
        self.parties.append(party)
        return party

    def create(self, config: TaskConfig, rounds: int) -> None:
        self.config = config
        self.task = self.hive.create_task(self.sponsor, config, digest_of(b"spec"))
        self.token.approve(self.sponsor, self.hive.address, rounds * config.reward)
        self.hive.fund(self.sponsor, self.task, rounds * config.reward)
        self.round = 0

    def open(self) -> None:
        self.hive.open_round(self.sponsor, self.task)
        self.round += 1
        self.updates, self.scores = {}, {}

    def pass_phase(self) -> None:
        """Let the phase at hand end by its deadline."""
        self.chain.fast_forward(self.hive.phase(self.task, self.round)[1])

    def update(self, party: Party, shard: int, commitment: bytes = b"") -> Submission:
        """The update of a shard in the round at hand, for the tally to find again."""
        digest = digest_of(f"{self.task} {self.round} {shard}".encode())
        points = commitment or commit(np.array([shard, -self.round], dtype=np.int64))
        self.updates[shard] = Submission(shard, party.number, digest, points)
        return self.updates[shard]

    def submit(self, party: Party, shard: int, commitment: bytes = b"") -> None:
        one = self.update(party, shard, commitment)
        self.hive.submit_update(party.operator, self.task, self.round, shard, one.digest, one.commitment)

    def judge(self, seats: dict[int, Party], scores: dict[int, int], shown: int | None = None) -> None:
        """All seats commit to these scores (shard -> score); the first ``shown`` of them reveal."""
        packed = bytes(scores.get(shard, 0) for shard in range(self.config.shards))
        for seat, party in seats.items():
            # A seat a little off the others, so that medians and deviations differ.
            self.scores[seat] = bytes(min(score + seat, 255) if score else 0 for score in packed)
            hidden = verdict_hash(
                self.task, self.round, party.number, self.scores[seat], digest_of(b"v%d" % seat), bytes([seat]) * 32
            )
            self.hive.commit_verdict(party.operator, self.task, self.round, seat, hidden)
        if self.hive.phase(self.task, self.round)[0] is Phase.JUDGE:
            self.pass_phase()
        for seat in list(seats)[:shown]:
            self.hive.reveal_verdict(
                seats[seat].operator, self.task, self.round, seat, self.scores[seat], digest_of(b"v%d" % seat),
                bytes([seat]) * 32,
            )  # fmt: skip
        for seat in list(seats)[shown:] if shown is not None else []:
            del self.scores[seat]
        if self.hive.phase(self.task, self.round)[0] is Phase.REVEAL:
            self.pass_phase()

    def tally(self, *slices: list[int]) -> None:
        scores = [self.scores[seat] for seat in sorted(self.scores)]
        for shards in slices or [sorted(self.updates)]:
            self.hive.tally(self.sponsor, self.task, self.round, [self.updates[shard] for shard in shards], scores)

    def attest(self, seats: dict[int, Party], model: bytes = b"model") -> None:
        for seat, party in seats.items():
            self.hive.attest_model(party.operator, self.task, self.round, seat, digest_of(model + b"%d" % self.round))

    def claim(self, party: Party, shards: list[int], seats: list[int], **of: int) -> None:
        """Claim of the party's present terms, or ``of`` others."""
        items = [ClaimItem(self.task, Kind.UPDATE, shard, **of) for shard in shards]
        items += [ClaimItem(self.task, Kind.VERDICT, seat, **of) for seat in seats]
        self.hive.claim(self.sponsor, party.number, items)

    def submit_signed(self, *updates: tuple[Party, int]) -> None:
        """Updates of several shards in one transaction, each signed by the shard's operator."""
        hive, chain = self.hive.address, self.chain.web3.eth.chain_id
        signed = []
        for party, shard in updates:
            one = self.update(party, shard)
            order = UpdateOrder(self.task, self.round, shard, one.digest, one.commitment, expiry=2**40 - 1)
            signed.append(order.signed(Account.from_key(self.keys[party.operator.address]), chain, hive))
        self.hive.submit_updates(self.sponsor, self.task, self.round, signed)


def play(p: Play) -> None:
    """Everything that can happen, once."""
    one, two, both = p.join(1), p.join(1), p.join(3)
    judges = [p.join(2) for _ in range(3)]
    p.create(SLOW, 6)
    for shard, party in ((0, one), (1, one), (33, two), (39, both)):
        p.hive.take_shard(party.operator, p.task, shard)
    seats = dict(enumerate([*judges, both]))
    for seat, party in seats.items():
        p.hive.take_seat(party.operator, p.task, seat)
    _tally_in_slices(p, one, two, both, seats)
    _cancel_rounds(p, one, two, both, seats)
    _miss_a_round(p, one, two, both, seats)
    _change_keys_and_leave(p, one, two, seats)
    _claim_what_terms_left(p, one, both, seats)
    _move_tokens(p, one)
    _second_task(p, one, both, judges)


def _tally_in_slices(p: Play, one: Party, two: Party, both: Party, seats: dict[int, Party]) -> None:
    """A commitment that is no point, a verdict withheld, a model that a minority names, several claims at once."""
    p.open()
    p.submit(one, 0)
    p.submit(one, 1, commitment=b"\x01" * 96)
    p.submit(two, 33)
    p.submit(both, 39)
    p.pass_phase()
    p.judge(seats, {0: 200, 1: 100, 33: 0, 39: 9}, shown=3)
    p.tally([0, 1], [33], [33, 39])
    p.attest({0: seats[0]}, b"another")
    p.attest({seat: seats[seat] for seat in (1, 2, 3)})
    p.claim(one, [0, 1], [])
    p.claim(both, [39], [])
    p.claim(seats[1], [], [1])


def _cancel_rounds(p: Play, one: Party, two: Party, both: Party, seats: dict[int, Party]) -> None:
    """A round that stalls in each of its phases."""
    p.open()
    p.submit(one, 0)
    p.pass_phase()
    p.hive.cancel_round(p.sponsor, p.task, p.round)
    for shown, score in ((2, 50), (4, 0), (4, 50), (4, 51)):
        p.open()
        p.submit(one, 0)
        p.submit(both, 39)
        p.pass_phase()
        p.judge(seats, {0: score, 39: score}, shown)
        if (shown, score) == (4, 50):
            p.tally([0])
            p.pass_phase()
        elif shown == 4:
            p.tally()
        if score == 51:
            p.attest({0: seats[0]})
            p.pass_phase()
        p.hive.cancel_round(p.sponsor, p.task, p.round)


def _miss_a_round(p: Play, one: Party, two: Party, both: Party, seats: dict[int, Party]) -> None:
    """Shard 33 and seat 3 are absent in a round that goes well without them, and lose their places."""
    p.open()
    p.submit(one, 0)
    p.submit(both, 39)
    p.pass_phase()
    p.judge({seat: seats[seat] for seat in (0, 1, 2)}, {0: 80, 39: 255})
    p.tally()
    p.attest({seat: seats[seat] for seat in (0, 1, 2)})
    p.sponsor.transact(p.hive.call("freeShard", p.task, 33))
    p.sponsor.transact(p.hive.call("freeSeat", p.task, 3))


def _change_keys_and_leave(p: Play, one: Party, two: Party, seats: dict[int, Party]) -> None:
    one.owner.transact(p.registry.call("addStake", one.number, 5))
    one.owner.transact(p.registry.call("setRoles", one.number, 5))
    fresh = p.signer()
    one.owner.transact(p.registry.call("rotateOperator", one.number, fresh.address))
    p.sponsor.transact(p.hive.call("refreshShard", p.task, 0))
    one.operator = fresh
    p.hive.take_shard(fresh, p.task, 33)
    one.owner.transact(p.hive.call("releaseShard", p.task, 1))
    judge, fresh = seats[1], p.signer()
    judge.owner.transact(p.registry.call("rotateOperator", judge.number, fresh.address))
    p.sponsor.transact(p.hive.call("refreshSeat", p.task, 1))
    judge.operator = fresh
    seats[2].operator.transact(p.hive.call("releaseSeat", p.task, 2))
    two.owner.transact(p.registry.call("requestExit", two.number))
    p.chain.fast_forward(p.hive.now() + WEEK)
    two.owner.transact(p.registry.call("withdraw", two.number))


def _claim_what_terms_left(p: Play, one: Party, both: Party, seats: dict[int, Party]) -> None:
    """Terms that ended: one is claimed from in part, one to its end; others are left alone. And one that goes on."""
    p.claim(seats[2], [], [2], term=p.round, through=1)
    both.owner.transact(p.hive.call("releaseShard", p.task, 39))
    p.claim(both, [39], [], term=p.round)
    p.claim(one, [0], [])


def _move_tokens(p: Play, one: Party) -> None:
    """What nobody is owed: gifts, burns, escrow taken back, allowances for others."""
    p.token.send(p.sponsor, p.hive.address, 7)
    p.token.send(p.sponsor, p.registry.address, 8)
    p.sponsor.transact(p.token.call("burn", 9))
    p.token.approve(one.owner, p.sponsor.address, 3)
    p.sponsor.transact(p.token.call("transferFrom", one.owner.address, p.sponsor.address, 2))
    p.sponsor.transact(p.hive.call("withdrawEscrow", p.task, 11))


def _second_task(p: Play, one: Party, both: Party, judges: list[Party]) -> None:
    """Quotas, a seed of its own, own updates not judged by oneself; a round is left open in the middle."""
    # Slashed twice, it has nothing left: the second time less was burned than a slash.
    p.token.approve(both.owner, p.registry.address, STAKE)
    both.owner.transact(p.registry.call("addStake", both.number, STAKE))
    p.create(QUICK, 3)
    for shard, party in enumerate((one, both)):
        p.hive.take_shard(party.operator, p.task, shard)
    seats = {0: judges[0], 2: judges[1], 3: both}
    for seat, party in seats.items():
        p.hive.take_seat(party.operator, p.task, seat)
    for _ in range(2):
        p.open()
        p.submit(one, 0)
        p.submit(both, 1)
        p.judge(seats, {0: 120, 1: 255})
        p.tally()
        p.attest(seats)
    p.claim(both, [1], [3])
    p.claim(one, [0], [], through=1)
    p.open()
    p.submit_signed((both, 1), (one, 0))
