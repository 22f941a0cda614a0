"""`anomalyhive audit`: replay a lineage and say, line by line, what holds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from anomalyhive.audit import document_of
from anomalyhive.audit.export.auditing import audited_export
from anomalyhive.audit.live import audit_live
from anomalyhive.audit.rounds import ALL
from anomalyhive.audit.run import audited_run
from anomalyhive.chain.rpc import connect
from anomalyhive.cli.audit_files import Files
from anomalyhive.cli.console import note
from anomalyhive.cli.hives import open_hive
from anomalyhive.cli.summary import show_audit
from anomalyhive.content.opening import open_stores
from anomalyhive.errors import BadSetting
from anomalyhive.federation.folder import RunFolder
from anomalyhive.metrics.chunks import find_chunks


def audit(
    what: Annotated[Optional[Path], typer.Argument(help="Folder of a run, or a file of `lineage export`.")] = None,
    rpc: Annotated[
        Optional[str], typer.Option(help="URL of the chain: to audit a hive there, or to confirm a file.")
    ] = None,
    hive: Annotated[Optional[str], typer.Option(help="Address of the hive to audit.")] = None,
    deployment: Annotated[Optional[Path], typer.Option(help="Deployment record, instead of --hive.")] = None,
    store: Annotated[
        Optional[list[str]], typer.Option(help="Where content is: directory:PATH or /ip4/…; may come several times.")
    ] = None,
    shards: Annotated[
        Optional[Path], typer.Option(help="Folder of the chunks that it learned from, to count them again.")
    ] = None,
    share: Annotated[str, typer.Option(help="Share of the updates to recompute, drawn at random.")] = "100%",
    json: Annotated[Optional[Path], typer.Option(help="Also write the result here.")] = None,
    html: Annotated[Optional[Path], typer.Option(help="Also write a page for people here.")] = None,
    key: Annotated[Optional[Path], typer.Option(help="Keystore of the key to sign the result with.")] = None,
) -> None:
    """Replay a lineage from genesis. Exits with 0 only if all of it holds.

    Who signed a result, and whether it is intact, says: anomalyhive audit verify-report.
    """
    folder = RunFolder(what or Path())
    files = Files.open(json, html, key, () if what is None else (what, folder.settings, folder.progress))
    subject = Subject(what, rpc, hive, deployment, tuple(store or ()))
    result = documented(subject, share_of(share), shards, int(time.time()))
    files.write(result)
    show_audit(result)
    if not result["holds"]:
        raise typer.Exit(1)


@dataclass(frozen=True)
class Subject:
    """What is to be audited, as the options name it."""

    what: Path | None
    rpc: str | None
    hive: str | None
    deployment: Path | None
    stores: Sequence[str]


def documented(subject: Subject, recompute: int, shards: Path | None, now: int) -> dict[str, Any]:
    """The document on a subject; ``recompute`` in basis points, ``now`` in unix seconds."""
    chunks = None if shards is None else find_chunks(shards)
    what = subject.what
    if what is None:
        if not subject.rpc:
            raise BadSetting("nothing to audit: name a run or a file, or a hive by --rpc, --hive and --store")
        content = open_stores(subject.stores)
        web3, where = open_hive(subject.rpc, subject.hive, subject.deployment)
        note(f"auditing {where.hive} on chain {where.chain_id}")
        live = audit_live(web3, where, content, recompute=recompute, chunks=chunks)
        return document_of(live, now, web3, chunks=chunks is not None)
    if subject.hive or subject.deployment or subject.stores:
        raise BadSetting(
            f"{what} says which hive it is of and has its content: leave out --hive, --deployment and --store"
        )
    if what.is_dir() or not what.exists():
        if subject.rpc:
            raise BadSetting(f"the run {what} names its chain: leave out --rpc")
        note(f"auditing {what}")
        with audited_run(what, recompute=recompute, chunks=chunks) as (run, web3):
            return document_of(run, now, web3, what, chunks is not None)
    note(f"auditing {what}, {'against the chain' if subject.rpc else 'with no chain'}")
    chain = None if subject.rpc is None else connect(subject.rpc)
    with audited_export(what, recompute=recompute, chunks=chunks, web3=chain) as found:
        return document_of(found, now, chain, chunks=chunks is not None)


def share_of(text: str) -> int:
    """A share such as 10% or 0.5%, in basis points. Raises BadSetting."""
    try:
        points = Decimal(text.removesuffix("%")) * 100 if text.endswith("%") else Decimal("NaN")
        if points == int(points) and 0 <= points <= ALL:
            return int(points)
    except (InvalidOperation, ValueError):
        pass
    raise BadSetting(f"--share {text!r} is no share: write 0% to 100%, to the hundredth of a percent")
