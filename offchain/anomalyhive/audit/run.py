"""The audit of a run folder: its chain brought back up from a copy, its store read in place, nothing changed in it.

run.json                 names the chain: anvil, ganache or a URL
chain/deployment.json    where the contracts are
chain/                   the state of a local chain
store/                   the content
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from web3 import Web3

from anomalyhive.atomic import PART_SUFFIX
from anomalyhive.audit.audited import Audited
from anomalyhive.audit.lineage import Progress, audit_lineage, silent
from anomalyhive.audit.reading import read_record
from anomalyhive.audit.report import AuditReport
from anomalyhive.audit.rounds import ALL, Options
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.localchain import KINDS, STATE_FILE, LocalChain
from anomalyhive.chain.rpc import connect
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.errors import BadSetting, ChainFailure, ContentFailure
from anomalyhive.jsontext import loads
from anomalyhive.metrics.chunks import Chunk

SETTINGS = "run.json"
GANACHE_DATABASE = "ganache"


def audit_run(
    folder: Path, progress: Progress = silent, recompute: int = ALL, chunks: Sequence[Chunk] | None = None
) -> AuditReport:
    """Audit the lineage of a run folder; ``recompute`` is the share of updates to recompute, in basis points.

    ``chunks`` are those that the run is said to have learned from: they are counted again.

    Raises BadSetting where the folder is not that of a run, ChainFailure or ContentFailure where chain or store
    cannot be opened at all.
    """
    with audited_run(folder, progress, recompute, chunks) as (audited, _):
        return audited.report


@contextlib.contextmanager
def audited_run(
    folder: Path, progress: Progress = silent, recompute: int = ALL, chunks: Sequence[Chunk] | None = None
) -> Iterator[tuple[Audited, Web3]]:
    """Audit a run folder as `audit_run` does; its chain can be asked for more within the context."""
    with at_rest(folder):
        deployment = Deployment.read(folder / "chain" / "deployment.json")
        store = DirectoryStore(folder / "store", read_only=True)
        options = Options(recompute, secrets.token_bytes(32))
        progress("chain", 0, 1)
        with opened_chain(folder) as web3:
            record = read_record(web3, deployment)
            progress("chain", 1, 1)
            report = audit_lineage(record, store, options, progress, strangers(store), chunks)
            yield Audited(record, store, options, report), web3


def strangers(store: DirectoryStore) -> list[str]:
    """What lies in a store's directory and is no block of it, by paths relative to it."""
    known = {store.file_of(link.digest, link.codec) for link in store.digests()}
    try:
        return sorted(
            str(path.relative_to(store.path))
            for path in store.path.rglob("*")
            if path not in known and (path.is_symlink() or not path.is_dir()) and not _is_part(path)
        )
    except OSError as error:
        raise ContentFailure(f"the store {store.path} cannot be listed: {error.strerror}") from error


@contextlib.contextmanager
def opened_chain(folder: Path) -> Iterator[Web3]:
    """The chain of a run: a local one is brought up from a copy of its state, on any free port."""
    chain = _chain_of(folder)
    if chain not in KINDS:
        yield connect(chain)
        return
    with tempfile.TemporaryDirectory(prefix="anomalyhive-audit-") as scratch:
        copy = Path(scratch)
        _copy_state(folder / "chain", chain, copy)
        with LocalChain(chain, copy) as local:
            yield local.web3


def _copy_state(source: Path, kind: str, target: Path) -> None:
    name = STATE_FILE if kind == "anvil" else GANACHE_DATABASE
    try:
        if kind == "anvil":
            shutil.copyfile(source / name, target / name)
        else:
            shutil.copytree(source / name, target / name)
    except (OSError, shutil.Error) as error:
        raise ChainFailure(f"the state of {kind} in {source / name} cannot be read: {error}") from error


def _chain_of(folder: Path) -> str:
    """What run.json says of the chain; of all that stands there only this is used."""
    path = folder / SETTINGS
    try:
        settings = loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadSetting(f"{folder} is not the folder of a run ({SETTINGS} is missing): name another") from error
    except (OSError, ValueError) as error:
        raise BadSetting(f"{path} cannot be read ({error}): restore it") from error
    chain = settings.get("chain") if isinstance(settings, dict) else None
    if not isinstance(chain, str):
        raise BadSetting(f"{path} names no chain but {chain!r}: restore it")
    return chain


@contextlib.contextmanager
def at_rest(folder: Path) -> Iterator[None]:
    """Keep a run from going on while it is audited. Raises BadSetting while another process works in the folder."""
    if not folder.is_dir():
        raise BadSetting(
            f"there is no folder of a run and no export {folder}: name what --run made, or a file of `lineage export`"
        )
    _chain_of(folder)
    lock = _open_lock(folder / ".lock")
    if lock is None:
        yield
        return
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            raise BadSetting(f"{folder} is in use by another process: wait for it to end") from error
        yield
    finally:
        os.close(lock)


def _open_lock(path: Path) -> int | None:
    """The lock of a run; None where nobody has ever locked it, or where even reading it is not allowed."""
    try:
        return os.open(path, os.O_RDONLY)
    except OSError:
        return None


def _is_part(path: Path) -> bool:
    """Whether a file is what a killed writer left: no block, and nobody's content."""
    return path.name.startswith(".") and path.name.endswith(PART_SUFFIX)
