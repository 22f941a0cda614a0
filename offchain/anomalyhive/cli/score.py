"""`anomalyhive score`: what a model says of the rows of a table, or of one address by its history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from anomalyhive.cli.ingest import parse_blocks
from anomalyhive.cli.score_address import REASONS, score_account
from anomalyhive.cli.score_table import score_rows
from anomalyhive.errors import BadSetting
from anomalyhive.federation.run_model import Wishes


def score(
    run: Annotated[Path, typer.Option(help="Folder of a run.")],
    data: Annotated[
        Optional[Path], typer.Option(help="CSV or CSV.gz with the model's columns; others are ignored.")
    ] = None,
    out: Annotated[Optional[Path], typer.Option(help="CSV to write: id and probability a row of --data.")] = None,
    address: Annotated[
        Optional[str], typer.Option(help="Score this address of an EVM chain by its history, instead of --data.")
    ] = None,
    source: Annotated[
        Optional[str],
        typer.Option(help="Where its history is: URL of a node, or a folder of chunks; those of the run by default."),
    ] = None,
    blocks: Annotated[
        Optional[str], typer.Option(help="A:B, take the history from block A up to and without block B.")
    ] = None,
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
    reasons: Annotated[
        Optional[int],
        typer.Option(min=0, max=64, help=f"Reasons to give a row; by default {REASONS} of an address, else none."),
    ] = None,
) -> None:
    """Say how likely rows or an address are fraud; on request a verdict and the reasons, of several classes which."""
    wishes = Wishes(precision, false_positive_rate)
    if data is not None and address is not None:
        raise BadSetting("--data and --address exclude each other: give a table, or one address")
    if data is not None:
        _refuse("--address", source=source, blocks=blocks)
        if out is None:
            raise BadSetting("--data needs --out: name the CSV file to write the scores to")
        score_rows(run, model, data, out, id, missing, wishes, reasons or 0)
    elif address is not None:
        _refuse("--data", out=out, id=id, missing=missing)
        wanted = None if blocks is None else parse_blocks(blocks)
        score_account(run, model, address, source, wanted, wishes, reasons)
    else:
        raise BadSetting("there is nothing to score: give a table with --data and --out, or an address with --address")


def _refuse(other: str, **given: object) -> None:
    """Raise BadSetting for an option that goes with the other way of scoring."""
    for name, value in given.items():
        if value is not None:
            raise BadSetting(f"--{name} goes with {other}: leave it out")
