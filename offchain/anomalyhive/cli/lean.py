"""A lean start for commands that read a chain: without what their libraries import in passing and never use there."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

SWITCH = 0.0005
"""Seconds after which a thread that computes in Python lets another on: machine code comes back for the lock often."""

GARBAGE = 50_000
"""Objects after which Python looks for circles among them: what reads blocks makes few objects and hardly a circle."""

MALLOC = {-1: 1 << 28, -3: 1 << 25}
"""Parameters of glibc's allocator (malloc.h): M_TRIM_THRESHOLD, M_MMAP_THRESHOLD; the latter takes no more.

So memory of one answer is kept for the next; else the kernel takes pages back, to clear them when they are asked for
again a moment later.
"""


def start_lean() -> None:
    """Load pyarrow, Numba and requests without what they look for and what takes longer to load than they themselves.

    Threads take turns more often from here on, Python looks for circles of objects less often, memory is kept for the
    next block, pyarrow makes no data frames, and what Numba compiles multiplies no matrices.
    """
    sys.setswitchinterval(SWITCH)
    gc.set_threshold(GARBAGE)
    _keep_memory()
    with (
        _missing("pandas", "scipy", "yaml", "charset_normalizer", "chardet"),
        _set("OPENBLAS_NUM_THREADS", "1"),  # threads for matrices, which spin for a while when they begin
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # requests wants to guess the encodings of texts; a node's answers are bytes
        import numba.np.arraymath
        import pyarrow as pa
        import requests

        # The first array that pyarrow makes has it look for pandas, and arraymath looks for SciPy as it is imported.
        pa.array([0])
        assert numba.np.arraymath
        assert requests
    _load_without_compiler()


def _keep_memory() -> None:
    """Set MALLOC where the C library is glibc."""
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        for parameter, value in MALLOC.items():
            mallopt(parameter, value)


def leave(code: int) -> NoReturn:
    """End the process with this code, all that is to happen at its end done, without taking apart what was loaded."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever read it is gone
            stream.flush()
    os._exit(code)


def _load_without_compiler() -> None:
    """Let Numba take machine code from its cache without first making its compiler ready, and without its extensions.

    It is made ready all the same where something has to be compiled. This is of Numba's own workings: where they are
    others, nothing is changed.
    """
    from numba.core import caching, entrypoints
    from numba.core.runtime.nrt import rtsys

    def load(cache: Any, signature: Any, context: Any) -> Any:
        rtsys.initialize(context)  # what allocates arrays
        with cache._guard_against_spurious_io_errors():
            return cache._load_overload(signature, context)

    theirs = caching.Cache
    if all(hasattr(theirs, name) for name in ("load_overload", "_load_overload", "_guard_against_spurious_io_errors")):
        setattr(theirs, "load_overload", load)  # noqa: B010 - mypy would have a method stay what it is
    if hasattr(entrypoints, "_already_initialized"):
        entrypoints._already_initialized = True


class _Missing:
    """Finds packages missing; one that has been imported stays as it is."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def find_spec(self, name: str, *_: object) -> None:
        """What the import system asks first."""
        if name.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"{name} is left out of this process", name=name)


@contextmanager
def _set(name: str, value: str) -> Iterator[None]:
    """In the meantime the environment has this, unless it says something itself."""
    given = os.environ.get(name)
    os.environ.setdefault(name, value)
    try:
        yield
    finally:
        if given is None:
            del os.environ[name]


@contextmanager
def _missing(*names: str) -> Iterator[None]:
    """In the meantime these packages cannot be imported."""
    finder = _Missing(*names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
