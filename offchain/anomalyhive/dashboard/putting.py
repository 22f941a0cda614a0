"""A dashboard put together from what the user named."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anomalyhive.atomic import appearing
from anomalyhive.content.opening import open_stores
from anomalyhive.dashboard.api.app import create_app
from anomalyhive.dashboard.api.board import Board
from anomalyhive.dashboard.api.serving import bound, server_of
from anomalyhive.dashboard.live.auditing import Audits
from anomalyhive.dashboard.live.content import RememberedContent
from anomalyhive.dashboard.live.feeding import Feeding
from anomalyhive.dashboard.live.hub import Hub
from anomalyhive.dashboard.live.mine import Mine
from anomalyhive.dashboard.live.places import HivePlace, Place, RunPlace
from anomalyhive.dashboard.live.poller import Poller
from anomalyhive.dashboard.live.ticking import STOP_SECONDS, Ticker
from anomalyhive.dashboard.live.watching import Watching
from anomalyhive.errors import BadSetting

FIRST_LOOK_SECONDS = 5.0
"""For how long the address is not told yet while a first look goes on."""

COPY_SECONDS = 30.0
"""For how long the end of a look at a copied chain is waited for."""

RUN_SECONDS, LIVE_SECONDS = 0.5, 2.0
"""Between two looks at a chain of this machine, and at one of others."""

TOKEN_FILE = "dashboard.token"  # noqa: S105 - the name of a file


@dataclass(frozen=True)
class Wanted:
    """What the user named, as the options of the command do."""

    run: Path | None
    rpc: str | None
    hive: str | None
    task: int | None
    stores: tuple[str, ...]
    feed: str | None
    watch: Path | None
    home: Path | None
    host: str
    port: int


@dataclass(frozen=True)
class Served:
    """A dashboard that may be served.

    ``problem`` says in words what its first look found wrong, or that it goes on still; None for nothing. ``serve``
    answers until it is told to stop; whatever the problem, it is looked again meanwhile.
    """

    url: str
    token: str
    problem: str | None
    serve: Callable[[], None]


@contextlib.contextmanager
def served(wanted: Wanted, clock: Callable[[], float]) -> Iterator[Served]:
    """A dashboard at the end of its first look, which is not waited for for ever. Raises BadInput."""
    board = board_of(wanted, clock)
    listening = bound(wanted.host, wanted.port)
    with contextlib.closing(listening), _kept_token(wanted, board.token), working(board):
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        server = server_of(create_app(board))
        yield Served(f"http://{shown}:{port}", board.token, board.latest.problem, lambda: server.run([listening]))


def board_of(wanted: Wanted, clock: Callable[[], float]) -> Board:
    """The parts of a dashboard; nothing runs yet. Raises BadInput for what cannot be shown."""
    place, content, subject = _place_of(wanted)
    return Board(
        poller=Poller(place, content, wanted.task, RUN_SECONDS if place.mode == "run" else LIVE_SECONDS, clock),
        hub=Hub(secrets.token_hex(4)),
        token=secrets.token_urlsafe(32),
        clock=clock,
        hosts=(wanted.host,),
        watching=None if wanted.watch is None else _watching(wanted.watch),
        feeding=None if wanted.feed is None else Feeding(place, wanted.feed, time.monotonic),
        mine=None if wanted.home is None else Mine(wanted.home, clock),
        audits=None if subject is None else Audits(place, subject),
    )


@contextlib.contextmanager
def working(board: Board) -> Iterator[None]:
    """The threads of a dashboard, for as long as the block."""
    tickers = [Ticker("poller", board.poller.look)]
    if board.watching is not None:
        tickers.append(Ticker("watch", board.watching.look))
    if board.mine is not None:
        tickers += [Ticker("node", board.mine.look), Ticker("doctor", board.mine.examine)]
    try:
        for ticker in tickers:
            ticker.start(FIRST_LOOK_SECONDS if ticker is tickers[0] else 0.0)
        yield
    finally:
        board.poller.stopping.set()
        for ticker in tickers:
            ticker.told()
        # The copy of a run's chain is a process that ends with the look at it.
        tickers[0].stop(COPY_SECONDS if board.poller.place.resting else STOP_SECONDS)
        for ticker in tickers[1:]:
            ticker.stop()
        if board.audits is not None:
            board.audits.stop()


def _watching(folder: Path) -> Watching:
    """A watch, which must be there at the start. Raises BadInput."""
    watching = Watching(folder)
    with watching.reader():
        return watching


def _place_of(wanted: Wanted) -> tuple[Place, RememberedContent, dict[str, Any] | None]:
    """Where the hive is, its content, and what an audit is told of both; None where there is no content."""
    if (wanted.run is None) == (wanted.rpc is None):
        raise BadSetting("what to show: name the folder of a run with --run, or a live hive with --rpc and --hive")
    if wanted.run is not None:
        if wanted.hive is not None or wanted.stores:
            raise BadSetting(f"the run {wanted.run} names its hive and has its content: leave out --hive and --store")
        run = RunPlace(wanted.run)
        return run, RememberedContent.at(run.folder.store), {"run": str(run.folder.root)}
    if wanted.hive is None:
        raise BadSetting("--rpc needs --hive: name the address of the hive on that chain")
    assert wanted.rpc is not None
    place = HivePlace(wanted.rpc, wanted.hive)
    if not wanted.stores:
        return place, RememberedContent.of(None), None
    subject = {"rpc": wanted.rpc, "hive": wanted.hive, "stores": list(wanted.stores)}
    return place, RememberedContent.of(open_stores(wanted.stores)), subject


@contextlib.contextmanager
def _kept_token(wanted: Wanted, token: str) -> Iterator[None]:
    """Keep the token where the user of this machine finds it, and nobody else."""
    folder = wanted.run if wanted.home is None else wanted.home
    if folder is None:
        yield
        return
    path = folder / TOKEN_FILE
    try:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        with appearing(path, 0o600) as file:
            file.write(token.encode() + b"\n")
    except OSError:  # of another user, or on a medium that is not written: the address that is printed has it
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if path.read_bytes().strip() == token.encode():
                path.unlink()
