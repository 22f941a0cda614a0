"""Print how fast a node sums its rows for boost, beside the same sums in NumPy and LightGBM's histograms.

    python scripts/bench_contribute.py [--rows 100000 1000000 10000000] [--threads 1 2] [--rounds 7] [--quick]

With --quick up to a million rows. Each line is told on standard error as it is done: ten million rows take minutes.

Rows are those of the bundled fraud accounts, drawn with repetition; of values other than zero the lowest 44 bits of the
image are drawn anew, so that they differ as real ones do. Each line is a process of its own, whose peak of memory holds
the table too.

What is counted is one addition of a row's gradient and curvature to one histogram. A round of boost makes one for
each row and candidate: a table of 64 cells over three features, for which a row's codes of 2 bytes are read in three
columns and compared with three cuts each, and one word of 8 bytes is added that holds both numbers. A tree of LightGBM
makes one for each row and feature: of 255 bins, for which one byte is read, and two numbers of 8 bytes are added.
Seconds of CPU are those of all threads, so that other work on the machine disturbs them little; "cores" is the most of
them in a second on the clock, which is two at best and only where nobody else works.

"histograms alone" leaves away what else belongs to a round. On our side it is what the sums of the candidates take,
without losses of the line search, counts of refined cells, codes and the update of the rows' scores. On LightGBM's it
is what a feature more takes: the tree's time on all features less that on one, without gradients, update and data set.
LightGBM grows trees of two leaves, which need the histograms of the root alone, without bundling of features; a tree's
time is that of many trees less that of one. "counts" and "codes" are the first two rounds on the clock: counts on the
grid, and a round with the table's coding; for LightGBM the building of its data set. "NumPy" is the plain code that
states the same bits, one thread, on few rows only. Later rounds are the least of those after the third. Compiling,
about two seconds once for an installation, is done before.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table as Shown

from anomalyhive.core import coded
from anomalyhive.core.features import from_image
from anomalyhive.core.learner import Integers, Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.tables.recipes import ethereum_fraud

NUMPY_ROWS = 20_000
QUICK_ROWS = 1_000_000
ADDED = 4_000_000
"""Rows that LightGBM's trees are measured on, together: many trees of few rows."""

TREES = 4
"""And so many trees at least."""

BLOCK = 1 << 16


def drawn(count: int) -> Rows:
    """Rows as the module's docstring says."""
    table, random = ethereum_fraud.load(), np.random.default_rng(0)
    chosen = random.integers(0, len(table.labels), count)
    features = np.empty((count, len(table.columns)), dtype=np.int64)
    for start in range(0, count, BLOCK):
        block = table.features[chosen[start : start + BLOCK]]
        low = random.integers(0, 1 << 44, block.shape)
        features[start : start + BLOCK] = np.where(block != 0, (block >> 44 << 44) + low, 0)
    return Rows(features, table.labels[chosen])


def time_boost(rows: Rows, rounds: int) -> dict[str, float]:
    """Seconds of contribute in the first two rounds and in later ones."""
    boost, seconds, used, alone = get_learner("boost"), [], [], [0.0]
    state = boost.initial(rows.features.shape[1], {})
    summed = coded.Coded.cell_sums

    def cell_sums(*given: Any) -> Integers:
        began = time.process_time()
        found = summed(*given)
        alone[-1] += time.process_time() - began
        return found

    coded.Coded.cell_sums = cell_sums  # type: ignore[method-assign, assignment]
    for index in range(rounds):
        plan = boost.propose(state, hashlib.sha256(f"speed {index}".encode()).digest())
        alone.append(0.0)
        began, before = time.perf_counter(), time.process_time()
        vector = boost.contribute(plan, rows)
        seconds.append(time.perf_counter() - began)
        used.append(time.process_time() - before)
        state = boost.absorb(state, plan, vector)
    coded.Coded.cell_sums = summed  # type: ignore[method-assign]
    candidates = state["candidates"]
    assert isinstance(candidates, int)
    cores = max(cpu / clock for cpu, clock in zip(used[3:], seconds[3:], strict=True))
    later = {"later": min(seconds[3:]), "cpu": min(used[3:]), "alone": min(alone[4:]), "cores": cores}
    return {"counts": seconds[0], "codes": seconds[1], "width": candidates, **later}


