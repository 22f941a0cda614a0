"""`anomalyhive lineage export`: a lineage as one file, which anyone can audit with nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Optional

import typer
from web3 import Web3

from anomalyhive.audit import opened_chain
from anomalyhive.audit.export.writing import Written, export_lineage
from anomalyhive.audit.run import at_rest
from anomalyhive.chain.deployment import Deployment
from anomalyhive.cli.console import note, out, plain
from anomalyhive.cli.hives import open_hive
from anomalyhive.content.cid import Codec, Link, cid_text
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.opening import open_stores
from anomalyhive.content.store import Store
from anomalyhive.errors import BadSetting
from anomalyhive.federation.folder import check_result
from anomalyhive.texts import counted

SHOWN_MISSING = 10

lineage = typer.Typer(help="What a hive has learned, and all that it came from.", rich_markup_mode=None)


@lineage.callback()
def _group() -> None:
    """A group, so that `export` stays a word of the command."""


@lineage.command()
def export(
    out_file: Annotated[Path, typer.Option("--out", help="CAR file to write.")],
    run: Annotated[Optional[Path], typer.Option(help="Folder of a run; instead of a chain and a store.")] = None,
    rpc: Annotated[Optional[str], typer.Option(help="URL of the chain.")] = None,
    hive: Annotated[Optional[str], typer.Option(help="Address of the hive.")] = None,
    deployment: Annotated[Optional[Path], typer.Option(help="Deployment record, instead of --hive.")] = None,
    store: Annotated[
        Optional[list[str]], typer.Option(help="Where content is: directory:PATH or /ip4/…; may come several times.")
    ] = None,
) -> None:
    """Write a lineage to one file: its content, and the log of its chain with what proves it."""
    check_result(out_file)
    if not out_file.parent.is_dir():
        raise BadSetting(f"there is no folder {out_file.parent}: make it or write elsewhere")
    with _opened(run, rpc, hive, deployment, store or []) as (web3, where, content):
        note(f"exporting the lineage of {where.hive} on chain {where.chain_id}")
        show(export_lineage(web3, where, content, out_file), out_file)


def show(written: Written, path: Path) -> None:
    """What was written, and what is not proven or not there."""
    note(
        f"{path}: {path.stat().st_size:,} bytes, {written.events:,} events up to block {written.head}, "
        f"{written.content:,} blocks of content"
    )
    note(f"root {cid_text(Link(written.root, Codec.DAG_CBOR))}")
    for number, why in written.told:
        _warn(f"block {number} stands as the chain told it, for {why}")
    for name in written.unproven:
        _warn(f"the chain gave no proof of the code of the {name}")
    for link in written.missing[:SHOWN_MISSING]:
        _warn(f"block {link.digest.hex()} ({cid_text(link)}) is in no store, or damaged")
    if len(written.missing) > SHOWN_MISSING:
        _warn(f"and {counted(len(written.missing) - SHOWN_MISSING, 'more block is', 'more blocks are')}")


def _warn(text: str) -> None:
    out.print(plain(f"  {text}", "yellow"), soft_wrap=True)


@contextlib.contextmanager
def _opened(
    run: Path | None, rpc: str | None, hive: str | None, deployment: Path | None, stores: list[str]
) -> Iterator[tuple[Web3, Deployment, Store]]:
    if run is not None:
        if rpc or hive or deployment or stores:
            raise BadSetting("--run names chain, hive and store: leave out --rpc, --hive, --deployment and --store")
        with at_rest(run):
            where = Deployment.read(run / "chain" / "deployment.json")
            with opened_chain(run) as web3:
                yield web3, where, DirectoryStore(run / "store", read_only=True)
        return
    if not rpc:
        raise BadSetting("no chain to ask: give its URL in --rpc, or the folder of a run in --run")
    content = open_stores(stores)
    web3, where = open_hive(rpc, hive, deployment)
    yield web3, where, content
