"""A dashboard put together from what the user named."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from anomalyhive.content.atomic import appearing
from anomalyhive.content.opening import open_stores
from anomalyhive.dashboard.api.app import create_app
from anomalyhive.dashboard.api.board import Board
from anomalyhive.dashboard.api.serving import bound, server_of
from anomalyhive.dashboard.live.content import Library
from anomalyhive.dashboard.live.feeding import Feeding
from anomalyhive.dashboard.live.hub import Hub
from anomalyhive.dashboard.live.places import HivePlace, Place, RunPlace
from anomalyhive.dashboard.live.poller import Poller
from anomalyhive.dashboard.live.ticking import Ticker
from anomalyhive.dashboard.live.watching import Watching
from anomalyhive.errors import BadSetting

FIRST_LOOK_SECONDS = 5.0
"""For how long the address is not told yet while a first look goes on."""

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


@contextlib.contextmanager
def served(wanted: Wanted, clock: Callable[[], float]) -> Iterator[tuple[str, str, Callable[[], None]]]:
    """URL and token of a dashboard, and what serves it until it is told to stop. Raises BadSetting."""
    place, library = _place_of(wanted)
    watching = None if wanted.watch is None else _watching(wanted.watch)
    feeding = None if wanted.feed is None else Feeding(place, wanted.feed, time.monotonic)
    token = secrets.token_urlsafe(32)
    listening = bound(wanted.host, wanted.port)
    with contextlib.closing(listening):
        poller = Poller(place, library, wanted.task, RUN_SECONDS if place.mode == "run" else LIVE_SECONDS, clock)
        board = Board(
            poller=poller,
            library=library,
            hub=Hub(secrets.token_hex(4)),
            token=token,
            clock=clock,
            hosts=(wanted.host,),
            watching=watching,
            feeding=feeding,
        )
        tickers = [Ticker("poller", poller.look)]
        if watching is not None:
            tickers.append(Ticker("watch", watching.look))
        server = server_of(create_app(board))
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        with _kept_token(wanted, token):
            for ticker in tickers:
                ticker.start(FIRST_LOOK_SECONDS)
            try:
                yield f"http://{shown}:{port}", token, lambda: server.run([listening])
            finally:
                for ticker in tickers:
                    ticker.stop()


def _watching(folder: Path) -> Watching:
    """A watch, which must be there at the start. Raises BadInput."""
    watching = Watching(folder)
    with watching.reader():
        return watching


def _place_of(wanted: Wanted) -> tuple[Place, Library]:
    if (wanted.run is None) == (wanted.rpc is None):
        raise BadSetting("what to show: name the folder of a run with --run, or a live hive with --rpc and --hive")
    if wanted.run is not None:
        if wanted.hive is not None or wanted.stores:
            raise BadSetting(f"the run {wanted.run} names its hive and has its content: leave out --hive and --store")
        run = RunPlace(wanted.run)
        return run, Library.at(run.folder.store)
    if wanted.hive is None:
        raise BadSetting("--rpc needs --hive: name the address of the hive on that chain")
    assert wanted.rpc is not None
    library = Library.of(open_stores(wanted.stores) if wanted.stores else None)
    return HivePlace(wanted.rpc, wanted.hive), library


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
