"""Gas of every function of the contracts, on Anvil, beside its floor, other systems and the committed snapshot.

    scripts/gas.py            print the tables; exit 1 where a figure differs from the snapshot
    scripts/gas.py --write    make the present figures the snapshot

Everything is fixed: keys, digests, commitments and scores. So the figures are the same at every run, and a
change of one is a change of the contracts or of the compiler.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gas_feed
import gas_scenes
from anomalyhive.chain.localchain import choose_port
from gas_floor import Cost, cost_of
from gas_peers import PEERS
from rehearsal import Rehearsal, impatient

ROOT = Path(__file__).resolve().parents[1]
SNAPSHOT = ROOT / "tests" / "gas" / "snapshot.json"

TARGETS = {
    "submit": 58_000,
    "submit, first of its shard": 58_000,
    "batch of 50, first of their shards: per update": 40_000,
    "batch of 50, later: per update": 40_000,
    "tally of 256 by 7, agreeing: per update": 8_000,
    "tally of 256 by 7, random scores: per update": 8_000,
    "tally of 1000 by 15, agreeing: per update": 8_000,
    "tally of 1000 by 15, random scores: per update": 8_000,
    "claim of one round": 60_000,
    "claim: each further round": 15_000,
}
"""Figure -> the most it may be."""

Snapshot = Mapping[str, Any]


@dataclass
class Meter:
    """Costs of transactions, by contract and function."""

    spent: dict[str, list[Cost]]

    def take(self, web3: Any, history: Any) -> None:
        """Count all transactions of Brownie's history that succeeded."""
        for tx in history:
            if tx.status == 1 and tx.contract_name:
                self.spent.setdefault(f"{tx.contract_name}.{tx.fn_name}", []).append(cost_of(web3, tx.txid))

    def table(self) -> dict[str, dict[str, int]]:
        """Function -> min, (lower) median, max, the floor of the median call, and number of calls."""
        rows = {}
        for name, costs in sorted(self.spent.items()):
            ordered = sorted(costs, key=lambda one: (one.gas, one.floor))
            middle = ordered[(len(ordered) - 1) // 2]
            rows[name] = {
                "min": ordered[0].gas,
                "median": middle.gas,
                "max": ordered[-1].gas,
                "floor": middle.floor,
                "calls": len(ordered),
            }
        return rows


@contextlib.contextmanager
def local_network() -> Iterator[Any]:
    """Brownie's project, connected to an Anvil of its own."""
    import brownie
    from brownie import network, project

    loaded = project.load(str(ROOT), "GasProject")
    loaded.load_config()
    # Not imported by name: the module is compiled, and the names of a script must be readable.
    brownie._config.CONFIG.networks["development"] = {
        "name": "Anvil",
        "id": "development",
        "cmd": "anvil",
        "host": "http://127.0.0.1",
        "cmd_settings": {"port": choose_port(None), "gas_limit": 30_000_000, "accounts": 60, "base_fee": 0},
    }
    brownie.network.transaction.time = impatient()  # type: ignore[assignment]  # stands in for the module time
    network.connect("development")
    try:
        yield loaded
    finally:
        # Brownie takes snapshots in threads, which must not ask a chain that is gone.
        for thread in threading.enumerate():
            if thread is not threading.current_thread():
                thread.join(timeout=10)
        network.disconnect()


def measure() -> Snapshot:
    """All figures: ``functions`` by contract and function, ``figures`` by name."""
    # Brownie prints every transaction.
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), local_network() as loaded:
        # Brownie warns of its own calls to its own chain.
        warnings.simplefilter("ignore", FutureWarning)
        from brownie import accounts, chain, web3
        from brownie.network.state import TxHistory

        containers = loaded.HiveToken, loaded.NodeRegistry, loaded.Hive
        figures: dict[str, int] = {}
        meter = Meter({})

        def stage() -> Rehearsal:
            return Rehearsal(containers, list(accounts))

        gas_scenes.common(stage(), chain, figures)
        gas_scenes.batches(stage(), accounts, chain, figures)
        # The large rounds are not how a function is used every day: they have figures of their own.
        meter.take(web3, TxHistory())
        gas_scenes.large(stage(), figures, updates=256, judges=7, slices=4)
        gas_scenes.large(stage(), figures, updates=1000, judges=15, slices=2)
        # What the feed's scene does with the hive is not counted among the hive's daily use.
        gas_feed.feed(stage(), loaded.AlertFeed, chain, figures)
        meter.take(web3, [tx for tx in TxHistory() if tx.contract_name == "AlertFeed"])
    return {"functions": meter.table(), "figures": figures}


def differences(now: Snapshot, before: Snapshot) -> list[str]:
    """What changed, a line each."""
    lines = []
    for part in ("functions", "figures"):
        for name in sorted({*now[part], *before.get(part, {})}):
            was, is_ = before.get(part, {}).get(name), now[part].get(name)
            if was != is_:
                lines.append(f"{name}: {was} in the snapshot, {is_} now")
    lines += [
        f"{name}: {now['figures'][name]} is more than the {most} wanted"
        for name, most in TARGETS.items()
        if now["figures"][name] > most
    ]
    return lines


def show(snapshot: Snapshot) -> None:
    """Print the tables."""
    print(f"{'function':<30}{'min':>11}{'median':>11}{'max':>11}{'floor':>11}{'over':>7}{'calls':>7}")
    for name, one in snapshot["functions"].items():
        over = f"{one['median'] / one['floor'] - 1:.0%}"
        row = "".join(f"{one[key]:>11,}" for key in ("min", "median", "max", "floor"))
        print(f"{name:<30}{row}{over:>7}{one['calls']:>7}")
    print("floor: 21,000 + calldata + new slots + logs of the median call; over: what the median is above it")
    print(f"\n{'figure':<56}{'gas':>10}{'at most':>10}")
    for name, gas in snapshot["figures"].items():
        most = f"{TARGETS[name]:,}" if name in TARGETS else ""
        print(f"{name:<56}{gas:>10,}{most:>10}")
    print(f"\n{'beside other systems, with the same compiler':<56}{'gas':>19}{'ours':>10}")
    for name, peers in PEERS.items():
        ours = snapshot["figures"][name]
        print(f"{name:<75}{ours:>10,}")
        for peer in peers:
            title = f"  {peer.system} {peer.function}" + (f" ({peer.remark})" if peer.remark else "")
            print(f"{title:<56}{peer.range:>19}{ours / peer.least:>9.2f}x")


def main(arguments: list[str]) -> int:
    """Measure, print, compare or write."""
    if arguments not in ([], ["--write"]):
        print(__doc__, file=sys.stderr)
        return 2
    now = measure()
    show(now)
    if arguments == ["--write"]:
        SNAPSHOT.parent.mkdir(parents=True, exist_ok=True)
        SNAPSHOT.write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
        return 0
    changed = differences(now, json.loads(SNAPSHOT.read_text(encoding="utf-8")) if SNAPSHOT.is_file() else {})
    for line in changed:
        print(f"changed: {line}")
    print("as in the snapshot" if not changed else "after a change that is meant: scripts/gas.py --write")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
