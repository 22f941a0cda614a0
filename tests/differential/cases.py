"""Cases of the protocol's arithmetic, drawn from a seed. `PYTHONPATH=scripts python tests/differential/cases.py`
writes the vectors anew.

The vectors are committed: Python, Solidity and the file must agree, so that none of them changes unnoticed.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from eth_utils.crypto import keccak

from anomalyhive.protocol import (
    Phase,
    Progress,
    deviations,
    is_paid,
    median_of_update,
    progress_at,
    revealed_hash,
    round_seed,
    split_reward,
    update_hash,
    verdict_hash,
)
from rehearsal import BASE

VECTORS = Path(__file__).parents[1] / "vectors" / "protocol.json"

Case = dict[str, Any]


def jury(random: Random, judges: int, shards: int) -> Case:
    """Judges and a task's updates: some shards without one, some updates of the judges' own nodes."""
    nodes = random.sample(range(1, 600), judges)
    others = random.sample(range(600, 1200), 5)
    spans = [random.choice([(0, 255), (0, 1), (100, 140), (255, 255), (0, 0)]) for _ in range(shards)]
    return {
        "owners": [random.choice([0, *others, *nodes]) for _ in range(shards)],
        "nodes": nodes,
        "scores": [bytes(random.randint(*span) for span in spans) for _ in nodes],
        "tolerance": random.randint(0, 255),
    }


def judged(case: Case) -> Case:
    """What Python makes of a jury: medians by shard, deviation and count of judged updates by judge, who is paid."""
    updates = {shard: node for shard, node in enumerate(case["owners"]) if node}
    verdicts = dict(enumerate(zip(case["nodes"], case["scores"], strict=True)))
    medians = {shard: median_of_update(shard, node, verdicts) for shard, node in updates.items()}
    strayed = deviations(updates, verdicts, medians)
    return {
        "medians": bytes(medians.get(shard, 0) for shard in range(len(case["owners"]))),
        "deviations": [list(strayed[seat]) for seat in sorted(strayed)],
        "paid": [seat for seat in sorted(strayed) if is_paid(*strayed[seat], case["tolerance"])],
    }


def clock(random: Random) -> Case:
    """A round's progress, and a time within a second of one of the deadlines that may follow."""
    deadline = 1_800_000_000
    phase = random.choice(list(Phase))
    later = [BASE.judge_seconds, BASE.reveal_seconds, BASE.tally_seconds][max(phase - Phase.TRAIN, 0) :]
    away = sum(later[: random.randint(0, len(later))])
    return {
        "phase": int(phase),
        "deadline": 0 if phase in (Phase.NONE, Phase.FINAL, Phase.CANCELLED, Phase.STALLED) else deadline,
        # Both are 2 in BASE's demands.
        "submitted": random.choice([1, 2, 2, 3]),
        "committed": random.choice([1, 2, 2, 3]),
        "revealed": random.choice([1, 2, 2, 3]),
        "time": deadline + away + random.choice([-1, 0, 1]),
    }


def ticked(case: Case) -> list[int]:
    """Phase, deadline and last phase reached, as Python has them."""
    progress = Progress(Phase(case["phase"]), case["deadline"], case["submitted"], case["committed"], case["revealed"])
    now, reached = progress_at(progress, BASE, case["time"])
    return [int(now.phase), now.deadline, int(reached)]


def reward(random: Random) -> Case:
    """A reward and what divides it."""
    return {
        # The largest reward that a task may have.
        "reward": random.choice([0, 1, 10**18, 2**88 - 1, random.randint(0, 2**88 - 1)]),
        "trainer_bps": random.choice([0, 1, 7000, 9999, 10000]),
        "worth": random.choice([0, 1, 255, 1024 * 255, random.randint(1, 261_120)]),
        "paid": random.choice([0, 1, 3, 20]),
    }


def split(case: Case) -> list[int]:
    """Rate and share, as Python has them."""
    shares = split_reward(case["reward"], case["trainer_bps"], case["worth"], case["paid"])
    return [shares.rate, shares.share]


def hashes(random: Random) -> list[Case]:
    """Inputs of every hash, and what Python makes of them."""
    cases = []
    for node in (1, 255, 256, 2**32 - 1):
        digest, verdict, salt, seed = (random.randbytes(32) for _ in range(4))
        commitment, scores = random.randbytes(96), random.randbytes(node % 40)
        task, round_, shard = random.choice([1, 2**64 - 1]), random.choice([1, 2**32 - 1]), random.choice([0, 1023])
        cases.append(
            {
                "task": task,
                "round": round_,
                "shard": shard,
                "node": node,
                "digest": digest,
                "commitment": commitment,
                "scores": scores,
                "verdict": verdict,
                "salt": salt,
                "seed": seed,
                "update_hash": update_hash(round_, shard, node, digest, commitment),
                "verdict_hash": verdict_hash(task, round_, node, scores, verdict, salt),
                "revealed_hash": revealed_hash(node, scores),
                "round_seed": round_seed(seed, round_),
            }
        )
    return cases


def drawn() -> Case:
    """All cases, with what Python makes of them."""
    random = Random(int.from_bytes(keccak(text="protocol vectors"), "big"))
    juries = [jury(random, judges, shards) for judges, shards in ((1, 1), (2, 3), (3, 5), (7, 40), (20, 33))]
    return {
        "about": "Hashes, medians, deviations, reward shares and phases of the protocol; bytes in hexadecimal. Python "
        "and Solidity must agree with all of it.",
        "hashes": hashes(random),
        "juries": [{**case, **judged(case)} for case in juries],
        "rewards": [{**case, "split": split(case)} for case in (reward(random) for _ in range(20))],
        "clocks": [{**case, "now": ticked(case)} for case in (clock(random) for _ in range(60))],
    }


def as_text(value: Any) -> str:
    """Bytes in JSON."""
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    raise TypeError(f"{type(value).__name__} is not in a vector")


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(drawn(), indent=1, default=as_text) + "\n", encoding="utf-8")
