"""The arithmetic of the contracts in plain Python: hashes, medians, deviations, shares. No I/O."""

from anomalyhive.protocol.deviation import deviations, is_paid
from anomalyhive.protocol.hashing import revealed_hash, round_seed, update_hash, verdict_hash
from anomalyhive.protocol.median import lower_median, median_of_update
from anomalyhive.protocol.shares import Shares, split_reward

__all__ = [
    "Shares",
    "deviations",
    "is_paid",
    "lower_median",
    "median_of_update",
    "revealed_hash",
    "round_seed",
    "split_reward",
    "update_hash",
    "verdict_hash",
]
