"""Integer arithmetic of the learners: fixed-point numbers, the logistic function and its loss.

A logit is an int64 in units of 1/65536. All tables are computed with integers alone (no libm), so that they are the
same on every platform; a division is a floor division wherever nothing else is said.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from anomalyhive.core.learner import Integers

ONE = 1 << 16
"""1 as a logit."""

LARGEST_LOGIT = 24 * ONE
"""Logits are clipped to +-24: beyond, 1 - p is below 2^-34 and nothing tells probabilities apart."""

EXP_BITS = 40
"""exp(-x) is held in units of 2^-40."""

_WIDE = 192
"""Bits after the point while tables are made; rounding to 40 bits leaves no doubt about any entry."""

_DIVISION_BITS = 22
"""Bits of a quotient by 41-bit numbers that one int64 division gives."""


def _exp_minus(denominator: int) -> int:
    """exp(-1/denominator) in 2^-192 by its Taylor series; denominator >= 2."""
    total = term = 1 << _WIDE
    order = 0
    while term:
        order += 1
        term //= denominator * order
        total += -term if order % 2 else term
    return total


def _log1p(q: int) -> int:
    """ln(1 + q) for q in 0 .. 1, in and out in 2^-192: 2 artanh(q / (2 + q)), whose series shrinks ninefold a term."""
    ratio = (q << _WIDE) // ((2 << _WIDE) + q)
    square = ratio * ratio >> _WIDE
    total, power, order = 0, ratio, 1
    while power:
        total += power // order
        power = power * square >> _WIDE
        order += 2
    return 2 * total


def _powers(base: int, count: int) -> list[int]:
    """base^0 .. base^(count-1), in and out in 2^-192."""
    powers = [1 << _WIDE]
    while len(powers) < count:
        powers.append(powers[-1] * base >> _WIDE)
    return powers


@lru_cache(maxsize=1)
def exp_tables() -> tuple[Integers, Integers]:
    """exp(-i/256) in 2^-40 for i = 0 .. 24*256, and 1 - exp(-j/65536) in 2^-30 for j = 0 .. 255."""
    coarse = [p >> (_WIDE - EXP_BITS) for p in _powers(_exp_minus(256), (LARGEST_LOGIT >> 8) + 1)]
    fine = [(1 << 30) - (p >> (_WIDE - 30)) for p in _powers(_exp_minus(ONE), 256)]
    return np.array(coarse, dtype=np.int64), np.array(fine, dtype=np.int64)


@lru_cache(maxsize=1)
def softplus_table() -> Integers:
    """ln(1 + exp(-i/64)) in 1/65536 for i = 0 .. 24*64 + 1."""
    powers = _powers(_exp_minus(64), (LARGEST_LOGIT >> 10) + 2)
    return np.array([_log1p(p) >> (_WIDE - 16) for p in powers], dtype=np.int64)


def sigmoid(logits: Integers, bits: int) -> Integers:
    """The logistic function of logits in units of 2^-bits, bits <= 32: 1 / (1 + exp(-logit)).

    Monotone, and sigmoid(-z) = 2^bits - sigmoid(z).
    The smaller of p and 1 - p is floored, so that it is 0 only where 2^-bits cannot show it.
    """
    coarse, fine = exp_tables()
    logits = np.asarray(logits, dtype=np.int64)
    magnitude = np.minimum(np.abs(logits), LARGEST_LOGIT)
    head = coarse[magnitude >> 8]
    q = head - (head * fine[magnitude & 255] >> 30)  # exp(-|z|) in 2^-40; head * fine < 2^63
    whole = np.int64(1 << EXP_BITS) + q
    first = min(bits, _DIVISION_BITS)
    quotient, rest = np.divmod(q << first, whole)  # long division: q << 32 would not fit
    tail = (quotient << (bits - first)) + (rest << (bits - first)) // whole
    p: Integers = np.where(logits >= 0, (1 << bits) - tail, tail)
    return p


def softplus(logits: Integers) -> Integers:
    """Logistic loss of rows of label 0 in 1/65536, ln(1 + e^logit); the negated logit gives that of label 1.

    Linear between table entries 1/64 apart, which is at most 0.5/65536 off.
    """
    table = softplus_table()
    logits = np.asarray(logits, dtype=np.int64)
    magnitude = np.minimum(np.abs(logits), LARGEST_LOGIT)
    at = magnitude >> 10
    tail = table[at] + ((table[at + 1] - table[at]) * (magnitude & 1023) >> 10)
    loss: Integers = tail + np.maximum(logits, 0)
    return loss


def logit_of(positive: int, rows: int) -> int:
    """The smallest logit whose probability is at least (2 * positive + 1) / (2 * rows + 2), in 1/65536.

    Half a row of either label is added, so that rows of a single class have a finite logit.
    """
    low, high = -LARGEST_LOGIT, LARGEST_LOGIT
    while low < high:
        middle = (low + high) // 2
        p = int(sigmoid(np.array([middle], dtype=np.int64), 32)[0])
        if p * (2 * rows + 2) >= (2 * positive + 1) << 32:
            high = middle
        else:
            low = middle + 1
    return low


@lru_cache(maxsize=1)
def _logarithm_table() -> Integers:
    """ln(1 + i/1024) in 1/65536 for i = 0 .. 1024."""
    entries = [_log1p((i << _WIDE) // 1024) >> (_WIDE - 16) for i in range(1025)]
    return np.array(entries, dtype=np.int64)


LN_2 = 45426
"""ln 2 in 1/65536, rounded."""


def logarithm(values: Integers) -> Integers:
    """Natural logarithm of integers >= 1, any shape, in 1/65536; within 2/65536 a doubling, never decreasing."""
    rest = np.asarray(values, dtype=np.int64)
    exponents = np.zeros_like(rest)
    for bits in (32, 16, 8, 4, 2, 1):
        tall = rest >> bits > 0
        exponents += bits * tall
        rest = np.where(tall, rest >> bits, rest)
    # The leading bit and 26 bits below it: 10 to look up, 16 to interpolate.
    wide = np.asarray(values, dtype=np.int64)
    mantissa = np.where(exponents > 26, wide >> np.maximum(exponents - 26, 0), wide << np.maximum(26 - exponents, 0))
    fraction = mantissa - (1 << 26)
    table = _logarithm_table()
    at = fraction >> 16
    upper = table[np.minimum(at + 1, 1024)]
    found: Integers = exponents * LN_2 + table[at] + ((upper - table[at]) * (fraction & 0xFFFF) >> 16)
    return found
