"""Checks of a monitor: its settings and secrets, its watch, its webhooks, its post on the feed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from anomalyhive.chain.rpc import connect
from anomalyhive.chain.views import Role
from anomalyhive.errors import AnomalyHiveError, ChainFailure
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.schema import FILE
from anomalyhive.monitor.webhooks import DeadLetters
from anomalyhive.node.amounts import tokens
from anomalyhive.node.asking import asked
from anomalyhive.node.doctor.complaint import Complaint
from anomalyhive.node.doctor.patient import Settled, Working
from anomalyhive.node.monitoring.lookout import Lookout
from anomalyhive.node.monitoring.settings import MonitorConfig
from anomalyhive.node.monitoring.state import reached_feed
from anomalyhive.texts import counted
from anomalyhive.urls import redact

MOST_BEHIND = 50
"""Blocks that a watch may be behind, beside those that its settings say."""

READABLE_BY_OTHERS = 0o077


def watch_is_told(patient: Settled) -> Iterator[Complaint]:
    """A monitor has settings of what it watches, and who has them is a monitor."""
    config = patient.config
    if Role.MONITOR in config.roles and config.monitor is None:
        yield Complaint(
            "the role monitor watches nothing without [monitor]",
            f"write it into {patient.home.config}, see its comments",
        )
    elif Role.MONITOR not in config.roles and config.monitor is not None:
        yield Complaint(
            "[monitor] is written, and the node has not the role", f'add "monitor" to roles in {patient.home.config}'
        )


def webhooks_work(patient: Settled) -> Iterator[Complaint]:
    """Each secret can be read, by its user alone; and no webhook has dead letters."""
    monitor = watching(patient)
    for one in () if monitor is None else monitor.webhooks:
        try:
            one.opened()
            dead = len(DeadLetters(monitor.folder, one.name).all()) if monitor else 0
        except AnomalyHiveError as error:
            yield Complaint(str(error))
            continue
        if one.secret_file is not None and one.secret_file.stat().st_mode & READABLE_BY_OTHERS:
            yield Complaint(f"{one.secret_file} can be read by others", f"chmod 600 {one.secret_file}")
        if dead:
            yield Complaint(
                f"the webhook {one.name} did not take {counted(dead, 'message')}",
                f"anomalyhive node dead-letters --home {patient.home.root} says why; "
                f"anomalyhive node redeliver {one.name} --home {patient.home.root} sends them again",
            )


def watch_keeps_up(patient: Settled) -> Iterator[Complaint]:
    """The endpoints of the watch answer, and it is not far behind them."""
    monitor = watching(patient)
    if monitor is None:
        return
    due, heads = Lookout(patient.config, monitor, ()).chain.chain_id, []
    for url in monitor.source or ():
        try:
            web3 = connect(url, patient=False)
            found = asked("eth_chainId", lambda: web3.eth.chain_id)  # noqa: B023 - called at once
            heads.append(asked("eth_blockNumber", lambda: web3.eth.block_number))  # noqa: B023 - called at once
        except ChainFailure as error:
            yield Complaint(f"{error} in `source` of [monitor]")
            continue
        if found != due:
            yield Complaint(
                f"{redact(url)} is of chain {found}, and chain {due} is watched",
                f"change source, chain or source_chain_id of [monitor] in {patient.home.config}",
            )
    if heads and (monitor.folder / FILE).exists():
        with closing(WatchReader(monitor.folder)) as reader:
            row = reader.head()
        behind = max(heads) - (0 if row is None else row.number) - monitor.behind
        if row is not None and behind > MOST_BEHIND:
            yield Complaint(
                f"the watch is {behind} blocks behind its chain", "let the node run; name a faster endpoint if it stays"
            )


def post_is_held(patient: Working) -> Iterator[Complaint]:
    """The feed is one of the hive's, of the task that judges, and the node has a post there."""
    monitor, record = watching(patient), patient.standing.record
    if monitor is None or monitor.feed is None or record is None or record.exit_at:
        return
    feed = reached_feed(patient.place, monitor.feed)
    task = Lookout(patient.config, monitor, ()).task
    if feed.task() != task:
        yield Complaint(
            f"the feed {feed.address} is of task {feed.task()}, and the models of task {task} judge",
            f"change feed or task of [monitor] in {patient.home.config}",
        )
        return
    needed = feed.rules().min_stake
    if record.stake < needed:
        yield Complaint(
            f"the stake is {tokens(record.stake)}, and the feed asks for {tokens(needed)}",
            f"anomalyhive node register --stake adds what is missing, --home {patient.home.root}",
        )
    if feed.post_of(patient.standing.number) is None:
        free = [one for one in range(feed.rules().posts) if not feed.post(one).node]
        yield Complaint(
            f"the node holds no post of the feed {feed.address}, and "
            f"{'none is free' if not free else f'post {free[0]} is free'}",
            "wait until one is given up, or name another feed" if not free else "let it run: it takes one by itself",
        )


def watching(patient: Settled) -> MonitorConfig | None:
    """The settings of a monitor, where the node is one."""
    return patient.config.monitor if Role.MONITOR in patient.config.roles else None
