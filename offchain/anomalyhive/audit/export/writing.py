"""An export written: the log proven on the way, the content gathered, all of it one CAR file.

Memory holds the events, and of everything else a few blocks at a time; the log waits in a folder beside the file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from eth_utils.crypto import keccak
from web3 import Web3

from anomalyhive.audit.export.chainlog import ChainLog
from anomalyhive.audit.export.gathering import Gathering, gather
from anomalyhive.audit.export.named import named_roots
from anomalyhive.audit.export.proving import Proving
from anomalyhive.audit.export.records import Record, encoded
from anomalyhive.audit.lineage import Progress, silent
from anomalyhive.audit.reading import ask
from anomalyhive.audit.record import ChainRecord
from anomalyhive.audit.replay import replay
from anomalyhive.audit.report import Findings
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.rpc import answering
from anomalyhive.content.car import write_car
from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Contents, Export, Log, ProvenCode
from anomalyhive.content.kinds.contents import MOST_ROOTS
from anomalyhive.content.kinds.export import MOST_NODE_BYTES
from anomalyhive.content.kinds.log import MOST_BYTES
from anomalyhive.content.store import Store
from anomalyhive.content.walk import walk_among
from anomalyhive.errors import ChainFailure
from anomalyhive.ingestion.evm.account import code_hash
from anomalyhive.ingestion.evm.values import Malformed, data

STRETCH_BYTES = 1 << 22
"""A stretch of the log is closed once it has so many bytes, 4 MiB."""

CONTRACT_OF = {"token": "HiveToken", "registry": "NodeRegistry", "rules": "TaskRules", "hive": "Hive"}
"""A contract as an export names it -> as the sources do."""


@dataclass(frozen=True)
class Written:
    """What an export holds: its root, how many blocks of content and of the chain, and what is not proven in it.

    ``missing`` is content that is due and that the store does not have, ``told`` numbers the blocks that stand as
    the node told them, with the reason; ``unproven`` are the contracts whose code no proof comes with.
    """

    root: bytes
    content: int
    blocks: int
    events: int
    head: int
    missing: tuple[Link, ...]
    told: tuple[tuple[int, str], ...]
    unproven: tuple[str, ...]


def export_lineage(
    web3: Web3, deployment: Deployment, store: Store, path: Path, progress: Progress = silent
) -> Written:
    """Write the lineage of a hive to ``path``; the same state of the chain and the same content are the same file.

    Raises ChainFailure where the chain does not answer or contradicts itself, StoreUnusable where the file cannot be
    written.
    """
    with answering("eth_blockNumber"):
        chain, head = web3.eth.chain_id, web3.eth.block_number
    if chain != deployment.chain_id:
        raise ChainFailure(f"the contracts are on chain {deployment.chain_id}, and this is {chain}")
    log = ChainLog(web3, deployment, head)
    with tempfile.TemporaryDirectory(prefix=".anomalyhive-export-", dir=path.parent) as folder:
        frame = DirectoryStore(Path(folder))
        proving = Proving(log.addresses, Findings())
        stretches = tuple(_stretches(_proven(log.records(), proving, progress), frame))
        code = _proven_code(web3, deployment, proving)
        roots = named_roots(proving.events)
        progress("content", 0, len(roots))
        gathering = _gathered(deployment, proving, store, roots)
        progress("content", len(roots), len(roots))
        root = Export(
            chain=chain,
            token=log.addresses[0],
            registry=log.addresses[1],
            hive=log.addresses[2],
            verify_sums=deployment.verify_sums,
            code=code,
            log=stretches,
            contents=tuple(_lists(roots, gathering.found, frame)),
        ).publish(frame)
        count = write_car(path, [root], _blocks(frame, store, root, gathering.found))
    return Written(
        root=root,
        content=len(gathering.found),
        blocks=count - len(gathering.found),
        events=len(proving.events),
        head=head,
        missing=tuple(gathering.missing),
        told=tuple((one.number, one.why) for one in proving.told),
        unproven=tuple(name for name, one in code.items() if not one.proof),
    )


def _proven(records: Iterable[Record], proving: Proving, progress: Progress) -> Iterator[tuple[int, bytes]]:
    """The records as number and bytes, once they hold. Raises ChainFailure where the chain contradicts itself."""
    for done, record in enumerate(records):
        number = proving.take(record)
        faults = proving.findings.report().check("log").failures if done % 256 == 0 else ()
        if faults:
            break
        progress("log", done, done + 1)
        yield number, encoded(record)
    faults = proving.findings.report().check("log").failures
    if faults:
        raise ChainFailure(
            f"the chain contradicts itself, or changed while it was read: {faults[0]}; repeat the export"
        )


def _stretches(records: Iterable[tuple[int, bytes]], store: Store) -> Iterator[bytes]:
    """Publish the log; the digests of its stretches."""
    first, last, held = 0, 0, bytearray()
    for number, record in records:
        if not held:
            first = number
        last = number
        held += record
        if len(held) > MOST_BYTES:
            raise ChainFailure(f"block {number} is too large for an export: {len(record)} bytes, with those before it")
        if len(held) >= STRETCH_BYTES:
            yield Log(first, last, bytes(held)).publish(store)
            held.clear()
    if held:
        yield Log(first, last, bytes(held)).publish(store)


def _proven_code(web3: Web3, deployment: Deployment, proving: Proving) -> dict[str, ProvenCode]:
    """The contracts' code at the last block, with proofs where the chain gives any that hold."""
    head, addresses = proving.head, deployment.addresses
    last = hex(proving.stretches[-1].last)
    found = {}
    for name, contract in CONTRACT_OF.items():
        address = addresses[contract]
        code, proof = ask(web3, [("eth_getCode", [address, last]), ("eth_getProof", [address, [], last])])
        try:
            held = data(code.get("result"), "code")
        except (Malformed, AttributeError) as error:
            raise ChainFailure(f"the chain does not give the code of {contract}: {str(code)[:200]}") from error
        nodes = _nodes(proof)
        try:
            if head is None or code_hash(head.state, bytes.fromhex(address[2:]), nodes) != keccak(held):
                nodes = ()
        except Malformed:
            nodes = ()
        found[name] = ProvenCode(held, nodes)
    return found


