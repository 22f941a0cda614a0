"""Owners of nodes and sponsors of tasks: they come, change, pay and leave, at any time and now and then wrongly."""

from __future__ import annotations

from reference.slots import missed
from reference.state import NOBODY, NOTHING, UPDATE, VERDICT, Round, Task

from arena.cast import CHANGES, ROLES, SIZES, TOKEN, Cast, create
from arena.dice import Dice
from arena.world import World

MUCH = 2**96 - 1

BAD_SETTINGS = (
    {"shards": 0},
    {"shards": 1025},
    {"seats": 0},
    {"seats": 21},
    {"quorum": 1},
    {"quorum": 4},
    {"min_updates": 0},
    {"min_updates": 4},
    {"update_quota": 4},
    {"min_updates": 2, "update_quota": 1},
    {"verdict_quota": 1},
    {"verdict_quota": 4},
    {"train_seconds": 0},
    {"judge_seconds": 2_592_001},
    {"reveal_seconds": 0},
    {"tally_seconds": 2_592_001},
    {"attest_seconds": 0},
    {"trainer_bps": 10_001},
    {"reward": 2**88},
    {"slash_amount": 50 * TOKEN + 1},
)
"""One setting of cast.BASE just out of its range."""


# Nodes


def change_node(world: World, dice: Dice, cast: Cast) -> None:
    """A node's owner, or somebody else, changes its stake, roles, key or future."""
    node = dice.below(len(world.state.nodes) + 2)
    owner = world.state.nodes[node].owner if node in world.state.nodes else cast.stranger
    sender = dice.one([owner, owner, owner, dice.one(cast.keys)])
    function, *rest = dice.one(
        [
            ("addStake", TOKEN),
            ("addStake", dice.one([MUCH, 0, 2**256 - 1, 2 * 10**6 * TOKEN])),
            ("setRoles", dice.one([1, 2, 3, 15, 0, 16])),
            ("rotateOperator", dice.one(cast.spare)),
            ("rotateOperator", dice.one([cast.operators[0], NOBODY])),
            ("requestExit",),
        ]
    )
    world.act("owner", sender, function, node, *rest)


def join(world: World, dice: Dice, cast: Cast) -> None:
    """Another node of an owner, or one that cannot be."""
    sender = dice.one([*cast.owners, cast.stranger])
    operator = dice.one([*cast.spare, *cast.spare, cast.operators[0], NOBODY])
    stake = dice.one([60 * TOKEN, 0, MUCH])
    world.act("owner", sender, "register", operator, dice.one([3, 1, 2, 0, 16]), stake)


def leave(world: World, dice: Dice, cast: Cast) -> None:
    """A node asks to leave; or one that has asked waits, to the second or one too short, and takes its stake.

    It tries before it gives its slots up, then after giving up some.
    """
    leaving = [number for number, node in world.state.nodes.items() if node.exit_at and node.operator != NOBODY]
    if not leaving or dice.luck(6):
        number = 1 + dice.below(len(world.state.nodes))
        world.act("owner", world.state.nodes[number].owner, dice.one(["requestExit", "withdraw"]), number)
        return
    number = dice.one(leaving)
    node = world.state.nodes[number]
    if dice.luck(2):
        world.wait_until(node.exit_at - dice.below(2), mine=False)
    world.act("owner", node.owner, "withdraw", number)
    for task, name, index in slots_of(world, number)[: dice.below(5)]:
        world.act("owner", node.owner, f"release{name}", task, index)
    world.act("owner", node.owner, "withdraw", number)


def slots_of(world: World, node: int) -> list[tuple[int, str, int]]:
    """Task, "Shard" or "Seat", and index of all that a node holds."""
    return [
        (number, name, index)
        for number, task in world.state.tasks.items()
        for kind, name in ((UPDATE, "Shard"), (VERDICT, "Seat"))
        for index, holder in sorted(task.slots(kind).items())
        if holder.node == node
    ]


def take_slot(world: World, dice: Dice, cast: Cast) -> None:
    """Somebody who can takes a slot that is free."""
    number = dice.one(list(world.state.tasks))
    task = world.state.tasks[number]
    kind, name, role = dice.one([(UPDATE, "Shard", 1), (VERDICT, "Seat", 2)])
    free = _free(task, kind)
    able = [
        one for one, node in world.state.node_of.items() if world.state.is_active(node, role, task.config.min_stake)
    ]
    if free and able:
        world.act("owner", dice.one(able), f"take{name}", number, dice.one(free))


