"""A federation from its settings to its report, in one process, and again from where it stopped."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from web3 import Web3

from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.chain.events import Event, read_events, round_events
from anomalyhive.chain.gas import Spent, spent_on
from anomalyhive.chain.localchain import KINDS, LocalChain
from anomalyhive.chain.rpc import connect
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.views import Phase, RoundView
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.store import Store
from anomalyhive.errors import ChainFailure, Failure
from anomalyhive.federation.casting import Cast, Scene, cast_actors
from anomalyhive.federation.coin import funder, local_pay, provide, required
from anomalyhive.federation.counting import Asked, Step, ask, count
from anomalyhive.federation.crew import Member, keep_key, muster
from anomalyhive.federation.drive import Clock, LocalClock, WallClock, drive_round
from anomalyhive.federation.folder import RunFolder, write_json
from anomalyhive.federation.founding import Founded, Ground, check_learner, found, open_task
from anomalyhive.federation.gathering import digest_of_input, gather
from anomalyhive.federation.paying import claim_all
from anomalyhive.federation.progress import Progress, clear, keep_settings, progress_of
from anomalyhive.federation.record import cancelled_record, round_record, transactions_of
from anomalyhive.federation.rows import Shared, publish_table, share_out
from anomalyhive.federation.settings import Settings
from anomalyhive.roles.keeper import Keeper
from anomalyhive.roles.steps import Taken
from anomalyhive.roles.task import Task

MOST_CANCELLED = 3
"""Rounds cancelled one after the other: more will not help."""


class Listener(Protocol):
    """Who is told how a federation gets on."""

    def stage(self, text: str) -> None:
        """A stage begins."""

    def counting(self, step: Step) -> None:
        """Transactions of the chunks were counted."""

    def step(self, round_: int, taken: Taken) -> None:
        """A node did something in a round."""

    def round_done(self, record: Mapping[str, Any]) -> None:
        """A round is final; see `record.round_record`."""

    def round_cancelled(self, record: Mapping[str, Any]) -> None:
        """A round was cancelled; see `record.cancelled_record`."""


@dataclass
class Session:
    """A founded federation at work."""

    settings: Settings
    folder: RunFolder
    web3: Web3
    local: LocalChain | None
    deployment: Deployment
    contracts: Contracts
    task: Task
    store: Store
    shared: Shared
    members: Sequence[Member]
    sponsor: Signer
    progress: Progress
    names: Mapping[int, str]

    def name_of(self, node: int) -> str:
        """The name of a node of this run by its number."""
        return self.names.get(node, f"node {node}")

    def events(self, round_: int | None = None) -> list[Event]:
        """All events of the contracts, or those of one round."""
        place = self.deployment
        if round_ is not None:
            return round_events(self.web3, [place.hive], place.block, self.task.number, round_)
        return read_events(self.web3, [place.token, place.registry, place.hive], place.block)

    def spent(self, round_: int | None = None) -> list[Spent]:
        """The transactions of the whole run, or of one round, with their gas."""
        return [spent_on(self.web3, one) for one in transactions_of(self.events(round_))]

    def checkpoint(self, seconds: float) -> None:
        """Make what was reached survive anything: the chain's state first, then the progress."""
        self.progress.seconds += seconds
        if self.local is not None:
            self.local.save()
        write_json(self.folder.progress, self.progress.as_json())


@contextlib.contextmanager
def opened(settings: Settings, root: Path, listener: Listener, port: int | None = None) -> Iterator[Session]:
    """Found the federation of a run folder, or bring it back to where it stopped."""
    folder = RunFolder(root)
    listener.stage("reading the data")
    # What is wrong with the user's input is found before anything is made.
    settings = replace(settings, data_digest=digest_of_input(settings))
    asked = None if settings.shards is None else ask(settings)
    table = share_out(settings) if asked is None else None
    if asked is not None:
        check_learner(settings, asked.columns, asked.labelled.classes)
    elif table is not None:
        check_learner(settings, table.pooled.columns, table.pooled.classes)
    with folder.locked(), contextlib.ExitStack() as stack:
        progress = progress_of(folder, settings)
        shared = table or _of_chunks(settings, asked, folder, listener)
        if progress is None:
            clear(folder)
        local, url = None, settings.chain
        if settings.chain in KINDS:
            local = LocalChain(settings.chain, folder.chain, port)
            if progress is not None and not local.has_state():
                raise Failure(f"the state of {local.kind} in {folder.chain} is missing: restore it, or start a new run")
            listener.stage(f"starting {settings.chain}")
            url = stack.enter_context(local).url
        web3 = local.web3 if local else connect(url)
        pay = local_pay(local) if local else funder(web3)
        if progress is None:
            pay = required(pay)
            keep_settings(folder, settings)
        key = keep_key(folder.node("sponsor") / "owner.key")
        members = stack.enter_context(muster(folder, web3, settings.nodes, settings.validators))
        ground = Ground(
            settings, folder, url, web3, shared, DirectoryStore(folder.store), members, Signer(web3, key), key
        )
        if pay is not None and (progress is None or local is None):
            provide(pay, ground.sponsor, members, settings.rounds)
        yield _begun(ground, local, listener) if progress is None else _resumed(ground, local, progress, listener)