def _nodes(answer: object) -> tuple[bytes, ...]:
    """The nodes of a proof; none where the chain gives no proof that could be one."""
    result = answer.get("result") if isinstance(answer, dict) else None
    listed = result.get("accountProof") if isinstance(result, dict) else None
    try:
        nodes = tuple(data(one, "node") for one in listed) if isinstance(listed, list) else ()
    except Malformed:
        return ()
    return nodes if all(len(one) <= MOST_NODE_BYTES for one in nodes) else ()


def _gathered(deployment: Deployment, proving: Proving, store: Store, roots: list[bytes]) -> Gathering:
    record = ChainRecord(deployment, proving.events, proving.times)
    return gather(store, replay(record, Findings()), roots)


def _lists(roots: list[bytes], found: set[Link], store: Store) -> Iterator[bytes]:
    """Publish the lists of the roots that are there; their digests."""
    there = [root for root in roots if Link(root, Codec.DAG_CBOR) in found]
    for at in range(0, max(len(there), 1), MOST_ROOTS):
        yield Contents(tuple(there[at : at + MOST_ROOTS])).publish(store)


def _blocks(frame: DirectoryStore, store: Store, root: bytes, found: set[Link]) -> Iterator[tuple[Link, bytes]]:
    """All blocks of the export in their order: those of its frame, and of the content those that were found."""
    own = set(frame.digests())
    return walk_among(_Both(frame, own, store), [root], own | found)


@dataclass(frozen=True)
class _Both:
    """Two stores read as one."""

    frame: DirectoryStore
    own: set[Link]
    store: Store

    def get(self, digest: bytes, codec: Codec) -> bytes:
        return (self.frame if Link(digest, codec) in self.own else self.store).get(digest, codec)
