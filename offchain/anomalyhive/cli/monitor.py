"""`anomalyhive monitor`: follow a chain, score the addresses of each block, and raise alerts."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Optional

import typer

from anomalyhive.chain.deployment import Contracts
from anomalyhive.cli.hives import open_hive
from anomalyhive.cli.monitor_lines import Lines
from anomalyhive.cli.monitor_telling import SECRET, telling, webhooks_of
from anomalyhive.content.opening import open_stores
from anomalyhive.errors import BadSetting, ChainFailure
from anomalyhive.federation.founding import open_task
from anomalyhive.ingestion.chains import chain_named
from anomalyhive.ingestion.sources import Access, opened
from anomalyhive.monitor.alert import MOST_NUMBER
from anomalyhive.monitor.models import HiveModels, Models, RunModels
from anomalyhive.monitor.threshold import Wish
from anomalyhive.monitor.watch import DAY, Watch, WatchSettings, watched_id
from anomalyhive.tables.holdout import parse_fraction
from anomalyhive.urls import mistaken

THRESHOLD = 9000
"""Basis points from which an address is called, unless something else is asked for."""

LAST = MOST_NUMBER - 1
"""The last number that a block can have."""

LONGEST_LIFE, MOST_KEPT = 400 * DAY, 10**9
"""The most seconds for which an alert holds, and blocks whose figures are kept; a node's settings have the same."""

LONGEST_PAUSE = 60.0
"""Seconds before what failed is tried again: first as long as between blocks, then twice as long each time."""


