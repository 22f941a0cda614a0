"""The event loop of a node: every task in turn, again and again, until it is told to stop."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

from web3 import Web3

from anomalyhive.chain.rpc import answering
from anomalyhive.errors import Failure
from anomalyhive.node.duties import Duties, Equipment
from anomalyhive.node.monitoring.beside import Beside
from anomalyhive.node.post import Post
from anomalyhive.node.retaining import Retaining
from anomalyhive.node.watching import Standing

LONGEST_PAUSE = 15.0
"""Seconds before what failed is tried again: first after a look's time, then twice as long each time."""

CENSUS_SECONDS = 60.0
"""How often the hive is asked for new tasks, where the node works on all of them."""


@dataclass
class _Case:
    """A post, how often in a row it has failed, and when it is visited again (unix seconds)."""

    post: Post
    failures: int = 0
    due: float = 0.0


class Loop:
    """The loop of one node. A kill at any moment costs nothing but time: see `anomalyhive.roles.steps`."""

    def __init__(self, gear: Equipment, duties: Duties, beside: Beside | None = None) -> None:
        """Raises BadSetting where the store cannot keep what it should. ``beside`` is a monitor's part."""
        self._gear, self._duties, self._beside = gear, duties, beside
        self._retaining = Retaining(gear, duties.keep_models)
        self._cases: dict[int, _Case] = {}
        self._counted = -float("inf")
        self._failures = 0

    def run(self, stop: Event) -> None:
        """Work until ``stop`` is set; the step at hand is finished. Raises BadInput for what time does not mend."""
        while not stop.is_set():
            stop.wait(self.turn(stop))

    def turn(self, stop: Event) -> float:
        """Look at everything once; the seconds until the next time."""
        try:
            # First, so that no step is taken on what this node's own transactions are about to change.
            self._gear.signer.settle()
            self._tell_standing()
            self._count_tasks()
            for case in self._cases.values():
                if not stop.is_set() and case.due <= self._gear.clock():
                    self._visit(case, stop)
            if self._beside is not None and not stop.is_set():
                self._beside.turn()
            if not stop.is_set():
                self._retaining.see_to([number for number, case in self._cases.items() if case.post.manned])
        except Failure as error:
            self._failures += 1
            self._gear.watcher.failed("look at the chain", error)
            return self._pause(self._failures)
        self._failures = 0
        return self._duties.poll_seconds

    def _tell_standing(self) -> None:
        gear = self._gear
        web3, operator = gear.contracts.hive.web3, gear.signer.address
        with answering("eth_getBalance"):
            balance = int(web3.eth.get_balance(Web3.to_checksum_address(operator)))
        gear.watcher.stood(Standing(gear.node, operator, balance, len(gear.signer.unsettled())))

    def _visit(self, case: _Case, stop: Event) -> None:
        well = case.post.visit(stop.is_set)
        case.failures = 0 if well else case.failures + 1
        pause = self._pause(case.failures)
        if not self._duties.tasks and not case.post.manned:
            # A stranger's task that this node cannot work on is no news every few seconds.
            pause = max(pause, CENSUS_SECONDS)
        case.due = 0.0 if well else self._gear.clock() + pause

    def _count_tasks(self) -> None:
        """Have a post for every task, new ones too where no task was named."""
        numbers = self._duties.tasks
        if not numbers:
            if self._gear.clock() - self._counted < CENSUS_SECONDS:
                return
            numbers = tuple(range(1, int(self._gear.contracts.hive.read("taskCount")) + 1))
            self._counted = self._gear.clock()
        for number in numbers:
            if number not in self._cases:
                self._cases[number] = _Case(Post(self._gear, self._duties, number))

    def _pause(self, failures: int) -> float:
        return float(
            min(self._duties.poll_seconds * 2 ** min(failures, 10), max(LONGEST_PAUSE, self._duties.poll_seconds))
        )
