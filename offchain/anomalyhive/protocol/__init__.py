"""The arithmetic of the contracts in plain Python: hashes, medians, deviations, shares, phases. No I/O."""

from anomalyhive.protocol.deviation import deviations, is_paid
from anomalyhive.protocol.hashing import revealed_hash, round_seed, update_hash, verdict_hash, vote_hash
from anomalyhive.protocol.median import lower_median, median_of_update
from anomalyhive.protocol.phases import Phase, Progress, progress_at
from anomalyhive.protocol.shares import Shares, split_reward

__all__ = [
    "Phase",
    "Progress",
    "Shares",
    "deviations",
    "is_paid",
    "lower_median",
    "median_of_update",
    "progress_at",
    "revealed_hash",
    "round_seed",
    "split_reward",
    "update_hash",
    "verdict_hash",
    "vote_hash",
]
