"""What a run came to, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anomalyhive.cli.console import bars, frame, measure, out, tokens
from anomalyhive.federation.settings import Settings

SHOWN_FAILURES = 10


def show_report(report: Mapping[str, Any]) -> None:
    """Earnings, gas and quality."""
    _show_claims(report)
    _show_gas(report["gas"])
    _show_quality(report)


def show_audit(audit: Mapping[str, Any]) -> None:
    """The auditor's verdict, check by check."""
    table = frame("Audit of the lineage, from genesis", ("check", "holds"), ("checked",))
    for check in audit["checks"]:
        table.add_row(check["name"], "[red]no[/red]" if check["failures"] else "yes", f"{check['count']:,}")
    out.print(table)
    failures = [(check["name"], text) for check in audit["checks"] for text in check["failures"]]
    for name, text in failures[:SHOWN_FAILURES]:
        out.print(f"  {name}: {text}", style="red", markup=False, soft_wrap=True)
    if len(failures) > SHOWN_FAILURES:
        out.print(f"  and {len(failures) - SHOWN_FAILURES} more, all in the JSON report", style="red")
    out.print("[bold green]The lineage holds.[/]" if audit["holds"] else "[bold red]The lineage does not hold.[/]")


def show_next(root: Path, settings: Settings) -> None:
    """What to try next."""
    out.print("\n[bold]Next[/bold]")
    for command in (
        f"anomalyhive audit {root}",
        f"anomalyhive score --run {root} --data {settings.data} --out scores.csv",
        f"anomalyhive federate --data YOUR.csv --label COLUMN --run {root.parent / 'mine'}",
    ):
        out.print(f"  {command}", markup=False, soft_wrap=True)


def _show_claims(report: Mapping[str, Any]) -> None:
    rejected: dict[str, int] = {}
    for record in report["rounds"]:
        for entry in [*record["rejected"], *record["unpaid"]]:
            rejected[entry["node"]] = rejected.get(entry["node"], 0) + 1
    table = frame("Earned and claimed", ("node",), ("rounds without pay", "tokens"))
    for node, amount in report["claims"].items():
        table.add_row(node, str(rejected.get(node, 0)), tokens(amount))
    out.print(table)


def _show_gas(gas: Mapping[str, Mapping[str, int]]) -> None:
    table = frame("Gas by function", ("function",), ("calls", "min", "median", "max"))
    for function, one in gas.items():
        table.add_row(function, f"{one['calls']:,}", f"{one['min']:,}", f"{one['median']:,}", f"{one['max']:,}")
    out.print(table)


def _show_quality(report: Mapping[str, Any]) -> None:
    rounds, pooled = report["rounds"], report["pooled"]
    if not rounds or rounds[-1]["average_precision"] is None:
        return
    table = frame(f"On {report['rows']['test']:,} accounts that no node has", ("model",), ("avg precision", "ROC-AUC"))
    last = rounds[-1]
    table.add_row(f"federated, {len(rounds)} rounds", measure(last["average_precision"]), measure(last["roc_auc"]))
    table.add_row(
        "scikit-learn HistGradientBoosting, pooled", measure(pooled["average_precision"]), measure(pooled["roc_auc"])
    )
    out.print(table)
    curve = [record["average_precision"] for record in rounds]
    low, high = min(curve), max(curve)
    out.print(f"average precision by round: {low:.3f} {bars(curve, low, high)} {high:.3f}")
