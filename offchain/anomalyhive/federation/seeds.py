"""The seed of a task from the seed that a user gives."""

from __future__ import annotations

import hashlib


def task_seed(seed: int) -> bytes:
    """32 bytes for `TaskConfig.seed`; never zero, which would ask the chain for one."""
    return hashlib.sha256(b"anomalyhive task seed" + seed.to_bytes(8, "big")).digest()
