"""The ledger follows its chain: in ranges, and back where the chain goes back."""

from __future__ import annotations

import pytest
from tests.unit.chain.conftest import Place

from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.events import Event
from anomalyhive.chain.rpc import request
from anomalyhive.dashboard.live import following
from anomalyhive.dashboard.live.following import Follower
from anomalyhive.errors import ChainFailure

from .rounds import OTHER, Crew, deployment_of, followed


def ledgers_equal(one: Follower, other: Follower) -> bool:
    return (one.ledger.nodes, one.ledger.tasks, one.ledger.events) == (
        other.ledger.nodes, other.ledger.tasks, other.ledger.events,
    )  # fmt: skip


def test_catch_up_reads_the_same_in_narrow_ranges_as_in_one(place: Place) -> None:
    crew = Crew.at(place)
    crew.play()
    narrow = Follower(deployment_of(place), _span=3)
    heads = [head.number for head in narrow.catch_up(place.web3)]
    assert heads == sorted(set(heads))
    assert len(heads) > 2
    assert heads[-1] == place.web3.eth.block_number
    assert ledgers_equal(narrow, followed(place))


def test_catch_up_where_a_node_refuses_wide_ranges_asks_for_narrower_ones(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    Crew.at(place)
    whole, asked = following.read_range, []

    def choosy(web3: object, deployment: Deployment, first: int, last: int) -> list[Event]:
        asked.append(last - first + 1)
        if last - first + 1 > 20:
            raise ChainFailure("the chain refused the logs: more than 20 blocks")
        return whole(web3, deployment, first, last)  # type: ignore[arg-type]

    monkeypatch.setattr(following, "read_range", choosy)
    follower = followed(place)
    assert max(asked) > 20 >= min(asked)
    monkeypatch.undo()
    assert ledgers_equal(follower, followed(place))


@pytest.mark.parametrize("settled", [64, 2])
def test_catch_up_after_a_reorganisation_is_as_if_read_anew(
    place: Place, monkeypatch: pytest.MonkeyPatch, settled: int
) -> None:
    monkeypatch.setattr(following, "SETTLED", settled)
    crew = Crew.at(place)
    crew.play()
    follower = followed(place)
    before = request(place.web3, "evm_snapshot", [])
    crew.play()
    followed(place, follower)
    assert follower.ledger.tasks[crew.task].finals == 2
    crew.taken_back(before)
    # Another history of the same length, and then a longer one.
    for act in crew.acts(bytes([90, 0]), OTHER):
        if act == "committed":
            followed(place, follower)
            assert follower.ledger.tasks[crew.task].finals == 1
    followed(place, follower)
    assert follower.undone == 1
    assert ledgers_equal(follower, followed(place))
    assert follower.ledger.tasks[crew.task].rounds[2].model == OTHER
    assert (crew.task, 2) in follower.ledger.changed


def test_catch_up_with_a_chain_that_became_shorter_goes_back(place: Place) -> None:
    crew = Crew.at(place)
    before = request(place.web3, "evm_snapshot", [])
    crew.play()
    follower = followed(place)
    crew.taken_back(before)
    followed(place, follower)
    assert follower.ledger.tasks[crew.task].rounds == {}
    assert follower.head is not None
    assert follower.head.number == place.web3.eth.block_number


def test_settled_ledger_stays_behind_the_head_and_is_applied_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SETTLED", 4)
    crew = Crew.at(place)
    follower = followed(place)
    for _ in range(2):
        crew.play()
        followed(place, follower)
    assert follower.head is not None
    assert 0 <= follower.settled_in <= follower.head.number - 4
    assert follower._settled.events + len(follower._recent) == follower.ledger.events


def test_catch_up_where_the_hive_is_not_there_is_refused(place: Place) -> None:
    of = deployment_of(place)
    late = Deployment(of.chain_id, of.token, of.registry, of.hive, place.web3.eth.block_number + 50, True, {})
    with pytest.raises(ChainFailure, match="before the hive was deployed"):
        list(Follower(late).catch_up(place.web3))
