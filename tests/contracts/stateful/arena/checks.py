"""What must hold at the end of a run, and that everybody gets away with what is theirs."""

from __future__ import annotations

from reference.claims import Claim
from reference.registry import EXIT_DELAY
from reference.state import NOBODY, OVER

from arena.cast import Cast
from arena.honest import claimable
from arena.owners import slots_of
from arena.properties import History
from arena.rebuild import rebuild
from arena.storage import hive_slots, registry_slots
from arena.views import all_views
from arena.world import World


def check_everything(world: World) -> None:
    """Every view, every slot of storage, what the logs tell, and the properties of docs/properties.md."""
    state, chain = world.state, world.chain
    found = chain.differences(all_views(state, world.now, world.model.hive, world.model.registry))
    assert not found, "; ".join(found)
    check_logs_suffice(world)
    for (task, round_), then in world.frozen.items():
        now = state.tasks[task].rounds[round_]
        assert now == then, f"P3: final round {round_} of task {task} changed"
    History(chain.logs).check()


def check_logs_suffice(world: World) -> None:
    """P14: the logs tell all of the model's state, and every slot that is not 0 in the contracts' storage."""
    observed = rebuild(world.chain.logs)
    assert observed == world.state
    for contract, slots in (("hive", hive_slots(observed)), ("registry", registry_slots(observed))):
        stored = world.chain.storage(contract)
        differing = {hex(slot) for slot, _ in stored.items() ^ slots.items()}
        assert not differing, f"P14: slots {differing} of the {contract}"


def check_everybody_gets_away(world: World, cast: Cast) -> None:
    """P2: without any help of others than time, all tokens leave, but for those that were given away."""
    cancel_open_rounds(world, cast)
    for node in world.state.nodes:
        # Some claim what they hold, some what they held.
        if node % 2:
            claim_all(world, cast, node)
        for task, name, index in slots_of(world, node):
            assert world.act("leaver", world.state.nodes[node].owner, f"release{name}", task, index)
        # Of what they held, the first round that is not paid yet; then the rest.
        claim_all(world, cast, node, first_only=True)
        claim_all(world, cast, node)
    for number, task in world.state.tasks.items():
        if task.escrow:
            assert world.act("leaver", task.sponsor, "withdrawEscrow", number, task.escrow)
    for number, node in world.state.nodes.items():
        if node.exit_at == 0:
            assert world.act("leaver", node.owner, "requestExit", number)
    world.wait_until(world.at + EXIT_DELAY, mine=False)
    for number, node in world.state.nodes.items():
        if node.operator != NOBODY:
            assert world.act("leaver", node.owner, "withdraw", number)
    for contract in (world.model.hive, world.model.registry):
        assert world.state.balances.get(contract, 0) == world.given[contract], "P2: tokens are stuck"
    History(world.chain.logs).everybody_was_paid()


def cancel_open_rounds(world: World, cast: Cast) -> None:
    """Nobody comes any more: every open round stalls in the end, and a stranger cancels it."""
    for number, task in world.state.tasks.items():
        if not task.rounds:
            continue
        while world.phase(number)[1]:
            world.wait_until(world.phase(number)[1], mine=False)
        if world.phase(number)[0] not in OVER:
            assert world.act("leaver", cast.stranger, "cancelRound", number, task.latest)


def claim_all(world: World, cast: Cast, node: int, first_only: bool = False) -> None:
    """A stranger has a node paid for everything, if there is anything."""
    claims = claimable(world, node)
    if first_only:
        claims = [one._replace(through=_first_unpaid(world, one)) for one in claims]
    world.act("leaver", cast.stranger, "claim", node, claims)


def _first_unpaid(world: World, one: Claim) -> int:
    """The first final round of an ended term that is not paid; 0 if there is none."""
    task = world.state.tasks[one.task]
    term = task.terms[one.kind, one.index, one.term]
    return next((number for number in task.finals if term.paid_through < number <= term.through), 0)
