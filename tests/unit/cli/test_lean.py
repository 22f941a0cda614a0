"""The lean start, in processes of their own: what a library has once looked for it does not look for again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LEAN = "from anomalyhive.cli.lean import start_lean; start_lean(); import sys; "


def printed(code: str) -> str:
    """What a fresh process prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_start_lean_makes_arrays_and_machine_code_without_pandas_and_scipy() -> None:
    used = (
        "from anomalyhive.ingestion.evm.keccak import keccak; import pyarrow as pa; pa.array([1, None]);"
        "print(keccak(b'').hex()[:8], sorted({'pandas', 'scipy', 'charset_normalizer'} & set(sys.modules)))"
    )
    assert printed(LEAN + used) == "c5d24601 []"
    assert printed(f"{LEAN} import requests; print(requests.Request('POST', 'http://a/').prepare().url)") == "http://a/"


def test_start_lean_leaves_packages_to_be_imported_by_whoever_needs_them() -> None:
    assert printed(f"{LEAN} import scipy.linalg; print(scipy.linalg.__name__)") == "scipy.linalg"


@pytest.mark.parametrize("given", [None, "3"])
def test_start_lean_leaves_the_environment_as_it_was(given: str | None) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    environment |= {} if given is None else {"OPENBLAS_NUM_THREADS": given}
    code = f"{LEAN} import os; print(os.environ.get('OPENBLAS_NUM_THREADS'))"
    command = [sys.executable, "-c", code]
    assert subprocess.check_output(command, text=True, env=environment).strip() == str(given)


def test_start_lean_keeps_what_has_been_imported_before() -> None:
    assert printed(f"import scipy; {LEAN} print('scipy' in sys.modules)") == "True"


def test_command_that_reads_no_chain_starts_as_ever() -> None:
    code = (
        "import sys; from anomalyhive import cli; from anomalyhive.cli import lean\n"
        "lean.start_lean = lambda: print('lean')\n"
        "sys.argv = ['anomalyhive', sys.argv[1], '--help']\n"
        "cli.main()"
    )
    told = {
        name: subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=True).stdout
        for name in ("ingest", "metrics")
    }
    assert told["ingest"].startswith("lean\n")
    assert not told["metrics"].startswith("lean\n")


def test_start_lean_compiles_what_is_not_in_the_cache_and_then_takes_it_from_there(tmp_path: Path) -> None:
    used = (
        "from anomalyhive.ingestion.evm.keccak import keccak, keccak_into; from numba.core.cpu import CPUContext\n"
        "made_ready = []; theirs = CPUContext.load_additional_registries\n"
        "CPUContext.load_additional_registries = lambda self: (made_ready.append(1), theirs(self))[1]\n"
        "print(keccak(b'').hex()[:8], bool(made_ready))"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    told = [
        subprocess.run([sys.executable, "-c", LEAN + used], capture_output=True, text=True, check=True, env=environment)
        for _ in range(2)
    ]
    assert [one.stdout.strip() for one in told] == ["c5d24601 True", "c5d24601 False"]


def test_leave_ends_with_the_code_when_all_that_was_to_happen_at_the_end_is_done(tmp_path: Path) -> None:
    code = (
        "import atexit, sys, tempfile; from anomalyhive.cli.lean import leave\n"
        f"held = tempfile.TemporaryDirectory(dir={str(tmp_path)!r}); atexit.register(print, 'at the end')\n"
        "print('said'); leave(7)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "said\nat the end\n", "")
    assert list(tmp_path.iterdir()) == []


def test_leave_with_nobody_who_reads_what_was_said_ends_all_the_same() -> None:
    code = "import sys; from anomalyhive.cli.lean import leave; sys.stdin.read(); print('said'); leave(7)"
    buffered = {**os.environ, "PYTHONUNBUFFERED": ""}
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=buffered, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.close()
    process.stdin.close()
    assert process.wait(60) == 7
