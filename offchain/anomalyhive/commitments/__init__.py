"""Homomorphic commitments to vectors of integers, in the encoding of Ethereum's BLS12-381 precompiles."""

from anomalyhive.commitments.curve import (
    COMMITMENT_BYTES,
    INFINITY,
    BadCommitment,
    check_on_curve,
    decode,
    from_precompile,
    to_precompile,
)
from anomalyhive.commitments.generators import Generators, cache_directory, default_generators
from anomalyhive.commitments.pedersen import (
    Opening,
    add,
    add_all,
    commit,
    opens,
    opens_many,
    wrong_openings,
)

__all__ = [
    "COMMITMENT_BYTES",
    "INFINITY",
    "BadCommitment",
    "Generators",
    "Opening",
    "add",
    "add_all",
    "cache_directory",
    "check_on_curve",
    "commit",
    "decode",
    "default_generators",
    "from_precompile",
    "opens",
    "opens_many",
    "to_precompile",
    "wrong_openings",
]