def _of_chunks(settings: Settings, asked: Asked | None, folder: RunFolder, listener: Listener) -> Shared:
    """The rows of a run on chunks, of which those are counted that the folder does not keep."""
    assert asked is not None
    return gather(settings, listener.stage, count(asked, folder.counted, listener.counting))


def _begun(ground: Ground, local: LocalChain | None, listener: Listener) -> Session:
    founded = found(ground, listener.stage)
    _keep_test_rows(ground.folder, ground.shared)
    session = _session(ground, local, founded, Progress(founded.task.number))
    session.checkpoint(0)
    return session


def _resumed(ground: Ground, local: LocalChain | None, progress: Progress, listener: Listener) -> Session:
    listener.stage("going on where the run stopped")
    for signer in (ground.sponsor, *(one for member in ground.members for one in (member.owner, member.operator))):
        signer.settle()
    deployment = Deployment.read(ground.folder.deployment)
    contracts = Contracts.at(ground.web3, deployment)
    task = open_task(contracts, deployment, progress.task, ground.store)
    return _session(ground, local, Founded(deployment, contracts, task), progress)


def _session(ground: Ground, local: LocalChain | None, founded: Founded, progress: Progress) -> Session:
    return Session(
        settings=ground.settings,
        folder=ground.folder,
        web3=ground.web3,
        local=local,
        deployment=founded.deployment,
        contracts=founded.contracts,
        task=founded.task,
        store=ground.store,
        shared=ground.shared,
        members=ground.members,
        sponsor=ground.sponsor,
        progress=progress,
        names={member.number(founded.contracts): member.name for member in ground.members},
    )


def learn(session: Session, listener: Listener, cast: Cast = Cast()) -> None:  # noqa: B008 - immutable
    """Run rounds until as many are final as the settings ask for."""
    keeper = Keeper(session.sponsor, session.contracts.hive)
    scene = Scene(session.task, session.contracts, session.folder.store)
    actors = [*cast_actors(scene, session.members, cast), keeper]
    hive, task = session.contracts.hive, session.task
    clock: Clock = LocalClock(session.local) if session.local else WallClock(hive, session.sponsor)
    _catch_up(session)
    while (state := hive.task(task.number)).finals < session.settings.rounds:
        started = time.monotonic()
        phase = hive.phase(task.number, state.latest_round)[0] if state.latest_round else Phase.NONE
        if phase in (Phase.NONE, Phase.FINAL, Phase.CANCELLED):
            keeper.open(task.number)
        round_ = hive.task(task.number).latest_round
        view = drive_round(hive, task, round_, actors, clock, partial(listener.step, round_))
        seconds = time.monotonic() - started
        if view.phase is Phase.FINAL:
            record = _record(session, view, seconds)
            session.progress.rounds.append(record)
            session.checkpoint(seconds)
            listener.round_done(record)
        else:
            _note_cancelled(session, view, listener)
            session.checkpoint(seconds)


def settle(session: Session) -> dict[str, int]:
    """Let every node claim what it earned; node name -> 1e-18 tokens claimed in all."""
    claims = claim_all(session.contracts, session.task.number, session.members, session.events())
    session.checkpoint(0)
    return claims


def _record(session: Session, view: RoundView, seconds: float) -> dict[str, Any]:
    spent = session.spent(view.round)
    return round_record(session.task, view, session.store, session.shared.test, spent, seconds, session.name_of)


def _note_cancelled(session: Session, view: RoundView, listener: Listener) -> None:
    record = cancelled_record(view, session.store, session.name_of)
    session.progress.cancelled.append(record)
    listener.round_cancelled(record)
    last = [entry["round"] for entry in session.progress.cancelled[-MOST_CANCELLED:]]
    if last == list(range(view.round - MOST_CANCELLED + 1, view.round + 1)):
        raise ChainFailure(
            f"rounds {last[0]} to {last[-1]} were cancelled one after the other: see who is missing, then run again"
        )


def _catch_up(session: Session) -> None:
    """Write down the rounds that the chain has finished and progress.json, after a kill, has not."""
    hive, task, known = session.contracts.hive, session.task, session.progress
    noted = {entry["round"] for entry in [*known.rounds, *known.cancelled]}
    for round_ in range(1, hive.task(task.number).latest_round + 1):
        if round_ in noted:
            continue
        view = hive.round(task.number, round_)
        if view.phase is Phase.FINAL:
            known.rounds.append(_record(session, view, 0.0))
        elif view.phase is Phase.CANCELLED:
            known.cancelled.append(cancelled_record(view, session.store, session.name_of))


def _keep_test_rows(folder: RunFolder, shared: Shared) -> None:
    """Keep the rows that no node has, apart from the store that nodes read."""
    if len(shared.test):
        digest = publish_table(shared.test, DirectoryStore(folder.evaluation))
        write_json(folder.test_rows, {"dataset": digest.hex()})
