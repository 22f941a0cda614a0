"""The ledger is what the contracts say: after every act of a round, and whatever becomes of it."""

from __future__ import annotations

import pytest
from tests.unit.chain.conftest import CONFIG, TOKEN, Place

from anomalyhive.chain.dues import dues_of
from anomalyhive.chain.events import Event, read_events
from anomalyhive.chain.hive import ClaimItem
from anomalyhive.chain.views import Kind, Phase
from anomalyhive.dashboard.live.following import Follower
from anomalyhive.dashboard.live.ledger import Ledger
from anomalyhive.errors import ChainFailure

from .rounds import Crew, followed


def same(place: Place, crew: Crew, follower: Follower) -> None:
    """Hold every round of a task, and the task, against the contracts' client."""
    hive, book = place.contracts.hive, follower.ledger.tasks[crew.task]
    state, now = hive.task(crew.task), hive.now()
    assert (book.sponsor, book.spec, book.config) == (state.sponsor, state.spec, state.config)
    assert (book.escrow, book.head, book.finals, book.latest) == (
        state.escrow, state.head, state.finals, state.latest_round,
    )  # fmt: skip
    for number in range(1, state.latest_round + 1):
        theirs = hive.round(crew.task, number)
        ours = book.rounds[number].view(now)
        assert {**vars(ours), "now": 0} == {**vars(theirs), "now": 0}


def test_round_is_after_every_act_what_the_contract_says(place: Place) -> None:
    crew = Crew.at(place)
    follower = followed(place)
    for act in crew.acts():
        follower = followed(place, follower)
        same(place, crew, follower)
        assert act
    book = follower.ledger.tasks[crew.task].rounds[1]
    assert book.final
    steps = (Phase.TRAIN, Phase.JUDGE, Phase.REVEAL, Phase.TALLY, Phase.ATTEST)
    assert [step for step in steps if step in book.entered and step in book.left] == list(steps)
    assert [book.left[step] for step in steps[:-1]] == [book.entered[step] for step in steps[1:]]


def test_round_of_rejected_updates_stalls_is_cancelled_and_gives_its_reward_back(place: Place) -> None:
    crew = Crew.at(place, min_updates=2)
    for act in crew.acts(bytes([100, 0])):
        if act == "tallied":
            break
    follower = followed(place)
    same(place, crew, follower)
    assert follower.ledger.tasks[crew.task].rounds[1].progress.phase is Phase.STALLED
    place.contracts.hive.cancel_round(place.sponsor, crew.task, 1)
    same(place, crew, followed(place, follower))
    accounts = follower.ledger.tasks[crew.task].accounts
    assert accounts[crew.number(crew.trainers[1])].rejected == 1
    assert accounts[crew.number(crew.trainers[0])].accepted == 1


def test_deadlines_pass_without_an_event(place: Place) -> None:
    crew = Crew.at(place)
    acts = crew.acts()
    for _ in range(2):
        next(acts)
    follower = followed(place)
    opened = follower.ledger.tasks[crew.task].rounds[1]
    crew.pass_time(CONFIG.train_seconds + 5)
    same(place, crew, followed(place, follower))
    there = opened.at(place.contracts.hive.now())
    assert there.progress.phase is Phase.JUDGE
    assert there.entered[Phase.JUDGE] == there.left[Phase.TRAIN] == opened.opened_at + CONFIG.train_seconds
    # What stands at another time changes nothing of the round itself.
    assert opened.progress.phase is Phase.TRAIN
    crew.pass_time(CONFIG.judge_seconds)
    same(place, crew, followed(place, follower))
    place.contracts.hive.cancel_round(place.sponsor, crew.task, 1)
    same(place, crew, followed(place, follower))


def test_verdict_that_is_never_revealed_is_slashed(place: Place) -> None:
    crew = Crew.at(place)
    for act in crew.acts():
        if act == "committed":
            break
    crew.pass_time(CONFIG.reveal_seconds + 1)
    place.contracts.hive.cancel_round(place.sponsor, crew.task, 1)
    follower = followed(place)
    same(place, crew, follower)
    node = crew.number(crew.judge)
    entry, record = follower.ledger.nodes[node], place.contracts.registry.node(node)
    assert (entry.stake, entry.slashed, record.stake) == (0, TOKEN, 0)
    assert follower.ledger.tasks[crew.task].accounts[node].unrevealed == 1


def test_accounts_are_what_the_claims_pay(place: Place) -> None:
    crew = Crew.at(place)
    crew.play(bytes([100, 60]))
    hive = place.contracts.hive
    follower = followed(place)
    events = read_events(place.web3, [hive.address], 0)
    for one in (*crew.trainers, crew.judge):
        node = crew.number(one)
        account = follower.ledger.tasks[crew.task].accounts[node]
        dues = dues_of(place.contracts, events, crew.task, node)
        assert (account.claimed, account.earned - account.claimed) == (dues.claimed, dues.unclaimed)
    first = crew.number(crew.trainers[0])
    hive.claim(crew.trainers[0], first, [ClaimItem(crew.task, Kind.UPDATE, 0, 0, 1)])
    account = followed(place, follower).ledger.tasks[crew.task].accounts[first]
    assert account.claimed == account.earned > 0


def test_slots_and_nodes_follow_those_who_come_and_go(place: Place) -> None:
    crew = Crew.at(place)
    hive, registry = place.contracts.hive, place.contracts.registry
    crew.trainers[0].transact(hive.call("releaseShard", crew.task, 0))
    gone = crew.number(crew.trainers[0])
    crew.trainers[0].transact(registry.call("requestExit", gone))
    ledger = followed(place).ledger
    assert ledger.tasks[crew.task].shards == {1: crew.number(crew.trainers[1])}
    assert ledger.tasks[crew.task].seats == {0: crew.number(crew.judge)}
    for number, entry in ledger.nodes.items():
        record = registry.node(number)
        assert (entry.owner, entry.operator, entry.roles, entry.stake, entry.exit_at) == (
            record.owner, record.operator, record.roles, record.stake, record.exit_at,
        )  # fmt: skip


def test_clone_of_a_ledger_is_not_changed_with_it(place: Place) -> None:
    crew = Crew.at(place)
    acts = crew.acts()
    next(acts)
    follower = followed(place)
    before = follower.ledger.clone()
    for _ in acts:
        pass
    followed(place, follower)
    there = before.tasks[crew.task]
    assert (there.rounds[1].progress.phase, there.rounds[1].submissions, there.finals) == (Phase.TRAIN, {}, 0)
    assert follower.ledger.tasks[crew.task].finals == 1


@pytest.mark.parametrize("name", ["UpdateSubmitted", "RoundFinalized", "Claimed", "ShardReleased", "StakeAdded"])
def test_event_of_what_no_event_made_is_refused(name: str) -> None:
    values = {"task": 9, "round": 1, "node": 1, "shard": 0, "amount": 1, "stake": 1}
    with pytest.raises(ChainFailure, match="the endpoint omits logs"):
        Ledger().apply(Event(name, values, 5, bytes(32), bytes(32), 0), 1)
