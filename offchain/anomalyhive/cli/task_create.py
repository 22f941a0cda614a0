"""`anomalyhive task create`: what is to be learned, published and put on the chain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Optional

import typer

from anomalyhive.cli.console import heading, note, out, plain
from anomalyhive.cli.federate import detectors_of, parameter, trainers
from anomalyhive.cli.node_parts import HOME, Home, owner_of
from anomalyhive.content.kinds import Spec
from anomalyhive.content.store import Store
from anomalyhive.errors import BadSetting
from anomalyhive.federation.founding import REWARD
from anomalyhive.federation.settings import Settings
from anomalyhive.node.amounts import decimal, parse_amount
from anomalyhive.node.place import Place, open_store
from anomalyhive.node.sponsoring import Terms, create, input_of, known_spec, publish_rows
from anomalyhive.raw.labelling import LABEL_COLUMN
from anomalyhive.tables.classes import parse_classes


def create_task(
    file: Annotated[Optional[Path], typer.Argument(help="CSV or CSV.gz: one row an account, and a label.")] = None,
    home: Home = HOME,
    label: Annotated[Optional[str], typer.Option(help="Column with the label.")] = None,
    nodes: Annotated[Optional[int], typer.Option(help="Shards: 5 by default, or one for each chunk.")] = None,
    validators: Annotated[int, typer.Option(help="Seats for validators.")] = 3,
    rounds: Annotated[int, typer.Option(help="Rounds that may become final.")] = 20,
    shards: Annotated[Optional[Path], typer.Option(help="Folder of chunks of a chain, instead of FILE.")] = None,
    labels: Annotated[Optional[Path], typer.Option(help="CSV with addresses and labels, for --shards.")] = None,
    detectors: Annotated[Optional[str], typer.Option(help="Detectors as further columns of --shards.")] = None,
    spec: Annotated[Optional[str], typer.Option(help="Digest of a spec that the store has, instead of both.")] = None,
    id: Annotated[Optional[str], typer.Option(help="Column that names a row.")] = None,
    drop: Annotated[Optional[list[str]], typer.Option(help="Column to leave out; may be repeated.")] = None,
    missing: Annotated[Optional[int], typer.Option(help="Number for empty and NaN cells.")] = None,
    classes: Annotated[Optional[str], typer.Option(help="all, or the names of the label's classes in order.")] = None,
    split: Annotated[str, typer.Option(help="Which rows go together: random, label or column:NAME.")] = "random",
    learner: Annotated[str, typer.Option(help="What learns.")] = "boost",
    param: Annotated[Optional[list[str]], typer.Option(help="NAME=INTEGER for the learner; may be repeated.")] = None,
    phase_seconds: Annotated[int, typer.Option(help="Longest time of each phase.")] = 600,
    reward: Annotated[str, typer.Option(help="Tokens for a round.")] = str(REWARD // 10**18),
    min_stake: Annotated[str, typer.Option(help="Tokens that a node must stake.")] = "1000",
    seed: Annotated[
        Optional[int], typer.Option(help="Makes rounds repeatable; else each has a seed of its own.")
    ] = None,
) -> None:
    """Create a task: publish rows and spec to the store, and name them on the chain."""
    if [file, shards, spec].count(None) != 2:
        raise BadSetting("there must be one thing to learn from: a table, or --shards with --labels, or --spec")
    if file is not None and label is None:
        raise BadSetting("no label column is named: name the one that holds 0 and 1 with --label")
    terms = Terms(phase_seconds, parse_amount(reward, "--reward"), parse_amount(min_stake, "--min-stake"), seed)
    settings = Settings(
        data=input_of(file) if spec is None else "spec",
        shards=None if shards is None else input_of(shards),
        labels=None if labels is None else input_of(labels),
        detectors=detectors_of(detectors),
        label=label or LABEL_COLUMN,
        nodes=trainers(nodes, shards),
        rounds=rounds,
        id=id,
        drop=tuple(drop or ()),
        missing=missing,
        classes=() if classes is None else parse_classes(classes),
        validators=validators,
        split=split,
        test_fraction="0",
        seed=seed or 0,
        learner=learner,
        params=dict(parameter(text) for text in param or ()),
    )
    place = Place.of(home)
    store = open_store(place.config.store)
    digest, settings = _learned(settings, spec, store)
    number = create(place.contracts, place.deployment, owner_of(place), terms.config(settings), digest, store)
    note(f"spec {digest.hex()} in {place.config.store}")
    if number is not None:
        note(f"this is task {number}")
        _show_next(place, number, terms.reward * rounds)


def _learned(settings: Settings, spec: str | None, store: Store) -> tuple[bytes, Settings]:
    """The digest of what is learned, and the settings with as many nodes as it has shards."""
    if spec is None:
        return publish_rows(settings, store, note), settings
    digest, known = known_spec(spec, store)
    return digest, _with_shards(settings, known)


def _with_shards(settings: Settings, spec: Spec) -> Settings:
    return replace(settings, nodes=len(spec.shards), private=spec.mode == "private")


def _show_next(place: Place, number: int, whole: int) -> None:
    amount, home = decimal(whole).replace(",", ""), place.home.root
    heading("Next")
    for step in (
        f"anomalyhive task fund {number} {amount} --home {home}      for all its rounds",
        f"anomalyhive task open {number} --home {home}      once nodes have taken their places",
    ):
        out.print(plain(f"  {step}"), soft_wrap=True)
