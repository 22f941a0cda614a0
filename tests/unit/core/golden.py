"""What the golden file holds: draws, tables and several rounds of every learner on a small synthetic table.

After a change that is meant to change results, and only then, write it again from the project's root:

    .venv/bin/python -m tests.unit.core.golden
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from anomalyhive.core.draws import Draws
from anomalyhive.core.features import to_image
from anomalyhive.core.fixedpoint import logarithm, sigmoid, softplus
from anomalyhive.core.grid import GRID
from anomalyhive.core.learners import LEARNERS

from .samples import COLUMNS, PARAMS, fingerprint, run, sample

PATH = Path(__file__).parents[2] / "golden" / "learners.json"
ROUNDS, ROWS = 6, 240


def golden() -> dict[str, Any]:
    """Everything, computed now."""
    draws = Draws(bytes(range(32)), "golden")
    logits = np.arange(-26 * 65536, 26 * 65536, 9973, dtype=np.int64)
    return {
        "draws": [draws.below(1000, 8).tolist(), draws.weighted(np.array([1, 0, 5, 2]), 8).tolist()],
        "images": to_image(np.array([-1e300, -1.5, -0.0, 0.0, 5e-324, 0.1, 1e18])).tolist(),
        "grid": fingerprint(GRID),
        "sigmoid": {str(bits): fingerprint(sigmoid(logits, bits)) for bits in (8, 16, 32)},
        "softplus": fingerprint(softplus(logits)),
        "logarithm": fingerprint(logarithm(np.arange(1, 5000, dtype=np.int64) ** 5)),
        "learners": {name: _rounds(name) for name in sorted(LEARNERS)},
    }


def _rounds(name: str) -> list[dict[str, Any]]:
    learner, rows = LEARNERS[name], sample(ROWS, COLUMNS[name], 7)
    return [
        {
            "length": done.plan.length,
            "vector": fingerprint(done.total),
            "state": fingerprint(done.state),
            "logits": learner.logits(done.state, rows.features)[:6].tolist(),
            "probabilities": learner.probabilities(done.state, rows.features)[:3].tolist(),
        }
        for done in run(learner, [rows], ROUNDS, 1, PARAMS[name])
    ]


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(json.dumps(golden(), indent=1) + "\n")
    print(f"wrote {PATH}")