def time_lightgbm(rows: Rows, threads: int) -> dict[str, float]:
    """Seconds of building the data set and of a tree of two leaves."""
    import lightgbm

    values = np.empty(rows.features.shape, dtype=np.float32)
    for start in range(0, len(rows), BLOCK):
        values[start : start + BLOCK] = from_image(rows.features[start : start + BLOCK])
    params = {"objective": "binary", "num_leaves": 2, "num_threads": threads, "enable_bundle": False, "verbose": -1}
    trees, width = max(TREES, ADDED // len(rows)), rows.features.shape[1]

    def tree(data: Any) -> tuple[float, float]:
        """Seconds on the clock and of CPU."""
        lasted = []
        for count in (1, 1, 1 + trees):
            began, before = time.perf_counter(), time.process_time()
            lightgbm.train(params, data, num_boost_round=count)
            lasted.append((time.perf_counter() - began, time.process_time() - before))
        clock, cpu = (
            (many - min(first, again)) / trees for first, again, many in zip(*lasted, strict=True)
        )  # fmt: skip
        return clock, cpu

    began = time.perf_counter()
    data = lightgbm.Dataset(values, rows.labels, params=params).construct()
    built = time.perf_counter() - began
    runs = [tree(data) for _ in range(2)]
    later, cpu = (min(one) for one in zip(*runs, strict=True))
    cores = max(used / clock for clock, used in runs)
    # The middle column, since the first ones are of few values.
    narrow = lightgbm.Dataset(values[:, width // 2 : width // 2 + 1].copy(), rows.labels, params=params).construct()
    alone = (cpu - min(tree(narrow)[1] for _ in range(2))) * width / (width - 1)
    return {"counts": built, "codes": 0.0, "later": later, "cpu": cpu, "alone": alone, "cores": cores, "width": width}


def work(engine: str, count: int, threads: int, rounds: int) -> dict[str, float]:
    """The figures of one line, in this process."""
    if engine == "numpy":
        coded.SMALL = sys.maxsize
    elif engine == "compiled":
        time_boost(drawn(coded.SMALL + 1), 4)  # loads or compiles the loops
    rows = drawn(count)
    found = time_lightgbm(rows, threads) if engine == "LightGBM" else time_boost(rows, rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {**found, "peak": peak}


def tell(what: str) -> None:
    """What is done, while the table waits."""
    print(what, file=sys.stderr, flush=True)


def in_process(engine: str, count: int, threads: int, rounds: int) -> dict[str, float]:
    """The same in a process of its own."""
    environment = {**os.environ, "NUMBA_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    given = [engine, str(count), str(threads), str(rounds)]
    done = subprocess.run(
        [sys.executable, __file__, "--line", *given], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def print_table(console: Console, options: argparse.Namespace) -> None:
    """All lines, as they come."""
    shown = Shown(title="contribute of boost: additions of a row to a histogram")
    titles = (
        *("rows", "by", "threads", "counts s", "codes s", "round s", "round CPU s", "cores", "CPU us a row"),
        *("million a CPU s", "histograms alone", "GiB peak"),
    )
    for title in titles:
        shown.add_column(title, justify="left" if title == "by" else "right")
    for count in (NUMPY_ROWS, *options.rows):
        lines = [("numpy", 1)] if count == NUMPY_ROWS else []
        if count in options.rows:
            lines += [(engine, threads) for threads in options.threads for engine in ("compiled", "LightGBM")]
        for engine, threads in lines:
            began = time.perf_counter()
            found = in_process(engine, count, threads, options.rounds)
            cpu, added = found["cpu"], count * found["width"] / 1e6
            tell(f"{count:,} {engine} {threads}: {cpu:.4f} CPU s a round, {time.perf_counter() - began:.0f} s in all")
            shown.add_row(
                *(f"{count:,}", engine, str(threads), f"{found['counts']:.2f}"),
                *(f"{found['codes']:.2f}" if found["codes"] else "", f"{found['later']:.4f}", f"{cpu:.4f}"),
                *(f"{found['cores']:.2f}", f"{cpu / count * 1e6:.3f}", f"{added / cpu:.0f}"),
                f"{added / found['alone']:.0f}" if found["alone"] > 0 else "",
                f"{found['peak'] / (1 << 30):.2f}",
            )
        shown.add_section()
    console.print(shown)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table; with --line, the figures of one line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=7, help="rounds of boost, at least 4")
    parser.add_argument("--quick", action="store_true", help="up to a million rows")
    parser.add_argument("--line", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.line:
        engine, *numbers = options.line
        print(json.dumps(work(engine, *map(int, numbers))))
        return
    if options.quick:
        options.rows = [count for count in options.rows if count <= QUICK_ROWS]
    print_table(Console(width=max(150, Console().width)), options)


if __name__ == "__main__":
    main()
