"""Gas of every function of the contracts, measured on Anvil, beside the committed snapshot.

    scripts/gas.py            print the table; exit 1 where a figure differs from the snapshot
    scripts/gas.py --write    make the present figures the snapshot

Everything is fixed: keys, digests, commitments and scores. So the figures are the same at every run, and a
change of one is a change of the contracts or of the compiler.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low
from typing import Any

from eth_utils.crypto import keccak

from anomalyhive.chain.localchain import choose_port
from anomalyhive.chain.views import Phase
from rehearsal import VALIDATE, Node, Rehearsal, Round, impatient

ROOT = Path(__file__).resolve().parents[1]
SNAPSHOT = ROOT / "tests" / "gas" / "snapshot.json"

TARGETS = {
    "submit": 58_000,
    "tally of 256, agreeing judges: per update": 8_000,
    "tally of 256, random scores: per update": 8_000,
    "claim of one round": 60_000,
    "claim: each further round": 15_000,
}
"""Figure -> the most it may be."""

MANY, JUDGES = 256, 7
"""Updates and validators of the large round."""

Snapshot = Mapping[str, Any]


@dataclass
class Meter:
    """Gas of transactions, by contract and function."""

    spent: dict[str, list[int]]

    def take(self, history: Any) -> None:
        """Count all transactions of Brownie's history that succeeded."""
        for tx in history:
            if tx.status == 1:
                self.spent.setdefault(f"{tx.contract_name}.{tx.fn_name}", []).append(int(tx.gas_used))

    def table(self) -> dict[str, dict[str, int]]:
        """Function -> min, (lower) median, max, and number of calls."""
        return {
            name: {"min": min(gas), "median": median_low(gas), "max": max(gas), "calls": len(gas)}
            for name, gas in sorted(self.spent.items())
        }


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
        "cmd_settings": {"port": choose_port(None), "gas_limit": 30_000_000, "accounts": 40, "base_fee": 0},
    }
    brownie.network.transaction.time = impatient()  # type: ignore[assignment]  # stands in for the module time
    network.connect("development")
    try:
        yield loaded
    finally:
        network.disconnect()


def measure() -> Snapshot:
    """All figures: ``functions`` by contract and function, ``figures`` by name."""
    # Brownie prints every transaction.
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), local_network() as loaded:
        # Brownie warns of its own calls to its own chain.
        warnings.simplefilter("ignore", FutureWarning)
        from brownie import accounts, chain
        from brownie.network.state import TxHistory

        containers = loaded.HiveToken, loaded.NodeRegistry, loaded.Hive
        figures: dict[str, int] = {}
        meter = Meter({})
        common(Rehearsal(containers, list(accounts)), chain, figures)
        # The large round is not how a function is used every day: it has figures of its own.
        meter.take(TxHistory())
        large(Rehearsal(containers, list(accounts)), figures)
    return {"functions": meter.table(), "figures": figures}


def common(stage: Rehearsal, chain: Any, figures: dict[str, int]) -> None:
    """Five trainers and three validators: joining, rounds, claims, leaving; every function at least once."""
    trainers = [stage.register() for _ in range(5)]
    validators = [stage.register() for _ in range(3)]
    task = stage.create(miss_limit=1)
    stage.settle_in(task, trainers, validators)
    rounds = [stage.reach(task, Phase.FINAL) for _ in range(4)]
    figures["submit"] = int(stage.submit_update(stage.open(task), 0).gas_used)
    claims(stage, trainers[0], rounds, figures)
    everything_else(stage, chain, task, trainers, validators)


