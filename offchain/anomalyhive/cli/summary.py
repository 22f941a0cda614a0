"""What a run came to, as tables."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anomalyhive.cli.chart import chart
from anomalyhive.cli.console import frame, heading, measure, out, plain, tokens
from anomalyhive.federation.settings import Settings

SHOWN_FAILURES = 10

BAR = 20
"""Letters of a bar that stands for a share of 1."""


def show_report(report: Mapping[str, Any]) -> None:
    """Earnings, gas and quality."""
    _show_claims(report)
    _show_gas(report["gas"])
    _show_quality(report)


def show_audit(audit: Mapping[str, Any]) -> None:
    """The auditor's verdict, check by check."""
    heading("Audit of the lineage, from genesis")
    table = frame(("holds", "check"), ("checked",))
    for check in audit["checks"]:
        # Where there was nothing to look at, nothing is said to hold, as on the page.
        held = "[red]no[/red]" if check["failures"] else "[green]yes[/green]" if check["count"] else "-"
        table.add_row(held, check["title"], f"{check['count']:,}")
    out.print(table)
    failures = [(check["name"], text) for check in audit["checks"] for text in check["failures"]]
    for name, text in failures[:SHOWN_FAILURES]:
        out.print(plain(f"  {name}: {text}", "red"), soft_wrap=True)
    if len(failures) > SHOWN_FAILURES:
        out.print(f"  and {len(failures) - SHOWN_FAILURES} more, all in the JSON report", style="red")
    for one in audit.get("rests_on", ()):
        text = f"  rests on the blocks {one['first']} to {one['last']}, with the hash {one['hash']}"
        out.print(plain(text, "dim"), soft_wrap=True)
    out.print("[bold green]The lineage holds.[/]" if audit["holds"] else "[bold red]The lineage does not hold.[/]")


def show_next(root: Path, settings: Settings) -> None:
    """Where everything is, and what to try next."""
    out.print(plain(f"\nEverything of this run is in {_near(root)}"), soft_wrap=True)
    heading("Next")
    command = _near(Path(sys.executable).parent / "anomalyhive")
    gaps = [] if settings.missing is None else ["--missing", str(settings.missing)]
    mine = ["--run", _near(root.parent / "mine")]
    nexts = [
        ["audit", _near(root)],
        ["score", "--run", _near(root), "--data", _near(Path(settings.data)), *gaps, "--out", "scores.csv"],
        ["federate", "--data", "YOUR.csv", "--label", "COLUMN", *mine],
    ]
    if settings.shards is not None:
        nexts = [
            ["audit", _near(root), *([] if settings.private else ["--shards", _near(Path(settings.shards))])],
            ["score", "--run", _near(root), "--address", "ADDRESS", "--source", _near(Path(settings.shards))],
            ["federate", "--shards", "FOLDER", "--labels", "YOUR.csv", *mine],
        ]
    for words in (["dashboard", "--run", _near(root)], *nexts):
        out.print(plain(f"  {shlex.join([command, *words])}"), soft_wrap=True)


def _near(path: Path) -> str:
    """A path as a person would type it from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _show_claims(report: Mapping[str, Any]) -> None:
    rejected: dict[str, int] = {}
    for record in report["rounds"]:
        for entry in [*record["rejected"], *record["unpaid"]]:
            rejected[entry["node"]] = rejected.get(entry["node"], 0) + 1
    heading("Earned and claimed on chain")
    table = frame(("node",), ("rounds without pay", "tokens"))
    for node, amount in report["claims"].items():
        table.add_row(node, str(rejected.get(node, 0)), tokens(amount))
    out.print(table)


def _show_gas(gas: Mapping[str, Mapping[str, int]]) -> None:
    heading("Gas by function")
    table = frame(("function",), ("calls", "min", "median", "max"))
    for function, one in gas.items():
        table.add_row(function, f"{one['calls']:,}", f"{one['min']:,}", f"{one['median']:,}", f"{one['max']:,}")
    out.print(table)


def _show_quality(report: Mapping[str, Any]) -> None:
    rounds, pooled = report["rounds"], report["pooled"]
    if not rounds or rounds[-1]["average_precision"] is None:
        return
    heading(f"Quality on {report['rows']['test']:,} rows that no node has")
    era = report.get("era")
    last, learned = rounds[-1], f"federated, {len(rounds)} rounds"
    _show_models(
        {
            learned: last,
            "scikit-learn HistGradientBoosting, pooled": pooled,
            "the same on whole histories": report.get("whole"),
        }
    )
    if era is not None:
        heading(f"Quality on the {era['rows']:,} of them that first acted in {era['days'].replace(':', ' to ')}")
        _show_models(
            {
                learned: era,
                "scikit-learn HistGradientBoosting, pooled": era["pooled"],
                "the same on whole histories": era.get("whole"),
            }
        )
    if len(report["classes"]["classes"]) > 2:
        _show_classes(report["classes"])
    _show_reliability(report["calibration"])
    heading("Average precision by round")
    curve = [record["average_precision"] for record in rounds]
    for line in chart(curve, pooled["average_precision"], "pooled"):
        out.print(f"  {line}", markup=False)


def _show_models(models: Mapping[str, Mapping[str, Any] | None]) -> None:
    """Both measures of each model that there is."""
    table = frame(("model",), ("avg precision", "ROC-AUC"))
    for name, one in models.items():
        if one is not None:
            table.add_row(name, measure(one["average_precision"]), measure(one["roc_auc"]))
    out.print(table)


def _show_classes(measured: Mapping[str, Any]) -> None:
    heading("Classes: rows of each line's class by the class that they were taken for")
    # Names over the columns would be wider than a terminal.
    names = [str(number) for number, _ in enumerate(measured["classes"], 1)]
    table = frame(("class",), (*names, "avg precision", "F1"))
    for number, one, row in zip(names, measured["classes"], measured["confusion"], strict=True):
        counts = [f"{count:,}" for count in row]
        table.add_row(plain(f"{number} {one['name']}"), *counts, measure(one["average_precision"]), measure(one["f1"]))
    blank = [""] * len(names)
    table.add_row("mean", *blank, measure(measured["macro_average_precision"]), measure(measured["macro_f1"]))
    out.print(table)


def _show_reliability(calibration: Mapping[str, Any]) -> None:
    heading("Reliability: what the probabilities said, and what was seen")
    table = frame(("probability", "seen"), ("rows", "said", "share"))
    for one in calibration["reliability"]:
        if one["rows"]:
            share = one["share_of_class_1"]
            table.add_row(
                f"{one['from']:.1f} to {one['from'] + 0.1:.1f}",
                "█" * round(share * BAR) or "·",
                f"{one['rows']:,}",
                f"{one['mean_probability']:.3f}",
                f"{share:.3f}",
            )
    out.print(table)
    brier, base = calibration["brier"], calibration["brier_of_base_rate"]
    out.print(f"  Brier score {brier:.4f} (0 is best; {base:.4f} for saying the overall share of every row)")
