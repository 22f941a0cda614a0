"""Work done by several threads at once, its results in the order of what was given."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def ordered(executor: Executor, work: Callable[[A], B], items: Iterable[A], ahead: int) -> Iterator[B]:
    """What ``work`` makes of each item, in order; at most ``ahead`` are begun before they are wanted.

    The first exception comes out where its result would have; what has not begun by then never does.
    """
    begun: deque[Future[B]] = deque()
    rest = iter(items)
    try:
        for item in rest:
            begun.append(executor.submit(work, item))
            if len(begun) >= ahead:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        for one in begun:
            one.cancel()
