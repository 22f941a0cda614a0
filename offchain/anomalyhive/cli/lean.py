"""A lean start for commands that read a chain: without what their libraries import in passing and never use there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH = 0.0005
"""Seconds after which a thread that computes in Python lets another on: machine code comes back for the lock often."""


def start_lean() -> None:
    """Load pyarrow and Numba without pandas and SciPy, which they look for and which take longer to load than both.

    Threads take turns more often from here on, pyarrow makes no data frames, and what Numba compiles multiplies no
    matrices.
    """
    sys.setswitchinterval(SWITCH)
    with _missing("pandas", "scipy"):
        import numba.np.arraymath
        import pyarrow as pa

        # The first array that pyarrow makes has it look for pandas, and arraymath looks for SciPy as it is imported.
        pa.array([0])
        assert numba.np.arraymath


class _Missing:
    """Finds packages missing; one that has been imported stays as it is."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def find_spec(self, name: str, *_: object) -> None:
        """What the import system asks first."""
        if name.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"{name} is left out of this process", name=name)


@contextmanager
def _missing(*names: str) -> Iterator[None]:
    """In the meantime these packages cannot be imported."""
    finder = _Missing(*names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
