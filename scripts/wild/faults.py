"""What goes wrong in a hive, each as it does in life: it comes at a random moment, lasts a while, and passes.

A fault is a function of the world and of dice; it does its harm, mends what mends, and says in words what it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import TypeAlias

from anomalyhive.chain.views import Role
from wild.world import World

Fault: TypeAlias = Callable[[World, Random], str]

MOST_KILLED = 3
SHORTEST, LONGEST = 2.0, 7.0
"""Seconds that a fault lasts."""

DEPTHS = (2, 5)
"""Blocks that a reorganisation gives up: beyond what nodes wait for, so that some were believed."""


def kill(world: World, dice: Random) -> str:
    """`kill -9` of a few nodes, one after the other, and a new start of each."""
    chosen = dice.sample(world.running(), min(dice.randint(1, MOST_KILLED), len(world.running())))
    for node in chosen:
        time.sleep(dice.uniform(0, 2))
        node.kill()
    time.sleep(dice.uniform(0, SHORTEST))
    world.revive()
    return f"kill -9 of {', '.join(node.name for node in chosen)}, and started again"


def endpoint(world: World, dice: Random) -> str:
    """The RPC endpoint answers nobody for some seconds."""
    seconds = dice.uniform(SHORTEST, LONGEST)
    for gate in world.gates.values():
        gate.shut()
    time.sleep(seconds)
    world.revive()
    return f"the RPC endpoint down for {seconds:.1f} s"


def reorganisation(world: World, dice: Random) -> str:
    """The chain gives its last blocks up, with every transaction in them."""
    depth = dice.randint(*DEPTHS)
    first = world.chain.reorganise(depth)
    return f"a reorganisation of {depth} blocks, from block {first} on"


def daemon(world: World, dice: Random) -> str:
    """A Kubo daemon is killed and comes back."""
    one = dice.randrange(len(world.swarm))
    seconds = dice.uniform(SHORTEST, LONGEST)
    world.swarm[one].kill()
    time.sleep(seconds)
    world.swarm[one].start()
    return f"Kubo daemon {one} killed, and back after {seconds:.1f} s"


def partition(world: World, dice: Random) -> str:
    """A trainer and its daemon reach neither the chain nor any peer for some seconds."""
    # Who lives in a network namespace has a fault of its own.
    place = dice.randrange(world.settings.nodes - 1)
    name = f"trainer-{place}"
    seconds = dice.uniform(SHORTEST, LONGEST)
    world.gates[name].shut()
    world.swarm[place].cut_off()
    time.sleep(seconds)
    world.swarm[place].reunite()
    world.revive()
    return f"{name} and its daemon cut off for {seconds:.1f} s"


def cable(world: World, dice: Random) -> str:
    """The last trainer's network namespace is cut off: what is under way stops, and neither end is told."""
    if world.place is None:
        return "this machine makes no network namespaces: nobody was cut off"
    seconds = dice.uniform(SHORTEST, 2 * LONGEST)
    world.place.cut_off()
    time.sleep(seconds)
    world.place.reunite()
    for one in world.swarm:
        if one.alive() and not one.inside:
            one.meet()
    return f"the network namespace of trainer-{world.settings.nodes - 1} cut off for {seconds:.1f} s"


def gone(world: World, dice: Random) -> str:
    """A validator stops for good; a quorum of the others must do."""
    named = [one.name for one in world.founded.residents if one.role is Role.VALIDATE]
    validators = [name for name in named if name not in world.gone]
    spare = len(validators) - world.founded.task.config.quorum
    if spare <= 0:
        return "no validator could be spared"
    name = dice.choice(validators)
    world.gone.add(name)
    world.nodes[name].kill()
    return f"{name} gone for good"


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "kill -9": kill,
        "endpoint down": endpoint,
        "reorganisation": reorganisation,
        "daemon gone": daemon,
        "cut off": partition,
        "cable pulled": cable,
    }
)
"""Those that pass. `gone` does not."""