def claims(stage: Rehearsal, node: Node, rounds: list[Round], figures: dict[str, int]) -> None:
    """One round, then three in one transaction."""

    def claimed(of: list[Round]) -> int:
        # Kind 0: updates; term 0: the present one.
        item = (of[-1].task, 0, 0, 0, of[-1].number)
        return int(stage.hive.claim(node.number, [item], {"from": stage.sponsor}).gas_used)

    figures["claim of one round, first tokens of the owner"] = claimed(rounds[:1])
    figures["claim of one round"] = claimed(rounds[1:2])
    both = claimed(rounds[2:])
    figures["claim: each further round"] = both - figures["claim of one round"]


def everything_else(stage: Rehearsal, chain: Any, task: int, trainers: list[Node], validators: list[Node]) -> None:
    """The functions that a round in which all goes well does not need; a round is open."""
    hive, registry, token, sponsor = stage.hive, stage.registry, stage.token, stage.sponsor
    node = trainers[1]
    by_owner, by_anyone = {"from": node.owner}, {"from": sponsor}
    registry.rotateOperator(node.number, next(stage.spare), by_owner)
    hive.refreshShard(task, 1, by_anyone)
    hive.refreshSeat(task, 0, by_anyone)
    hive.releaseShard(task, 1, by_owner)
    registry.setRoles(node.number, VALIDATE, by_owner)
    token.transfer(node.owner, 10, by_anyone)
    token.approve(registry, 10, by_owner)
    registry.addStake(node.number, 10, by_owner)
    registry.requestExit(node.number, by_owner)
    registry.requestExit(trainers[2].number, {"from": trainers[2].owner})
    registry.requestExit(validators[1].number, {"from": validators[1].owner})
    hive.freeShard(task, 2, by_anyone)
    hive.freeSeat(task, 1, by_anyone)
    hive.releaseSeat(task, 2, {"from": validators[2].owner})
    hive.withdrawEscrow(task, 1, by_anyone)
    chain.sleep(8 * 86_400)
    hive.cancelRound(task, 5, by_anyone)
    registry.withdraw(node.number, by_owner)


def large(stage: Rehearsal, figures: dict[str, int]) -> None:
    """256 updates and seven validators: the tally at once and in slices, where judges agree and where not."""
    trainer = stage.register()
    validators = [stage.register() for _ in range(JUDGES)]
    agreeing = dict.fromkeys(range(JUDGES), random_scores(0))
    differing = {seat: random_scores(seat) for seat in range(JUDGES)}
    quotas = {"shards": MANY, "update_quota": MANY, "seats": JUDGES, "quorum": 4, "verdict_quota": JUDGES}
    task = stage.create(escrow=3, **quotas)
    stage.settle_in(task, [trainer] * MANY, validators)
    for name, scores, slices in (
        ("agreeing judges", agreeing, 1),
        ("random scores", differing, 1),
        ("random scores, four slices", differing, 4),
    ):
        round_ = stage.reach(task, Phase.TALLY, scores)
        size = MANY // slices
        total = sum(
            int(stage.hive.tally(*round_.key, rows, round_.scores, {"from": stage.sponsor}).gas_used)
            for rows in (round_.rows[at : at + size] for at in range(0, MANY, size))
        )
        figures[f"tally of {MANY}, {name}: per update"] = -(-total // MANY)
        for seat in range(4):
            stage.attest(round_, seat, stage.model_of(round_))


def random_scores(seat: int) -> list[int]:
    """A score of 1 to 255 for each update, the same at every run."""
    return [max(byte, 1) for block in range(MANY // 32) for byte in keccak(text=f"scores {seat} {block}")]


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
    print(f"{'function':<36}{'min':>10}{'median':>10}{'max':>10}{'calls':>7}")
    for name, one in snapshot["functions"].items():
        print(f"{name:<36}{one['min']:>10,}{one['median']:>10,}{one['max']:>10,}{one['calls']:>7}")
    print(f"\n{'figure':<56}{'gas':>10}{'at most':>10}")
    for name, gas in snapshot["figures"].items():
        most = f"{TARGETS[name]:,}" if name in TARGETS else ""
        print(f"{name:<56}{gas:>10,}{most:>10}")


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