def monitor(
    source: Annotated[str, typer.Option(help="URL of a node of the chain to watch, several with commas between.")],
    watch: Annotated[Path, typer.Option(help="Folder of the watch; the same command goes on where it stopped.")],
    chain: Annotated[str, typer.Option(help="ethereum or polygon.")] = "ethereum",
    run: Annotated[Optional[Path], typer.Option(help="Folder of a run, whose latest model judges.")] = None,
    model: Annotated[Optional[str], typer.Option(help="Digest of a model of --run, for good.")] = None,
    rpc: Annotated[Optional[str], typer.Option(help="URL of the chain of a hive, whose latest model judges.")] = None,
    hive: Annotated[Optional[str], typer.Option(help="Address of the hive.")] = None,
    deployment: Annotated[Optional[Path], typer.Option(help="Deployment record, instead of --hive.")] = None,
    task: Annotated[int, typer.Option(min=1, help="Task of the hive.")] = 1,
    store: Annotated[
        Optional[list[str]], typer.Option(help="Where content is: directory:PATH or /ip4/…; may come several times.")
    ] = None,
    begin: Annotated[
        Optional[int], typer.Option("--from", min=0, max=LAST, help="First block; the chain's last by default.")
    ] = None,
    chunks: Annotated[
        Optional[Path], typer.Option(help="Folder of chunks: begin with what they tell, at the block after them.")
    ] = None,
    until: Annotated[
        Optional[int], typer.Option(min=0, max=LAST, help="Last block to follow; without end by default.")
    ] = None,
    threshold: Annotated[
        Optional[int], typer.Option(help=f"Call addresses from so many basis points; {THRESHOLD} by default.")
    ] = None,
    precision: Annotated[
        Optional[str], typer.Option(help="Call addresses so that at least this share of the called is right.")
    ] = None,
    false_positive_rate: Annotated[
        Optional[str], typer.Option(help="Call addresses so that at most this share of the innocent is called.")
    ] = None,
    life: Annotated[
        int, typer.Option("--for", min=1, max=LONGEST_LIFE, help="Seconds for which an alert holds.")
    ] = DAY,
    reasons: Annotated[int, typer.Option(min=0, max=20, help="Reasons that an alert gives.")] = 6,
    poll: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds between looks for a new block.")] = 2.0,
    give_up: Annotated[float, typer.Option(min=0, help="Seconds without an answer after which it ends.")] = 3600.0,
    keep_blocks: Annotated[
        int, typer.Option(min=1000, max=MOST_KEPT, help="Blocks of which figures and messages stay.")
    ] = 200_000,
    log: Annotated[
        Optional[Path], typer.Option(help="Log of alerts, JSON lines; alerts.jsonl in the watch's folder by default.")
    ] = None,
    webhook: Annotated[
        Optional[list[str]],
        typer.Option(help=f"NAME=URL to send alerts to, signed with the secret in {SECRET}; may come several times."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print lines of JSON, for programs.")] = False,
) -> None:
    """Follow a chain, score every address that a block touches, and raise an alert where one is likely fraud."""
    which = chain_named(chain)
    watched_id(which)
    if "://" not in source:
        raise BadSetting(
            f"--source {mistaken(source)!r} is no URL: a watch follows a node, such as http://127.0.0.1:8545"
        )
    if begin is not None and until is not None and until < begin:
        raise BadSetting(f"--until {until} is before --from {begin}: there is nothing to follow")
    webhooks = webhooks_of(webhook or ())
    wish = _wish(threshold, precision, false_positive_rate)
    settings = WatchSettings(begin, chunks, life, reasons, keep_blocks=keep_blocks)
    models = _models(Learnt(run, model, rpc, hive, deployment, task, tuple(store or ())), wish)
    models.latest()
    pace = Pace(poll, give_up, until)
    with (
        opened(which, source, Access()) as given,
        Lines(json) as lines,
        closing(Watch.open(watch, which, given, models, settings)) as made,
        telling(watch, log, webhooks, lines.problem) as tell,
    ):
        lines.begins(made.next, which.name)
        _follow(made, pace, lines, tell)


@dataclass(frozen=True)
class Learnt:
    """Where the model is from, as the options name it."""

    run: Path | None
    model: str | None
    rpc: str | None
    hive: str | None
    deployment: Path | None
    task: int
    stores: tuple[str, ...]


@dataclass(frozen=True)
class Pace:
    """Seconds between looks and until it gives up, and the last block to follow, if any."""

    poll: float
    give_up: float
    until: int | None


def _wish(threshold: int | None, precision: str | None, false_positive_rate: str | None) -> Wish:
    if threshold is None and precision is None and false_positive_rate is None:
        threshold = THRESHOLD
    return Wish(
        threshold,
        None if precision is None else parse_fraction(precision, "--precision", whole=True),
        None
        if false_positive_rate is None
        else parse_fraction(false_positive_rate, "--false-positive-rate", whole=True),
    )


def _models(given: Learnt, wish: Wish) -> Models:
    """The models of a run, or of a hive. Raises BadSetting unless one of both is named."""
    options = {"--rpc": given.rpc, "--hive": given.hive, "--deployment": given.deployment}
    of_hive = [name for name, value in options.items() if value is not None]
    if given.run is None and not of_hive:
        raise BadSetting("which model: name a run with --run, or a hive with --rpc, --hive and --store")
    if given.run is not None:
        if of_hive:
            raise BadSetting(f"--run {given.run} and {', '.join(of_hive)} name two models: leave one of both out")
        if given.stores:
            raise BadSetting(f"--run {given.run} has its content: leave out --store")
        return RunModels(given.run, wish, given.model)
    if given.model is not None or given.rpc is None:
        raise BadSetting("a hive is named by --rpc and --hive, and its latest model judges: leave out --model")
    content = open_stores(given.stores)
    web3, where = open_hive(given.rpc, given.hive, given.deployment)
    contracts = Contracts.at(web3, where)
    return HiveModels(contracts.hive, open_task(contracts, where, given.task, content), content, wish, time.monotonic)


def _follow(watch: Watch, pace: Pace, lines: Lines, tell: Callable[[], None]) -> None:
    """Step by step, up to the last block that is wanted; what fails is tried again for as long as is wanted."""
    pause, since = pace.poll, time.monotonic()
    while pace.until is None or watch.next <= pace.until:
        try:
            happened = watch.step(pace.until)
        except ChainFailure as error:
            if time.monotonic() - since >= pace.give_up:
                raise
            lines.problem(f"{error} (trying again in {pause:.0f} s)")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            continue
        pause, since = pace.poll, time.monotonic()
        lines.happened(happened)
        tell()
        if happened.idle and (pace.until is None or watch.next <= pace.until):
            time.sleep(pace.poll)
    lines.ends(watch.next - 1)
