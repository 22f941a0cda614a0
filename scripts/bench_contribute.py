"""Print how fast a node sums its rows for boost, beside the same sums in NumPy and LightGBM's histograms.

    python scripts/bench_contribute.py [--rows 100000 1000000 10000000] [--threads 1 2] [--rounds 4] [--quick]

With --quick up to a million rows. Each line is told on standard error as it is done: ten million rows take minutes.

Rows are those of the bundled fraud accounts, drawn with repetition; of values other than zero the lowest 44 bits of the
image are drawn anew, so that they differ as real ones do. Each line is a process of its own, whose peak of memory holds
the table too.

What is counted is one addition of a row's gradient and curvature to one histogram. A round of boost makes one for each
row and candidate (a table of 64 cells over three features), a tree of LightGBM one for each row and feature (255 bins).
LightGBM grows trees of two leaves, which need the histograms of the root alone, without bundling of features, on a data
set that is built before; a tree's time is that of 6 trees less that of one, divided by 5. So both sides hold besides
the histograms what belongs to a round: gradients, the update of the rows' scores, and on our side the losses of the
line search and the counts of refined cells, on LightGBM's the choice of a split. "counts" and "codes" are the first two
rounds: counts on the grid, and a round with the table's coding; for LightGBM the building of its data set. "NumPy" is
the plain code that states the same bits, one thread, on few rows only. Later rounds are the least of those after
the third, which other work on the machine disturbs least. Compiling, about two seconds once for an installation, is
done before.
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

import numpy as np
from rich.console import Console
from rich.table import Table as Shown

from anomalyhive.core import coded
from anomalyhive.core.features import from_image
from anomalyhive.core.learner import Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.tables.recipes import ethereum_fraud

NUMPY_UP_TO = 100_000
QUICK_ROWS = 1_000_000
TREES = 5
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
    boost, seconds = get_learner("boost"), []
    state = boost.initial(rows.features.shape[1], {})
    for index in range(rounds):
        plan = boost.propose(state, hashlib.sha256(f"speed {index}".encode()).digest())
        began = time.perf_counter()
        vector = boost.contribute(plan, rows)
        seconds.append(time.perf_counter() - began)
        state = boost.absorb(state, plan, vector)
    candidates = state["candidates"]
    assert isinstance(candidates, int)
    return {"counts": seconds[0], "codes": seconds[1], "later": min(seconds[3:]), "width": candidates}


def time_lightgbm(rows: Rows, threads: int) -> dict[str, float]:
    """Seconds of building the data set and of a tree of two leaves."""
    import lightgbm

    values = np.empty(rows.features.shape, dtype=np.float32)
    for start in range(0, len(rows), BLOCK):
        values[start : start + BLOCK] = from_image(rows.features[start : start + BLOCK])
    params = {"objective": "binary", "num_leaves": 2, "num_threads": threads, "enable_bundle": False, "verbose": -1}
    began = time.perf_counter()
    data = lightgbm.Dataset(values, rows.labels, params=params).construct()
    built = time.perf_counter() - began
    lasted = []
    for trees in (1, 1, TREES + 1):
        began = time.perf_counter()
        lightgbm.train(params, data, num_boost_round=trees)
        lasted.append(time.perf_counter() - began)
    tree = (lasted[2] - min(lasted[:2])) / TREES
    return {"counts": built, "codes": 0.0, "later": tree, "width": rows.features.shape[1]}


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
        "rows",
        "by",
        "threads",
        "counts s",
        "codes s",
        "later round s",
        "us a row",
        "million a second",
        "GiB peak",
    )
    for title in titles:
        shown.add_column(title, justify="left" if title == "by" else "right")
    for count in options.rows:
        lines = [("numpy", 1)] if count <= NUMPY_UP_TO else []
        lines += [(engine, threads) for engine in ("compiled", "LightGBM") for threads in options.threads]
        for engine, threads in lines:
            began = time.perf_counter()
            found = in_process(engine, count, threads, options.rounds)
            later = found["later"]
            tell(f"{count:,} {engine} {threads}: {later:.4f} s a round, {time.perf_counter() - began:.0f} s in all")
            shown.add_row(
                *(f"{count:,}", engine, str(threads), f"{found['counts']:.3f}"),
                *(f"{found['codes']:.3f}" if found["codes"] else "", f"{later:.4f}", f"{later / count * 1e6:.3f}"),
                *(f"{count * found['width'] / later / 1e6:.0f}", f"{found['peak'] / (1 << 30):.2f}"),
            )
        shown.add_section()
    console.print(shown)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table; with --line, the figures of one line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=4, help="rounds of boost, at least 4")
    parser.add_argument("--quick", action="store_true", help="up to a million rows")
    parser.add_argument("--line", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.line:
        engine, *numbers = options.line
        print(json.dumps(work(engine, *map(int, numbers))))
        return
    if options.quick:
        options.rows = [count for count in options.rows if count <= QUICK_ROWS]
    print_table(Console(width=max(110, Console().width)), options)


if __name__ == "__main__":
    main()
