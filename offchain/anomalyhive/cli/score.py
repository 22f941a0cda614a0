"""`anomalyhive score`: probabilities for a table, from a model's content alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Optional

import numpy as np
import typer

from anomalyhive.cli.console import frame, heading, note, plain
from anomalyhive.cli.console import out as out_console
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Dataset, Model, Spec, Weights
from anomalyhive.core.learner import Integers
from anomalyhive.core.learners import get_learner
from anomalyhive.errors import BadSetting, ContentFailure
from anomalyhive.evaluation.scoring import PROBABILITY_BITS, decimal_text, score_table, write_scores
from anomalyhive.federation.folder import RunFolder, check_result, read_json
from anomalyhive.federation.progress import Progress
from anomalyhive.fusion.opinion import Judge
from anomalyhive.tables.csvfile import read_table
from anomalyhive.tables.holdout import parse_fraction
from anomalyhive.tables.table import Table

SHOWN = 5
"""Rows that are shown on the screen."""

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
    precision: Annotated[
        Optional[str], typer.Option(help="Call rows so that at least this share of the called is right.")
    ] = None,
    false_positive_rate: Annotated[
        Optional[str], typer.Option(help="Call rows so that at most this share of the innocent is called.")
    ] = None,
    reasons: Annotated[int, typer.Option(min=0, max=64, help="Reasons a row to write; none by default.")] = 0,
) -> None:
    """Write how likely each row is fraud; on request a verdict and the reasons, and of several classes the category."""
    folder = RunFolder(run)
    folder.require()
    check_result(out, data)
    store = DirectoryStore(folder.store, read_only=True)
    root = _model(store, folder, model)
    spec, weights = Spec.fetch(store, root.spec), Weights.fetch(store, root.weights)
    table = read_table(data, None, id or spec.id, require_label=False, columns=spec.columns, missing=missing)
    probabilities = score_table(get_learner(weights.learner), weights.state, spec.columns, table)
    judge = Judge.of(weights.learner, weights.state, spec.columns, spec.classes)
    further = _verdicts(judge, folder, spec, table, precision, false_positive_rate)
    further |= _told(judge, table, reasons)
    write_scores(out, table.ids, probabilities, further)
    _show(table, probabilities, further)
    note(f"{len(table):,} rows scored by the model of round {root.round} into {out}")


def _verdicts(
    judge: Judge, folder: RunFolder, spec: Spec, table: Table, precision: str | None, false_positives: str | None
) -> dict[str, list[str]]:
    """The column ``verdict`` if a threshold is asked for; the threshold is chosen on the run's test rows."""
    if precision is None and false_positives is None:
        return {}
    wishes = (
        None if precision is None else parse_fraction(precision, "--precision"),
        None if false_positives is None else parse_fraction(false_positives, "--false-positive-rate"),
    )
    if not folder.test_rows.is_file():
        raise BadSetting(f"{folder.root} has no test rows to choose a threshold by: run with a --test-fraction above 0")
    digest = bytes.fromhex(read_json(folder.test_rows)["dataset"])
    test = Dataset.fetch(DirectoryStore(folder.evaluation, read_only=True), digest)
    threshold = judge.threshold(np.asarray(test.features), np.asarray(test.labels), *wishes)
    called = judge.verdicts(table.features, threshold)
    yes, no = _names(spec)
    note(f"{sum(called):,} of {len(table):,} rows are called {yes}, by a threshold chosen on {test.rows:,} test rows")
    return {"verdict": [yes if one else no for one in called]}


def _names(spec: Spec) -> tuple[str, str]:
    """What a row is called, and what otherwise."""
    if len(spec.classes) == 2:
        return spec.classes[1], spec.classes[0]
    return (f"not {spec.classes[0]}", spec.classes[0]) if spec.classes else ("1", "0")


def _told(judge: Judge, table: Table, most: int) -> dict[str, list[str]]:
    """The columns ``category``, where there are several classes, and ``reasons``, where they are asked for."""
    found: dict[str, list[str]] = {}
    if (named := judge.categories(table.features)) is not None:
        found["category"] = [one.name for one in named]
        found["category_probability"] = [decimal_text(one.probability) for one in named]
    if most:
        texts = judge.reasons(table.features, most)
        if texts is None:
            raise BadSetting(f"--reasons {most}: the learner {judge.learner.name} has none; boost and classify do")
        found["reasons"] = ["; ".join(row) for row in texts]
    return found


def _show(table: Table, probabilities: Integers, further: Mapping[str, Sequence[str]]) -> None:
    """The most suspicious rows on the screen, if anything but probabilities was asked for."""
    if not further:
        return
    heading(f"The {min(SHOWN, len(table))} most suspicious rows")
    told = [name for name in further if name != "category_probability"]
    shown = frame(("row", *told), ("probability",))
    for row in np.argsort(-probabilities, kind="stable")[:SHOWN].tolist():
        named = str(row + 1) if table.ids is None else table.ids[row]
        texts = [
            plain(values[row].replace("; ", "\n")) for key, values in further.items() if key != "category_probability"
        ]
        shown.add_row(plain(named), *texts, f"{int(probabilities[row]) / 2**PROBABILITY_BITS:.4f}")
    out_console.print(shown)


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
