"""Choices that Hypothesis makes, and can take back one by one when it looks for the smallest run that fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Dice:
    """Small numbers only: a run has 8 KiB of chance in Hypothesis 6.27."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def below(self, n: int) -> int:
        """0 to n - 1."""
        return int(self.data.draw(_below(n))) if n > 1 else 0

    def one(self, options: Sequence[T]) -> T:
        """One of them."""
        return options[self.below(len(options))]

    def luck(self, n: int) -> bool:
        """Once in n times; a run that is as small as it gets has none."""
        return self.below(n) == n - 1

    def some(self, options: Iterable[T], n: int = 2) -> list[T]:
        """All but those that fail to come, once in n times each."""
        return [one for one in options if not self.luck(n)]

    def order(self, options: Sequence[T]) -> list[T]:
        """The same in another order, one time in two."""
        return list(reversed(options)) if self.luck(2) else list(options)


@cache
def _below(n: int) -> Any:
    return st.integers(0, n - 1)