def leave_slot(world: World, dice: Dice, cast: Cast) -> None:
    """A holder gives a slot up, or has its key refreshed there; or whoever may be put out is."""
    node = 1 + dice.below(len(world.state.nodes))
    for task, name, index in slots_of(world, node)[dice.below(3) :][:1]:
        what = dice.one(["release", "refresh", "free"])
        one = world.state.nodes[node]
        world.act("owner", dice.one([one.owner, one.operator]), f"{what}{name}", task, index)


def put_out(world: World, dice: Dice, cast: Cast) -> None:
    """A slot whose holder may be put out, in use or not; or one that was idle in the last final round, but may not be.

    If there is none, an owner drops a role that a slot needs.
    """
    freeable, idle = [], []
    for number, task in world.state.tasks.items():
        for kind, name, role in ((UPDATE, "Shard", 1), (VERDICT, "Seat", 2)):
            for index, holder in sorted(task.slots(kind).items()):
                active = world.state.is_active(holder.node, role, task.config.min_stake)
                if not active or missed(task, kind, index):
                    freeable.append((number, name, index))
                elif task.finals and not _took_part(task.rounds[task.last_final], kind, index):
                    idle.append((number, name, index))
    if freeable or idle:
        number, name, index = dice.one((freeable or idle) if dice.luck(2) else (idle or freeable))
        world.act("anybody", dice.one(cast.keys), f"free{name}", number, index)
    else:
        node = 1 + dice.below(len(world.state.nodes))
        world.act("owner", world.state.nodes[node].owner, "setRoles", node, 1 + dice.below(2))


def _took_part(round_: Round, kind: int, index: int) -> bool:
    return index in (round_.updates if kind == UPDATE else round_.revealed)


def _free(task: Task, kind: int) -> list[int]:
    count = task.config.shards if kind == UPDATE else task.config.seats
    return [index for index in (*range(min(count, 4)), count - 1) if index not in task.slots(kind)]


# Tasks


def new_task(world: World, dice: Dice, cast: Cast) -> None:
    """A task of other settings, in which some take a slot at once; or one that cannot be."""
    sponsor = dice.one(cast.sponsors)
    if dice.luck(3):
        settings = dice.one(BAD_SETTINGS)
        assert not create(world, sponsor, settings, 0)
        world.act("sponsor", sponsor, "createTask", (*[0] * 18, NOTHING), dice.one([NOTHING, world.digest()]))
        return
    # Few at a time: of three tasks and more, none gets far.
    if len(world.state.tasks) >= 4:
        return
    drawn: dict[str, object] = {name: dice.one(options) for name, options in CHANGES.items() if dice.luck(3)}
    if drawn.get("min_updates") == 2 and drawn.get("update_quota") == 1:
        del drawn["update_quota"]
    create(world, sponsor, {**drawn, **dice.one(SIZES)}, dice.one([3, 0, 1]))
    number, task = max(world.state.tasks.items())
    for operator, roles in zip(cast.operators, ROLES, strict=True):
        for kind, name, role in ((UPDATE, "Shard", 1), (VERDICT, "Seat", 2)):
            if roles & role and (free := _free(task, kind)) and not dice.luck(5):
                world.act("owner", operator, f"take{name}", number, free[0])


def pay(world: World, dice: Dice, cast: Cast) -> None:
    """A sponsor, or anybody, pays in or takes out; more than there is, nothing, or all."""
    number = dice.one([*world.state.tasks, 99])
    task = world.state.tasks.get(number)
    sponsor = task.sponsor if task else cast.sponsors[0]
    sender = dice.one([sponsor, sponsor, dice.one(cast.keys)])
    escrow = task.escrow if task else 0
    amount = dice.one([3 * 10**18, 0, 1, escrow, escrow + 1, 2**128 - 1])
    world.act("sponsor", sender, dice.one(["fund", "withdrawEscrow"]), number, amount)


def give_away(world: World, dice: Dice, cast: Cast) -> None:
    """Tokens by a plain transfer to a contract, which owes them to nobody."""
    taker = dice.one([world.model.hive, world.model.registry])
    world.act("sponsor", dice.one([*cast.sponsors, cast.stranger]), "transfer", taker, dice.one([7, 0]))


NODES = [change_node, change_node, change_node, join, leave]
SLOTS = [take_slot, leave_slot, put_out]
SPONSORS = [new_task, pay, pay, give_away]
