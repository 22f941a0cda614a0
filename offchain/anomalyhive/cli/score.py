"""`anomalyhive score`: probabilities for a table, from a model's content alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from anomalyhive.cli.console import note
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Model, Spec, Weights
from anomalyhive.core.learners import get_learner
from anomalyhive.errors import BadSetting, ContentFailure
from anomalyhive.evaluation.scoring import score_table, write_scores
from anomalyhive.federation.folder import RunFolder, check_result
from anomalyhive.federation.progress import Progress
from anomalyhive.tables.csvfile import read_table

LISTED = 3
"""Models that a message names."""


def score(
    run: Annotated[Path, typer.Option(help="Folder of a run.")],
    data: Annotated[Path, typer.Option(help="CSV or CSV.gz with the model's columns; others are ignored.")],
    out: Annotated[Path, typer.Option(help="CSV to write: id and probability a row.")],
    model: Annotated[Optional[str], typer.Option(help="Digest of a model; the latest by default.")] = None,
    id: Annotated[Optional[str], typer.Option(help="Column that names a row; the task's by default.")] = None,
    missing: Annotated[
        Optional[int], typer.Option(help="Number for empty and NaN cells, else they are refused.")
    ] = None,
) -> None:
    """Write how likely each row is fraud."""
    folder = RunFolder(run)
    folder.require()
    check_result(out, data)
    store = DirectoryStore(folder.store, read_only=True)
    root = _model(store, folder, model)
    spec, weights = Spec.fetch(store, root.spec), Weights.fetch(store, root.weights)
    table = read_table(data, None, id or spec.id, require_label=False, columns=spec.columns, missing=missing)
    probabilities = score_table(get_learner(weights.learner), weights.state, spec.columns, table)
    write_scores(out, table.ids, probabilities)
    note(f"{len(table):,} rows scored by the model of round {root.round} into {out}")


def _model(store: DirectoryStore, folder: RunFolder, wanted: str | None) -> Model:
    """The model that is wanted, else that of the latest final round. Raises BadSetting where there is none such."""
    rounds = Progress.read(folder.progress).rounds if folder.progress.is_file() else []
    if wanted is None and not rounds:
        raise BadSetting(f"{folder.root} has no final round yet: finish the run, or name a model with --model")
    digest = bytes.fromhex(rounds[-1]["model"]) if wanted is None else _digest(wanted)
    try:
        return Model.fetch(store, digest)
    except ContentFailure as error:
        known = [one["model"] for one in rounds]
        if digest.hex() in known:
            raise
        listed = f": those of its rounds are {', '.join(known[-LISTED:])}" if known else ""
        raise BadSetting(f"--model {digest.hex()} is no model of {folder.root}{listed}") from error


def _digest(text: str) -> bytes:
    digits = text.removeprefix("0x")
    try:
        digest = bytes.fromhex(digits)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise BadSetting(f"--model {text!r} is no digest: give 64 hexadecimal digits, such as report.json has")
    return digest
