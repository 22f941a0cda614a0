"""`anomalyhive federate`: a federation on a table of one's own, from deployment to audit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from anomalyhive.audit import audit_run
from anomalyhive.cli.console import note
from anomalyhive.cli.progress import Screen
from anomalyhive.cli.summary import show_audit, show_next, show_report
from anomalyhive.errors import AuditFailure, BadSetting
from anomalyhive.federation.folder import RunFolder, check_result, write_json
from anomalyhive.federation.report import build_report
from anomalyhive.federation.session import learn, opened, settle
from anomalyhive.federation.settings import Settings
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.raw.labelling import LABEL_COLUMN
from anomalyhive.tables.classes import parse_classes
from anomalyhive.urls import redact

DEFAULT_TRAINERS = 5
"""Of a table, where nobody says how many."""


def federate(
    run: Annotated[Path, typer.Option(help="Folder of the run; the same command goes on where it stopped.")],
    data: Annotated[
        Optional[Path], typer.Option(help="CSV or CSV.gz: one row an account, numbers and a label.")
    ] = None,
    shards: Annotated[
        Optional[Path], typer.Option(help="Folder of chunks of a chain, raw transactions, instead of --data.")
    ] = None,
    labels: Annotated[
        Optional[Path], typer.Option(help="CSV or CSV.gz with the accounts' addresses and labels, for --shards.")
    ] = None,
    label: Annotated[
        Optional[str],
        typer.Option(
            help="Column with the label: 0 or 1, true or false, or see --classes; flag is that of --labels by default."
        ),
    ] = None,
    era: Annotated[
        Optional[str], typer.Option(help="FROM:TO, days: also measure on test accounts that first acted then.")
    ] = None,
    detectors: Annotated[
        Optional[str], typer.Option(help="Detectors as further columns of --shards, commas between.")
    ] = None,
    nodes: Annotated[
        Optional[int], typer.Option(help="Trainers; each has its own rows. 5 by default, or one for each chunk.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="Rounds to make final.")] = 20,
    id: Annotated[Optional[str], typer.Option(help="Column that names a row: never on both sides of the test.")] = None,
    drop: Annotated[Optional[list[str]], typer.Option(help="Column to leave out; may be repeated.")] = None,
    missing: Annotated[
        Optional[int], typer.Option(help="Number for empty and NaN cells, else they are refused.")
    ] = None,
    classes: Annotated[
        Optional[str],
        typer.Option(help="The label names classes: all, or their names in order, commas between."),
    ] = None,
    validators: Annotated[int, typer.Option(help="Validators.")] = 3,
    split: Annotated[str, typer.Option(help="Who gets which rows: random, label or column:NAME.")] = "random",
    test_fraction: Annotated[str, typer.Option(help="Share of rows that no node gets; 0 trains on all.")] = "0.2",
    seed: Annotated[int, typer.Option(help="Decides split, test rows and what the learner draws.")] = 0,
    private: Annotated[bool, typer.Option("--private", help="Nodes keep their rows to themselves.")] = False,
    chain: Annotated[str, typer.Option(help="anvil, ganache or the URL of an EVM chain.")] = "anvil",
    port: Annotated[Optional[int], typer.Option(help="Port of the local chain; any free one by default.")] = None,
    learner: Annotated[str, typer.Option(help="What learns.")] = "boost",
    param: Annotated[Optional[list[str]], typer.Option(help="NAME=INTEGER for the learner; may be repeated.")] = None,
    json: Annotated[Optional[Path], typer.Option(help="Also write the report here.")] = None,
) -> None:
    """Train a federation on your own labelled table, anchored on a chain, paid and audited."""
    if label is None and shards is None:
        raise BadSetting("no label column is named: name the one that holds 0 and 1 with --label")
    settings = Settings(
        data="" if data is None else str(data.resolve()),
        shards=None if shards is None else str(shards.resolve()),
        labels=None if labels is None else str(labels.resolve()),
        era=era,
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
        test_fraction=test_fraction,
        seed=seed,
        private=private,
        chain=chain,
        learner=learner,
        params=dict(parameter(text) for text in param or ()),
    )
    folder = RunFolder(run)
    if json is not None:
        check_result(json, *(one for one in (data, labels) if one is not None), folder.settings, folder.progress)
    report = run_federation(settings, run, port)
    for path in (folder.report, json):
        if path is not None:
            write_json(path, report)
    show_report(report)
    show_audit(report["audit"])
    show_next(folder.root, settings)
    if not report["audit"]["holds"]:
        raise AuditFailure(f"the lineage in {folder.root} does not hold: see the checks above")


def run_federation(settings: Settings, run: Path, port: int | None) -> dict[str, Any]:
    """Run, claim, compare and audit; return the report."""
    with Screen(settings.rounds) as screen, opened(settings, run, screen, port) as session:
        if not session.deployment.verify_sums:
            note(f"{redact(settings.chain)} has no EIP-2537: sums are not checked on chain, the quorum vouches")
        learn(session, screen)
        screen.stage("claiming rewards")
        claims = settle(session)
        screen.stage("training the same rows pooled, for comparison")
        report = build_report(session, claims)
    note("auditing the lineage from genesis")
    report["audit"] = audit_run(run).as_json()
    return report


def trainers(given: int | None, shards: Path | None) -> int:
    """How many trainers there are to be: as many as given, else one for each chunk, else DEFAULT_TRAINERS."""
    if given is not None:
        return given
    return DEFAULT_TRAINERS if shards is None else len(find_chunks(shards))


def detectors_of(text: str | None) -> tuple[str, ...]:
    """The names of --detectors NAME,NAME; none where it is not given."""
    return () if text is None else tuple(one.strip() for one in text.split(","))


def parameter(text: str) -> tuple[str, int]:
    """The name and the value of --param NAME=INTEGER."""
    name, _, value = text.partition("=")
    try:
        return name, int(value)
    except ValueError as error:
        raise BadSetting(f"--param {text!r} is not NAME=INTEGER") from error
