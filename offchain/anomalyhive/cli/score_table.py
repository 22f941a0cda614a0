"""`anomalyhive score --data`: probabilities, verdicts, categories and reasons for the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from anomalyhive.cli.console import frame, heading, note, plain
from anomalyhive.cli.console import out as out_console
from anomalyhive.core.learner import Integers
from anomalyhive.evaluation.scoring import PROBABILITY_BITS, decimal_text, score_table, write_scores
from anomalyhive.federation.folder import check_result
from anomalyhive.federation.run_model import RunModel, Wishes
from anomalyhive.raw.joining import of_table
from anomalyhive.tables.csvfile import read_table
from anomalyhive.tables.table import Table

SHOWN = 5
"""Rows that are shown on the screen."""


def score_rows(
    run: Path,
    model: str | None,
    data: Path,
    out: Path,
    id_column: str | None,
    missing: int | None,
    wishes: Wishes,
    reasons: int,
) -> None:
    """Write id, probability and what else is asked for of each row of ``data`` to ``out``."""
    check_result(out, data)
    chosen = RunModel.open(run, model)
    spec, judge = chosen.spec, chosen.judge
    # Scores of detectors are made of the statistics: the table need not have them.
    columns = spec.columns[: len(spec.columns) - len(chosen.detectors.names)]
    table = read_table(data, None, id_column or spec.id, require_label=False, columns=columns, missing=missing)
    if chosen.raw:
        table = replace(table, columns=spec.columns, features=of_table(table.features, spec.columns, chosen.detectors))
    probabilities = score_table(judge.learner, judge.state, spec.columns, table)
    further = _verdicts(chosen, table, wishes) | _told(chosen, table, reasons)
    write_scores(out, table.ids, probabilities, further)
    _show(table, probabilities, further)
    note(f"{len(table):,} rows scored by the model of round {chosen.round} into {out}")


def _verdicts(chosen: RunModel, table: Table, wishes: Wishes) -> dict[str, list[str]]:
    """The column ``verdict`` if a threshold is asked for."""
    if not wishes.any:
        return {}
    called, rows = chosen.verdicts(table.features, wishes)
    yes = chosen.names[0]
    count = sum(one == yes for one in called)
    note(f"{count:,} of {len(table):,} rows are called {yes}, by a threshold chosen on {rows:,} test rows")
    return {"verdict": called}


def _told(chosen: RunModel, table: Table, most: int) -> dict[str, list[str]]:
    """The columns ``category``, where there are several classes, and ``reasons``, where they are asked for."""
    found: dict[str, list[str]] = {}
    if (named := chosen.judge.categories(table.features)) is not None:
        found["category"] = [one.name for one in named]
        found["category_probability"] = [decimal_text(one.probability) for one in named]
    if most:
        found["reasons"] = ["; ".join(row) for row in chosen.reasons(table.features, most)]
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
