"""The process of a node: from its locks to the signal that ends it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from eth_account import Account

from anomalyhive.chain.views import Role
from anomalyhive.errors import Failure
from anomalyhive.node.config import NodeConfig
from anomalyhive.node.duties import Equipment
from anomalyhive.node.equipping import duties_of, equip
from anomalyhive.node.home import NodeKeys
from anomalyhive.node.locks import sole_process
from anomalyhive.node.loop import LONGEST_PAUSE, Loop
from anomalyhive.node.monitoring.beside import Beside
from anomalyhive.node.monitoring.lookout import Lookout
from anomalyhive.node.watching import Watcher


def run_node(config: NodeConfig, keys: NodeKeys, watcher: Watcher) -> int:
    """Run a node until SIGTERM or Ctrl-C, and return 0; what it was doing goes on at its next start.

    What is away is waited for. Raises BadInput for what only the operator can put right, such as KeyInUse.
    """
    operator = str(Account.from_key(keys.operator).address)
    with sole_process(config.home, operator), _told_to_stop() as stop:
        gear = _equipped(config, keys, watcher, stop)
        if gear is not None:
            with _monitoring(config, gear, stop) as beside:
                Loop(gear, duties_of(config), beside).run(stop)
    return 0


@contextmanager
def _monitoring(config: NodeConfig, gear: Equipment, stop: Event) -> Iterator[Beside | None]:
    """A monitor's part, where the node has the role and settings for it; its watch goes on until the end."""
    if config.monitor is None or Role.MONITOR not in config.roles:
        yield None
        return
    lookout = Lookout.of(config, config.monitor)
    with lookout.keeping(stop):
        yield Beside(gear, lookout, duties_of(config).paused)


def _equipped(config: NodeConfig, keys: NodeKeys, watcher: Watcher, stop: Event) -> Equipment | None:
    """What the node works with, once all of it is there; None if it is to stop before."""
    pause = config.poll_seconds
    while not stop.is_set():
        try:
            return equip(config, keys, watcher, stop)
        except Failure as error:
            watcher.failed("start", error)
        stop.wait(pause)
        pause = min(2 * pause, max(LONGEST_PAUSE, config.poll_seconds))
    return None


@contextmanager
def _told_to_stop() -> Iterator[Event]:
    """Set when SIGTERM or SIGINT comes; a second one ends the process at once, which costs nothing but time."""
    stop = Event()

    def told(number: int, _: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, told)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
