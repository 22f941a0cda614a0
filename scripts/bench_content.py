"""Print what commitments and content cost on this machine.

    python scripts/bench_content.py [--length 20000] [--repeats 3]

Every figure is the least of the repeats, which other work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import dag_cbor
import numpy as np
from multiformats import CID
from numpy.typing import NDArray

from anomalyhive.commitments import Generators, Opening, add, commit, decode, opens_many, wrong_openings
from anomalyhive.commitments.generators import generator
from anomalyhive.content import DirectoryStore, Update, dagcbor
from anomalyhive.content.cid import Codec, Link, cid_bytes, digest_of

BITS = (8, 16, 32)
TOGETHER = (1, 5, 10, 20, 50)


def least(repeats: int, work: Callable[[], object]) -> float:
    """Milliseconds of the quickest run."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1e3)
    return min(times)


def drawn(length: int, bits: int, count: int) -> list[NDArray[np.int64]]:
    """Vectors of signed integers of at most ``bits`` bits, sign included."""
    random = np.random.default_rng(bits)
    half = 1 << (bits - 1)
    return [random.integers(-half, half, length) for _ in range(count)]


def bench_generators(directory: Path, length: int, repeats: int) -> Generators:
    """Derivation and loading; returns generators that are loaded."""
    one = least(repeats, lambda: [generator(index) for index in range(50)]) / 50
    began = time.perf_counter()
    Generators(directory).first(length)
    whole = time.perf_counter() - began
    load = least(repeats, lambda: Generators(directory).first(length))
    print(f"generators      derive {one:.3f} ms each, {length} of them {whole:.1f} s; load from file {load:.1f} ms")
    generators = Generators(directory)
    generators.first(length)
    return generators


def bench_commit(generators: Generators, length: int, repeats: int) -> None:
    """One commitment by width of the entries."""
    for bits in BITS:
        vector = drawn(length, bits, 1)[0]
        sparse = np.where(np.arange(length) % 4 == 0, vector, 0)
        full, quarter = (least(repeats, partial(commit, v, generators)) for v in (vector, sparse))
        print(f"commit          {length} entries of {bits:2d} bits {full:6.1f} ms, a quarter of them {quarter:6.1f} ms")


def bench_openings(generators: Generators, length: int, repeats: int) -> None:
    """Cost per update of checking many together, and of finding the one that is wrong."""
    for bits in BITS:
        vectors = drawn(length, bits, max(TOGETHER))
        openings: list[Opening] = [(vector, commit(vector, generators)) for vector in vectors]
        costs = []
        for count in TOGETHER:
            cost = least(repeats, partial(opens_many, openings[:count], b"bench", generators)) / count
            costs.append(f"{count}: {cost:.1f}")
        openings[7] = (vectors[8], openings[7][1])
        finding = least(1, partial(wrong_openings, openings, b"bench", generators))
        print(f"open, {bits:2d} bits   ms an update when this many are opened at once: {', '.join(costs)}")
        print(f"                one wrong among {len(openings)} named after {finding:.0f} ms")


def bench_points(generators: Generators, repeats: int) -> None:
    """A single point."""
    left, right = (commit(vector, generators) for vector in drawn(10, 16, 2))
    adding = least(repeats, lambda: [add(left, right) for _ in range(200)]) / 200
    checking = least(repeats, lambda: [decode(left) for _ in range(200)]) / 200
    print(f"points          add two {adding * 1e3:.0f} us, check one from a stranger {checking * 1e3:.0f} us")


def bench_store(directory: Path, length: int, repeats: int) -> None:
    """An update as content, synced to the disk of ``directory``."""
    store = DirectoryStore(directory / "store")
    updates = [Update(1, bytes(20), 1, 1, 0, 1, bytes(20), None, 1, vector) for vector in drawn(length, 16, repeats)]
    fresh = iter(updates)
    digests: list[bytes] = []
    publishing = least(repeats, lambda: digests.append(next(fresh).publish(store)))
    fetching = least(repeats, lambda: Update.fetch(store, digests[0], length))
    size = sum(len(store.get(*link)) for link in store.digests()) // repeats
    print(f"content         an update of {size} bytes: publish {publishing:.1f} ms, fetch and check {fetching:.1f} ms")


def bench_roots(repeats: int) -> None:
    """A root of a hundred links, read and written, beside the packages dag-cbor and multiformats."""
    links = [Link(digest_of(bytes([index])), Codec.DAG_CBOR) for index in range(100)]
    block = dagcbor.write({"links": links})
    peers = {"links": [CID.decode(cid_bytes(link)) for link in links]}
    ours = (partial(dagcbor.read, block), partial(dagcbor.write, {"links": links}))
    theirs = (partial(dag_cbor.decode, block), partial(dag_cbor.encode, peers))
    for name, (read, write) in (("ours", ours), ("dag-cbor", theirs)):
        reading, writing = least(repeats, read), least(repeats, write)
        print(f"root, 100 links {name:8} read {reading:8.3f} ms, write {writing:8.3f} ms")


def main() -> None:
    """Run all of it in a temporary directory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--length", type=int, default=20_000, help="entries of a vector")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the quickest counts")
    arguments = parser.parse_args()
    print(f"machine         {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="anomalyhive-bench-") as name:
        directory = Path(name)
        generators = bench_generators(directory, arguments.length, arguments.repeats)
        bench_commit(generators, arguments.length, arguments.repeats)
        bench_openings(generators, arguments.length, arguments.repeats)
        bench_points(generators, arguments.repeats)
        bench_store(directory, arguments.length, arguments.repeats)
    bench_roots(arguments.repeats)


if __name__ == "__main__":
    main()
