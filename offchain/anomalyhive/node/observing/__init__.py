"""What a node shows of itself while it works: its log, its health and its metrics."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from anomalyhive.node.config import NodeConfig
from anomalyhive.node.observing.health import Health
from anomalyhive.node.observing.logs import hiding, say, start_log, stop_log
from anomalyhive.node.observing.metrics import Metrics
from anomalyhive.node.observing.serving import serving
from anomalyhive.node.observing.several import Several
from anomalyhive.node.observing.telling import Telling
from anomalyhive.node.watching import Watcher

__all__ = ["observed"]


@contextmanager
def observed(config: NodeConfig, stream: TextIO | None = None) -> Iterator[Watcher]:
    """A watcher for a node with these settings, until the end of the block.

    The log goes to ``stream``, standard error if there is none. Raises BadSetting where ``listen`` cannot be served.
    """
    monitor = config.monitor
    others = () if monitor is None else (*(monitor.source or ()), *(one.url for one in monitor.webhooks))
    hide = hiding((*config.endpoints, *others))
    handler = start_log(sys.stderr if stream is None else stream, config.log_format, hide)
    try:
        health, metrics = Health(time.time, hide), Metrics()
        watcher = Several((Telling(time.monotonic), health, metrics))
        if config.listen is None:
            yield watcher
            return
        with serving(config.listen, health, metrics.registry) as (host, port):
            say("serving", host=host, port=port)
            yield watcher
    finally:
        stop_log(handler)
