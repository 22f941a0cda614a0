"""Run a hive of processes while faults come at random, and print what was done to it and what it came to.

    python scripts/chaos.py [--rounds 20] [--seed N] [--keep DIR]

Five trainers and three validators as processes, five Kubo daemons in a private swarm, Anvil with a block a second.
After every fault the books are checked: one update a shard and round, the pay that the specification says, no token
missing, and in every final model the bits that its accepted updates' rows give without chain, node or fault. Exits with
1 at the first thing that is not so.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from rich.table import Table

import build_kubo
from anomalyhive.chain.views import Phase
from anomalyhive.cli.console import note, out
from anomalyhive.federation.crew import TOKEN
from anomalyhive.federation.settings import Settings
from wild import books
from wild.faults import FAULTS, gone
from wild.world import World, build

ROWS = Path(__file__).resolve().parents[1] / "tests" / "data" / "accounts-400.csv"
ROUND_SECONDS = 240
"""What a round may take, faults and cancelled rounds included."""


def main() -> int:
    """Run it; 0 if everything held."""
    options = _options()
    program = build_kubo.find()
    if program is None:
        sys.exit("error: there is no `ipfs`, neither on PATH nor from `make kubo`")
    dice = random.Random(options.seed)  # noqa: S311 - the same harm again for the same seed
    note(f"seed {options.seed}")
    settings = Settings(
        data=str(ROWS), label="FLAG", id="Address", test_fraction="0", rounds=options.rounds, nodes=5, validators=3
    )
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="anomalyhive-chaos-")))
        world = build(folder, settings, program, stack)
        world.revive()
        began, done = time.monotonic(), Counter[str]()
        wrong = _suffer(world, dice, done)
        _show(world, done, time.monotonic() - began)
    for one in wrong:
        out.print(f"[bold red]wrong[/bold red]: {one}", highlight=False)
    return 1 if wrong else 0


def _suffer(world: World, dice: random.Random, done: Counter[str]) -> list[str]:
    """Harm the world until its rounds are over; what was wrong first."""
    leave_at = world.settings.rounds * 3 // 4
    while (finals := world.finals) < world.settings.rounds:
        name = "validator gone" if finals >= leave_at and not world.gone else dice.choice(list(FAULTS))
        time.sleep(dice.uniform(0, 4))
        told = FAULTS.get(name, gone)(world, dice)
        done[name] += 1
        note(f"round {finals + 1}: {told}")
        if world.finals < world.settings.rounds:
            world.run_rounds(1, ROUND_SECONDS)
        if wrong := world.wrongs():
            return wrong
    return []


def _show(world: World, done: Counter[str], seconds: float) -> None:
    with world.chain.held():
        tokens = books.count_tokens(world.contracts, world.founded.task)
    phases = Counter(view.phase for view in world.views())
    table = Table("what", "how much", title="Chaos")
    for name, count in sorted(done.items()):
        table.add_row(f"fault: {name}", f"{count}")
    table.add_row("rounds final", f"{phases[Phase.FINAL]}")
    table.add_row("rounds cancelled", f"{phases[Phase.CANCELLED]}")
    table.add_row("starts of nodes", f"{sum(node.starts for node in world.nodes.values())}")
    table.add_row("tokens in", f"{tokens.funded / TOKEN:,.3f}")
    table.add_row("tokens claimed", f"{tokens.claimed / TOKEN:,.3f}")
    table.add_row("tokens earned, not claimed", f"{tokens.unclaimed / TOKEN:,.3f}")
    table.add_row("tokens in escrow", f"{(tokens.escrow + tokens.locked) / TOKEN:,.3f}")
    table.add_row("tokens missing", f"{tokens.missing}")
    table.add_row("seconds", f"{seconds:.0f}")
    out.print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    parser.add_argument("--keep", type=Path, help="an empty folder to run in, which stays")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
