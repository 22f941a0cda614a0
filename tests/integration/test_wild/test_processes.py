"""The federation as it will really run: processes, daemons in a private swarm, a block a second, and faults.

One hive for all tests of this file, in their order: each does its harm, lets rounds become final, looks at the books.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest
from tests.outside import ipfs_program, needs_kubo

from anomalyhive.audit.live import audit_live
from anomalyhive.chain.views import Phase
from anomalyhive.federation.crew import STAKE
from anomalyhive.federation.settings import Settings
from wild import books, faults
from wild.netns import obstacle
from wild.world import World, build

pytestmark = needs_kubo

ROWS = Path(__file__).parents[2] / "data" / "accounts-400.csv"

ROUND_SECONDS = 240
"""Far more than a round takes on any machine: what hangs is to be told from what is slow."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Five trainers, three validators, five daemons, one task without an end."""
    settings = Settings(
        data=str(ROWS), label="FLAG", id="Address", test_fraction="0", rounds=100, nodes=5, validators=3
    )
    with ExitStack() as stack:
        world = build(tmp_path_factory.mktemp("wild"), settings, ipfs_program(), stack)
        world.revive()
        yield world


def test_rounds_become_final_and_everybody_takes_part_while_nothing_goes_wrong(world: World) -> None:
    world.run_rounds(3, 3 * ROUND_SECONDS)
    assert world.wrongs() == []
    for view in world.views()[:3]:
        assert view.phase is Phase.FINAL
        assert len(view.submissions) == 5
        assert view.tallied is not None
        assert len(view.tallied.accepted) == 5
        assert len(view.reveals) == 3


def test_nodes_killed_at_random_moments_go_on_and_submit_nothing_twice(world: World) -> None:
    for seed in range(2):
        faults.kill(world, Random(seed))
    world.run_rounds(1, ROUND_SECONDS)
    assert world.wrongs() == []


def test_endpoint_down_for_seconds_costs_time_and_nothing_else(world: World) -> None:
    faults.endpoint(world, Random(1))
    world.run_rounds(1, ROUND_SECONDS)
    assert world.wrongs() == []


def test_transactions_that_a_reorganisation_gave_up_are_sent_again(world: World) -> None:
    hive, task = world.contracts.hive, world.founded.task.number
    round_ = hive.task(task).latest_round + 1

    def submitted() -> dict[bytes, int]:
        """Digest -> block of the updates of the round."""
        return {
            bytes(event.values["digest"]): event.block
            for event in books.log_of(world.contracts)
            if event.name == "UpdateSubmitted" and event.values["round"] == round_
        }

    world.wait_until(lambda: bool(submitted()), ROUND_SECONDS, f"an update of round {round_}")
    before = submitted()
    head = hive.web3.eth.block_number
    first = world.chain.reorganise(head - min(before.values()) + 1)
    assert submitted() == {}
    world.wait_until(lambda: hive.task(task).last_final >= round_, ROUND_SECONDS, f"the end of round {round_}")
    after = submitted()
    assert before.keys() <= after.keys()
    assert all(after[digest] >= first for digest in before)
    assert world.wrongs() == []


def test_daemon_killed_and_back_loses_no_content(world: World) -> None:
    faults.daemon(world, Random(1))
    world.run_rounds(1, ROUND_SECONDS)
    assert world.wrongs() == []


def test_node_and_daemon_cut_off_from_everybody_come_back(world: World) -> None:
    faults.partition(world, Random(1))
    world.run_rounds(1, ROUND_SECONDS)
    assert world.wrongs() == []


def test_node_in_a_network_namespace_is_cut_off_and_works_on_when_it_is_back(world: World) -> None:
    if world.place is None:
        pytest.skip(str(obstacle()))
    faults.cable(world, Random(1))
    task = world.founded.task.number
    world.run_rounds(1, ROUND_SECONDS)
    assert world.wrongs() == []
    # It may have missed the round in which it was away; it is there again in one that opens now or is open.
    apart = world.number("trainer-4")

    def back() -> bool:
        latest = world.contracts.hive.round(task, world.contracts.hive.task(task).latest_round)
        return apart in {one.node for one in latest.submissions.values()}

    world.wait_until(back, ROUND_SECONDS, "an update of the node that was cut off")
    assert world.wrongs() == []


def test_validator_gone_for_good_stops_nothing(world: World) -> None:
    faults.gone(world, Random(1))
    (name,) = world.gone
    seat = world.contracts.hive.seat_holder
    missing = world.number(name)
    world.run_rounds(2, 2 * ROUND_SECONDS)
    assert world.wrongs() == []
    last = [view for view in world.views() if view.phase is Phase.FINAL][-1]
    assert missing not in {reveal.node for reveal in last.reveals.values()}
    assert missing in {seat(world.founded.task.number, index) for index in range(3)}


def test_every_node_is_paid_what_the_specification_says_and_ten_rounds_can_be_audited(world: World) -> None:
    if world.finals < 10:
        world.run_rounds(10 - world.finals, 10 * ROUND_SECONDS)
    for node in world.nodes.values():
        assert node.stop() == 0 or node.name in world.gone
    contracts, task, residents = world.contracts, world.founded.task, world.founded.residents
    books.claim_everything(contracts, world.sponsor, task, [one.number for one in residents])
    assert world.wrongs() == []
    views = world.views()
    for one in residents:
        assert contracts.token.balance(one.owner.address) == books.due_to(task, views, one.number), one.name
        assert contracts.registry.node(one.number).stake == STAKE, one.name
    report = audit_live(contracts.hive.web3, world.founded.deployment, world.store()).report
    assert report.holds, report.as_json()
    assert sum(view.phase is Phase.FINAL for view in views) >= 10
