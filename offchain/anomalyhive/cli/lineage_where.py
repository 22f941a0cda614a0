"""`anomalyhive lineage where`: who holds the content of a lineage, and what nobody holds."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from web3 import Web3

from anomalyhive.audit import opened_chain, read_record
from anomalyhive.audit.holding import Held, roots_of, whereabouts
from anomalyhive.audit.replay import replay
from anomalyhive.audit.report import Findings
from anomalyhive.audit.run import at_rest
from anomalyhive.chain.deployment import Deployment
from anomalyhive.cli.console import frame, heading, note, out, plain
from anomalyhive.cli.hives import open_hive
from anomalyhive.content.cid import Codec, Link, cid_text
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.opening import Several, open_stores
from anomalyhive.content.store import Store
from anomalyhive.errors import BadSetting
from anomalyhive.federation.folder import check_result, write_json

RUN_STORE = "the run's store"
NOBODY = "nobody"


def where(
    run: Annotated[Optional[Path], typer.Option(help="Folder of a run: its chain and its store.")] = None,
    rpc: Annotated[Optional[str], typer.Option(help="URL of the chain.")] = None,
    hive: Annotated[Optional[str], typer.Option(help="Address of the hive.")] = None,
    deployment: Annotated[Optional[Path], typer.Option(help="Deployment record, instead of --hive.")] = None,
    store: Annotated[
        Optional[list[str]], typer.Option(help="Where to look: directory:PATH or /ip4/…; may come several times.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long a daemon may ask its peers for a root.")] = 5.0,
    every: Annotated[bool, typer.Option("--every", help="Show every root, not only what nobody holds.")] = False,
    json: Annotated[Optional[Path], typer.Option(help="Also write the result here.")] = None,
) -> None:
    """Say for each root of a lineage which stores hold it, which peers provide it, and what nobody holds."""
    if not 0 < seconds <= 3600:
        raise BadSetting(f"--seconds {seconds:g} is outside 0 to 3600")
    if json is not None:
        check_result(json)
    with _opened(run, rpc, hive, deployment) as (web3, place, own):
        stores = {**own, **{text: open_stores([text]) for text in store or ()}}
        if not stores:
            raise BadSetting("no store to look into: name one in --store, as directory:PATH or /ip4/…")
        # What does not follow from the rules is for the audit to say.
        replayed = replay(read_record(web3, place), Findings())
        named = roots_of(replayed, Several(tuple(stores.values())))
        note(f"looking for {len(named):,} roots of the lineage of {place.hive} on chain {place.chain_id}")
        found = whereabouts(named, stores, seconds)
    if json is not None:
        write_json(json, {"roots": [_as_json(one) for one in found]})
    _show(found, list(stores), every)


@contextlib.contextmanager
def _opened(
    run: Path | None, rpc: str | None, hive: str | None, deployment: Path | None
) -> Iterator[tuple[Web3, Deployment, Mapping[str, Store]]]:
    """The chain, where the hive is on it, and the store that comes with a run."""
    if run is not None:
        if rpc or hive or deployment:
            raise BadSetting("--run names chain and hive: leave out --rpc, --hive and --deployment")
        with at_rest(run), opened_chain(run) as web3:
            own = {RUN_STORE: DirectoryStore(run / "store", read_only=True)}
            yield web3, Deployment.read(run / "chain" / "deployment.json"), own
        return
    if not rpc:
        raise BadSetting("no chain to ask: give its URL in --rpc, or the folder of a run in --run")
    web3, place = open_hive(rpc, hive, deployment)
    yield web3, place, {}


def _show(found: Sequence[Held], stores: Sequence[str], every: bool) -> None:
    kinds = list(dict.fromkeys(one.named.kind for one in found))
    places = {name: Counter(one.named.kind for one in found if name in one.stores) for name in stores}
    places["peers"] = Counter(one.named.kind for one in found if one.peers or one.fetched)
    places[NOBODY] = Counter(one.named.kind for one in found if one.lost)
    heading("Roots by who holds them")
    table = frame(["where"], kinds)
    for name, counts in places.items():
        table.add_row(plain(name), *(str(counts[kind]) for kind in kinds))
    table.add_row("of", *(str(sum(one.named.kind == kind for one in found)) for kind in kinds))
    out.print(table)
    for one in found:
        if one.lost or every:
            named = one.named
            at = ", ".join([*one.stores, *(f"peer {peer}" for peer in one.peers), *_fetched(one)]) or NOBODY
            what = " ".join([f"task {named.task} round {named.round}", named.kind, named.what]).rstrip()
            text = f"  {what} {cid_text(Link(named.digest, Codec.DAG_CBOR))}: {at}"
            out.print(plain(text, "yellow" if one.lost else ""), soft_wrap=True)


def _fetched(one: Held) -> list[str]:
    return [f"a peer of {name}" for name in one.fetched]


def _as_json(one: Held) -> dict[str, Any]:
    named = one.named
    return {
        "digest": named.digest.hex(),
        "cid": cid_text(Link(named.digest, Codec.DAG_CBOR)),
        "kind": named.kind,
        "task": named.task,
        "round": named.round,
        "what": named.what,
        "stores": list(one.stores),
        "peers": list(one.peers),
        "fetched": list(one.fetched),
    }
