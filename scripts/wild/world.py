"""A whole hive in the wild, watched from outside: who runs, what goes wrong, and what it comes to."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from anomalyhive.chain.deployment import Contracts
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.views import Role, RoundView
from anomalyhive.content.kubo import KuboStore
from anomalyhive.federation.settings import Settings
from anomalyhive.node.config_text import config_text
from wild import books
from wild.chain import WildChain, own_connection
from wild.founding import Founded, Resident, found
from wild.gate import Gate
from wild.netns import Namespace, obstacle
from wild.processes import NodeProcess
from wild.swarm import Swarm

KEEPERS = ("trainer-0", "trainer-1", "validator-0")
"""Who opens, tallies and cancels: three, so that one may be away."""

POLL_SECONDS = 0.4
CONFIRMATIONS = 2
LOOK_SECONDS = 0.5


class Stuck(Exception):
    """A hive did not get as far as it must in the time it was given."""


@dataclass
class World:
    """A hive of processes. ``gates`` are the doors between nodes and the chain, by the node's name."""

    folder: Path
    settings: Settings
    chain: WildChain
    swarm: Swarm
    founded: Founded
    contracts: Contracts
    gates: dict[str, Gate]
    nodes: dict[str, NodeProcess]
    place: Namespace | None = None
    gone: set[str] = field(default_factory=set)

    # Watching

    @property
    def finals(self) -> int:
        """How many rounds are final."""
        return self.contracts.hive.task(self.founded.task.number).finals

    def views(self) -> list[RoundView]:
        """All rounds as they stand."""
        return books.views_of(self.contracts, self.founded.task)

    def wait_until(self, reached: Callable[[], bool], seconds: float, what: str) -> None:
        """Return when something is so. Raises Stuck, with what the nodes said last, where it does not come."""
        deadline = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > deadline:
                words = "\n".join(f"--- {name}\n{node.last_words()}" for name, node in self.nodes.items())
                raise Stuck(f"{what} did not come in {seconds:.0f} s:\n{words}")
            time.sleep(LOOK_SECONDS)

    def run_rounds(self, more: int, seconds: float) -> None:
        """Let so many more rounds become final."""
        due = self.finals + more
        self.wait_until(lambda: self.finals >= due, seconds, f"final round {due}")

    def number(self, name: str) -> int:
        """The number of a node in the registry."""
        return next(one.number for one in self.founded.residents if one.name == name)

    @property
    def sponsor(self) -> Signer:
        """Who pays for what anyone may send."""
        return self.founded.sponsor

    def store(self) -> KuboStore:
        """The content, as some daemon that runs gives it."""
        return next(one for one in self.swarm if one.alive() and not one.inside).store()

    def wrongs(self) -> list[str]:
        """In words, everything that is not as it must be; empty if nothing is."""
        task, store = self.founded.task, self.store()
        with self.chain.held():
            log, views, tokens = books.log_of(self.contracts), self.views(), books.count_tokens(self.contracts, task)
            wrong = books.double_submissions(log) + books.wrong_pay(self.contracts, task)
        wrong += books.other_bits(task, store, views)
        if tokens.missing or tokens.unexplained:
            wrong.append(f"{tokens.missing} of the tokens are missing, {tokens.unexplained} are too many: {tokens}")
        return wrong

    # Doing

    def running(self) -> list[NodeProcess]:
        """The nodes that are not gone for good."""
        return [node for name, node in self.nodes.items() if name not in self.gone]

    def revive(self) -> None:
        """Start every node that is down and not gone for good, and open every door."""
        for gate in self.gates.values():
            gate.open()
        for node in self.running():
            node.start()


def build(folder: Path, settings: Settings, program: str, stack: ExitStack, phase_seconds: int = 40) -> World:
    """Found a hive of as many daemons as trainers and start nothing of it yet but chain and daemons.

    Where the machine allows it, the last trainer and its daemon live in a network namespace of their own.
    """
    place = stack.enter_context(Namespace()) if obstacle() is None else None
    chain = WildChain(folder / "chain")
    stack.enter_context(chain)
    swarm = stack.enter_context(Swarm(folder / "swarm", settings.nodes, program, place))
    founded = found(chain, folder, settings, swarm[0].store(), phase_seconds)
    web3 = own_connection(chain.url)
    port = chain.port or 0
    apart = f"trainer-{settings.nodes - 1}" if place else ""
    gates = {
        one.name: stack.enter_context(
            Gate(("127.0.0.1", port), place.here if place and one.name == apart else "127.0.0.1")
        )
        for one in founded.residents
    }
    contracts = Contracts.at(web3, founded.deployment)
    world = World(folder, settings, chain, swarm, founded, contracts, gates, {}, place)
    for index, resident in enumerate(founded.residents):
        prefix = place.command([]) if place and resident.name == apart else ()
        settle_in(world, resident, gates[resident.name].url, swarm[index % settings.nodes].address, prefix)
    stack.callback(_end, list(world.nodes.values()))
    chain.set_going()
    return world


def settle_in(world: World, resident: Resident, url: str, daemon: str, prefix: Sequence[str] = ()) -> None:
    """Write a node's settings and make its process, which does not run yet."""
    values = {
        "endpoints": [url],
        "chain_id": world.founded.deployment.chain_id,
        "deployment": str(world.founded.record),
        "roles": ["train" if resident.role is Role.TRAIN else "validate"],
        "tasks": [world.founded.task.number],
        "store": daemon,
        "keeper": resident.name in KEEPERS,
        "confirmations": CONFIRMATIONS,
        "poll_seconds": POLL_SECONDS,
    }
    (resident.home / "node.toml").write_text(config_text(values), encoding="utf-8")
    environment = {"XDG_STATE_HOME": str(world.folder / "state")}
    world.nodes[resident.name] = NodeProcess(resident.name, resident.home, environment, prefix)


def _end(nodes: Sequence[NodeProcess]) -> None:
    for node in nodes:
        node.kill()
