"""`anomalyhive lineage import`: content brought back into a store by whoever has it in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anomalyhive.cli.console import note, out, plain
from anomalyhive.content.cid import cid_text
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kubo import DEFAULT_ADDRESS, KuboStore
from anomalyhive.content.opening import DIRECTORY
from anomalyhive.content.restoring import restore
from anomalyhive.content.store import Store
from anomalyhive.errors import BadSetting
from anomalyhive.texts import counted

SHOWN_MISSING = 10


def import_file(
    file: Annotated[Path, typer.Argument(help="CAR file, as `lineage export` writes it.")],
    store: Annotated[str, typer.Option(help="Where to put the content: directory:PATH or /ip4/…")],
) -> None:
    """Put the content in a CAR file into a store; every block is checked, and what belongs to no root is refused."""
    where = _writable(store)
    done = restore(where, file)
    note(f"{counted(done.blocks, 'block')} of {file} {'is' if done.blocks == 1 else 'are'} in {store}")
    for link in done.missing[:SHOWN_MISSING]:
        _warn(f"block {link.digest.hex()} ({cid_text(link)}) is linked, and neither in the file nor in the store")
    if len(done.missing) > SHOWN_MISSING:
        _warn(f"and {counted(len(done.missing) - SHOWN_MISSING, 'more block is', 'more blocks are')}")
    for digest in done.incomplete:
        _warn(f"root {digest.hex()} was left out, since raw blocks of it are missing")


def _writable(text: str) -> Store:
    if text.startswith(DIRECTORY):
        return DirectoryStore(Path(text.removeprefix(DIRECTORY)))
    if text.startswith("/"):
        return KuboStore(text)
    raise BadSetting(f"--store {text!r} names no store: write directory:PATH, or a daemon as {DEFAULT_ADDRESS}")


def _warn(text: str) -> None:
    out.print(plain(f"  {text}", "yellow"), soft_wrap=True)
